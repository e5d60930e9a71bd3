"""Encodings as diagrams: of characters, and as SVG."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from xml.sax.saxutils import escape

from ...model import items as model

_BIT: Final = 22
"""Width of a bit in an SVG."""


def boxes(form: model.Form) -> Iterator[tuple[int, int, str]]:
    """The word from its most significant bit on: (lowest bit, width, what stands there)."""
    at = form.length
    owner: dict[int, tuple[str, int, int]] = {}
    for field in form.fields:
        for piece in field.pieces:
            for bit in range(piece.width):
                owner[piece.word_low + bit] = (field.name, piece.word_low, piece.width)
    while at:
        bit = at - 1
        if bit in owner:
            name, low, width = owner[bit]
            mask = ((1 << width) - 1) << low
            if form.mask & mask == mask:
                name = f"{name}={form.match >> low & ((1 << width) - 1)}"
            yield low, width, name
            at = low
            continue
        kind = _kind(form, bit)
        low = bit
        while low and low - 1 not in owner and _kind(form, low - 1) == kind:
            low -= 1
        width = bit - low + 1
        mask = (1 << width) - 1
        value = (form.match if kind == "fixed" else form.should_be) >> low & mask
        text = f"{value:0{width}b}" if kind != "free" else "?" * width
        yield low, width, f"({text})" if kind == "should be" else text
        at = low


def _kind(form: model.Form, bit: int) -> str:
    return "fixed" if form.mask >> bit & 1 else "should be" if form.should_mask >> bit & 1 else "free"


def book_bit(bit: int, length: int, numbering: str) -> int:
    """A bit counted from the right as the architecture's book counts it."""
    return length - 1 - bit if numbering == "left" else bit


def diagram_text(form: model.Form, numbering: str) -> str:
    """Three lines: bit numbers as the book has them, and what stands there."""
    numbers, names = [], []
    for low, width, text in boxes(form):
        first, last = (book_bit(bit, form.length, numbering) for bit in (low + width - 1, low))
        span = f"{first}" if width == 1 else f"{first}:{last}"
        size = max(len(span), len(text))
        numbers.append(span.center(size))
        names.append(text.center(size))
    rule = "+".join("-" * (len(one) + 2) for one in names)
    return "\n".join(["  " + "   ".join(numbers),
                      f"+{rule}+", f"| {' | '.join(names)} |", f"+{rule}+"])  # fmt: skip


def diagram_svg(form: model.Form, numbering: str) -> str:
    """The same as a picture; it takes the colour of the text around it."""
    width = form.length * _BIT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width + 2} 52" width="{width + 2}" height="52" '
        f'role="img" aria-label="{escape(form.name)}: encoding" font-family="monospace" font-size="12">'
    ]
    for low, bits, text in boxes(form):
        left, size = (form.length - low - bits) * _BIT + 1, bits * _BIT
        first, last = (book_bit(bit, form.length, numbering) for bit in (low + bits - 1, low))
        parts.append(
            f'<rect x="{left}" y="18" width="{size}" height="26" fill="none" stroke="currentColor"/>'
            f'<text x="{left + size / 2:g}" y="35" text-anchor="middle" fill="currentColor"'
            + (f' textLength="{size - 4}" lengthAdjust="spacingAndGlyphs"' if len(text) * 7.3 > size - 4 else "")
            + f">{escape(text)}</text>"
            f'<text x="{left + 3}" y="13" font-size="9" fill="currentColor">{first}</text>'
        )
        if bits > 1:
            parts.append(
                f'<text x="{left + size - 3}" y="13" font-size="9" text-anchor="end" fill="currentColor">{last}</text>'
            )
    return "".join([*parts, "</svg>"])
