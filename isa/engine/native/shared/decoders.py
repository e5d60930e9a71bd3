"""What whoever loads the decoder in native code shares with whoever writes it (see `decode_text`)."""

from __future__ import annotations

from typing import Final

Assumptions = tuple[tuple[str, int], ...]
"""Fields, each with a number in which the bits are set that stand for the values that it may have."""

PICKS: Final = "picks"
"""A table of the functions that give handlers (see `pick_symbol`), in the order of forms; decoders give its indices."""


def decoder_name(set_name: str, length: int) -> str:
    """The symbol of the decoder for instructions of `length` bits, which has the platform's calling convention."""
    return f"decode.{set_name}.{length}"
