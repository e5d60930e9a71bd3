"""Syntax templates filled in."""

from __future__ import annotations

from collections.abc import Mapping

from ....isa.model.items import Literal
from .templates import Choice, Part


def write_parts(
    parts: tuple[Part, ...],
    bits_of: Mapping[str, int],
    fields: Mapping[str, int],
    address: int,
) -> list[tuple[str, bool]] | None:
    """The texts of `parts` with whether each is a punctuation mark; None if an operand has no text."""
    texts: list[tuple[str, bool]] = []
    for part in parts:
        if isinstance(part, Literal):
            texts.append((part.text, not part.word))
        elif isinstance(part, Choice):
            if fields.get(part.field) == part.value:
                inner = write_parts(part.parts, bits_of, fields, address)
                if inner is None:
                    return None
                texts += inner
        else:
            text = part.codec.write(bits_of[part.name], address)
            if text is None:
                return None
            texts.append((text, False))
    return texts


def join_operands(texts: list[tuple[str, bool]]) -> str:
    """Operand texts in the usual spacing: one blank behind a comma and between words."""
    out = ""
    glued = True
    for text, is_mark in texts:
        if (is_mark and text[:1] not in "#{[") or glued or not text:
            out += text
        else:
            out += ("" if out.endswith(" ") else " ") + text
        if text:
            glued = is_mark and not text.endswith((",", "}"))
        if is_mark and text.endswith(","):
            out += " "
            glued = True
    return out.rstrip()
