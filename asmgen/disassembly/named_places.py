"""The places in code and memory that operands name: targets of branches, literals."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ...isa.model.items import Form, Operand
from ..instructions.codecs.codecs import OperandCodec
from ..instructions.codecs.encoding import Fields, FormEncoder, join
from ..instructions.codecs.number_codecs import NumberCodec
from ..instructions.codecs.word_bits import gathered, placements
from ..instructions.templates.candidates import MnemonicTable
from ..instructions.templates.templates import operands_of, slots_of

Place = Callable[[int, int], "int | None"]
"""The place that a word names at an address."""


class NamedPlaces:
    """Finds the operands that name places, by the form."""

    def __init__(self, table: MnemonicTable) -> None:
        self._table = table
        self._known: dict[str, tuple[tuple[Operand, OperandCodec], ...]] = {}

    def named(self, encoder: FormEncoder, fields: Fields, address: int) -> int | None:
        """The address that one of the operands stands for, if any."""
        for operand, codec in self._operands(encoder.form):
            text = codec.write(join(fields, operand.fields, encoder.widths), address)
            if text is not None:
                return address + int(text[1:], 0) if text[0] == "." else int(text, 0)
        return None

    def function(self, encoder: FormEncoder) -> Place | None:
        """`named` for words of one form; None if they never name a place."""
        operands = self._operands(encoder.form)
        if not operands:
            return None
        operand, codec = operands[0]
        if len(operands) == 1 and isinstance(codec, NumberCodec):
            return _of_number(codec, encoder, operand.fields)
        return lambda word, address: self.named(encoder, encoder.decode(word), address)

    def expression(self, encoder: FormEncoder) -> str | None:
        """`function` as Python of `word` and `address`; the word None for forms that never name a place.

        None where there is no such expression.
        """
        operands = self._operands(encoder.form)
        if not operands:
            return "None"
        operand, codec = operands[0]
        if len(operands) > 1 or not isinstance(codec, NumberCodec):
            return None
        return codec.place_expression(gathered(placements(encoder, operand.fields)))

    def _operands(self, form: Form) -> tuple[tuple[Operand, OperandCodec], ...]:
        if form.name not in self._known:
            self._known[form.name] = tuple(self._find(form))
        return self._known[form.name]

    def _find(self, form: Form) -> Iterator[tuple[Operand, OperandCodec]]:
        slots = {slot.name: slot for entry in self._table.entries_of(form.name)
                 for slot in slots_of(entry.operands)}
        for template in form.templates:
            for operand in operands_of(template.operands):
                if (operand.codec.relative or operand.codec.target) and operand.name in slots:
                    yield operand, slots[operand.name].codec


def _of_number(codec: NumberCodec, encoder: FormEncoder, names: tuple[str, ...]) -> Place:
    places = placements(encoder, names)

    def place(word: int, address: int) -> int | None:
        bits = 0
        for low, mask, up in places:
            bits |= (word >> up & mask) << low
        return codec.place(bits, address)

    return place
