"""What an alias says of an instruction's fields, and the bits of operands: the way from words to text."""

from __future__ import annotations

from collections.abc import Iterator

from ....isa.model.items import Literal
from ..codecs.encoding import Fields, FormEncoder, join
from ..codecs.functions import DescribedFunctions
from .conditional_blocks import ambient_bits
from .entries import Entry
from .templates import Part, Slot


def alias_values(entry: Entry, fields: Fields, functions: DescribedFunctions) -> Fields | None:
    """The fields and the alias's own operands if the alias says the same as `fields`, else None."""
    alias = entry.alias
    if alias is None:
        return fields
    known = dict(fields)
    for operand in alias.operands:
        known[operand.name] = functions.call(operand.decode, *(fields[name] for name in operand.fields))[0]
    for setting in alias.settings:
        if functions.call(setting.function, *(known[name] for name in setting.arguments))[0] != fields[setting.field]:
            return None
    if alias.when and not functions.call(alias.when, *(known[name] for name in alias.when_arguments))[0]:
        return None
    return known


def slot_bits(
    parts: tuple[Part, ...], known: Fields, encoder: FormEncoder, condition: int | None
) -> Iterator[tuple[str, int]]:
    """Name and bits of every operand in `parts`; an ambient one has the `condition` (None outside a block)."""
    for part in parts:
        if isinstance(part, Slot):
            if part.fields and all(name in encoder.widths for name in part.fields):
                yield part.name, join(known, part.fields, encoder.widths)
            elif part.is_ambient:
                yield part.name, ambient_bits(part, condition)
            else:
                yield part.name, known[part.name]
        elif not isinstance(part, Literal):
            yield from slot_bits(part.parts, known, encoder, condition)
