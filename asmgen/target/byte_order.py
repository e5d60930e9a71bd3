"""The two byte orders by name."""

from __future__ import annotations

from typing import Literal


def byte_order(big_endian: bool) -> Literal["big", "little"]:
    """The order as `int.to_bytes` names it."""
    return "big" if big_endian else "little"
