"""The fields of an instruction word, as the book draws them: bits, name, value, and what an operand says with it."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from ..catalog.bit_layouts import layout_of_form
from .disassembler import Disassembled, Disassembler


class FieldRow(Struct, frozen=True):
    """A field of a word: `book` is its bits in the architecture's numbering, `bits` their pattern."""

    name: str
    book: str
    bits: str
    value: int
    fixed: bool


def field_rows(disassembler: Disassembler, one: Disassembled) -> list[FieldRow]:
    """The fields of an instruction, from the most significant on; none where no form has the word."""
    form = disassembler.description.forms.get(one.form)
    if form is None:
        return []
    layout = layout_of_form(disassembler.description, form)
    values = layout.take_apart(one.word)
    return [FieldRow(place.name, place.book, f"{values[place.name]:0{place.width}b}", values[place.name],
                     place.fixed is not None) for place in layout.fields]


def field_lines(disassembler: Disassembler, one: Disassembled) -> Iterator[str]:
    """Lines of text that show the fields below an instruction."""
    form = disassembler.description.forms.get(one.form)
    if form is None:
        return
    yield f"{'':16}{form.name}  \"{form.title}\""
    rows = field_rows(disassembler, one)
    width = max((len(row.book) for row in rows), default=0)
    names = max((len(row.name) for row in rows), default=0)
    for row in rows:
        note = "  (fixed)" if row.fixed else ""
        yield f"{'':16}{row.book:>{width}}  {row.name:{names}}  {row.bits}  {row.value:#x}{note}"
