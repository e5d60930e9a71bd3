"""Where the bits of fields stand in an instruction word, and Python expressions that gather them."""

from __future__ import annotations

from collections.abc import Iterable

from .encoding import FormEncoder

Placement = tuple[int, int, int]
"""Bits of a value: how far down they stand in it, a mask for them, and how far up they stand in the instruction."""


def placements(encoder: FormEncoder, names: Iterable[str]) -> tuple[Placement, ...]:
    """Where the bits of the concatenation of fields (the first one most significant) stand in the instruction."""
    fields = {field.name: field for field in encoder.form.fields}
    places: list[Placement] = []
    below = 0
    for name in reversed(tuple(names)):
        places += [(below + piece.field_low, (1 << piece.width) - 1, piece.word_low) for piece in fields[name].pieces]
        below += fields[name].width
    return tuple(places)


def mask_of(places: Iterable[Placement]) -> int:
    """The bits of the instruction that the places take."""
    mask = 0
    for _, bits, up in places:
        mask |= bits << up
    return mask


def put_at(bits: int, places: Iterable[Placement]) -> int:
    """The word whose bits at the places are a value's, and else zeros."""
    word = 0
    for low, mask, up in places:
        word |= (bits >> low & mask) << up
    return word


def bit_of(places: Iterable[Placement], number: int) -> int:
    """The bit of the instruction that is bit `number` of the value; 0 if it stands nowhere."""
    return next(((1 << up + number - low) for low, bits, up in places if bits << low >> number & 1), 0)


def gathered(places: Iterable[Placement], word: str = "word") -> str:
    """A Python expression for the value, of the instruction in the variable `word`."""
    terms = []
    for low, bits, up in places:
        term = f"({word} >> {up} & {bits:#x})" if up else f"({word} & {bits:#x})"
        terms.append(f"({term} << {low})" if low else term)
    return " | ".join(terms) if terms else "0"
