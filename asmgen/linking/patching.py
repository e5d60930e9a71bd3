"""Fills an operand of an instruction that stands in memory, by the description of its form."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from ...isa.model.decoder import Decoder
from ..instructions.codecs.codecs import Misfit
from ..instructions.codecs.coded_codecs import CodedCodec
from ..instructions.codecs.encoding import Fields, FormEncoder, join, split
from ..instructions.codecs.names_codecs import NamesCodec
from ..instructions.codecs.number_codecs import NumberCodec
from ..instructions.described import DescribedTarget
from ..instructions.templates.exchange import ANNOTATION
from ..instructions.templates.templates import Slot, slots_of
from ..target.byte_order import byte_order
from .modules import LinkError


class OpenOperand(Struct, frozen=True):
    """An instruction at `address`, and the operand of it that a relocation speaks of."""

    word: int
    size: int
    instruction_set: str
    encoder: FormEncoder
    slot: Slot
    address: int

    @property
    def fields(self) -> Fields:
        """The instruction's fields."""
        return self.encoder.decode(self.word)

    @property
    def number(self) -> int:
        """What the operand says now: an address for a relative one."""
        text = self.slot.codec.write(join(self.fields, self.slot.fields, self.encoder.widths), self.address)
        if text is None:
            return self.address
        return int(text, 0)


class Patcher:
    """Reads and changes operands of a core's instructions."""

    def __init__(self, target: DescribedTarget, big_endian: bool) -> None:
        self._target, self._big = target, big_endian
        self._decoders: dict[str, Decoder] = {}
        self._bits = {s.name: s.pointer_bit for s in target.instruction_sets}

    def open(self, data: bytes | bytearray, offset: int, instruction_set: str, address: int) -> OpenOperand:
        """The instruction at `offset`.  Raises LinkError if it has no operand that a linker could fill in."""
        entry = self._target.description.instruction_sets[instruction_set]
        unit, order = entry.unit // 8, self._order(instruction_set)
        word, size = int.from_bytes(data[offset : offset + unit], order), unit
        if entry.long and self._target.table.functions.call(entry.long, word)[0]:
            word = entry.joined(word, int.from_bytes(data[offset + unit : offset + 2 * unit], order))
            size *= 2
        form = self._decoder(instruction_set).decode(word, size * 8)
        if form is None:
            raise LinkError(f"{word:#x} is no instruction of {self._target.name}", "compile it for this core")
        return OpenOperand(word, size, instruction_set, self._target.table.encoders[form.name],
                           self._slot(form.name), address)

    def fill(self, data: bytearray, offset: int, opened: OpenOperand, value: int, is_function: bool) -> None:
        """Put `value` into the operand; a call of a function of the other instruction set changes it.

        Raises LinkError where the value does not fit, or no instruction changes the set.
        """
        encoder, slot, fields = opened.encoder, opened.slot, opened.fields
        notes = encoder.form.annotations.get(ANNOTATION, {})
        own = self._bits[opened.instruction_set]
        if is_function and notes and (value & 1 != own) != ("stay" in notes):
            partner = str(notes.get("stay" if "stay" in notes else "exchange", ""))
            if not partner:
                raise LinkError("this branch cannot change the instruction set", "call the function with bl")
            encoder, slot = self._target.table.encoders[partner], self._slot(partner)
            fields = {name: fields.get(name, self._unwritten(partner, name)) for name in encoder.widths}
        if is_function or any(self._bits.values()):
            value &= ~1
        codec = slot.codec
        assert isinstance(codec, NumberCodec | CodedCodec)
        try:
            bits = codec.encode(value, opened.address, False)
        except Misfit as error:
            raise LinkError(error.message.replace("%s", slot.name), error.hint) from error
        fields.update(split(bits, slot.fields, encoder.widths))
        word = encoder.encode(fields)
        if word is None:
            raise LinkError(f"{encoder.form.instruction} does not allow this operand", "")
        writer = self._target.writer(opened.instruction_set, self._big)
        data[offset : offset + opened.size] = writer.bytes_of(word, opened.size)

    def fill_number(self, data: bytearray, offset: int, opened: OpenOperand, value: int) -> None:
        """Put a plain number into the operand."""
        codec = opened.slot.codec
        assert isinstance(codec, NumberCodec | CodedCodec)
        fields = opened.fields
        fields.update(split(codec.encode(value, opened.address, True), opened.slot.fields, opened.encoder.widths))
        word = opened.encoder.encode(fields)
        assert word is not None
        data[offset : offset + opened.size] = self._target.writer(opened.instruction_set, self._big).bytes_of(
            word, opened.size)

    def _order(self, instruction_set: str) -> Literal["big", "little"]:
        return byte_order(self._target.writer(instruction_set, self._big).big_endian)

    def _decoder(self, instruction_set: str) -> Decoder:
        if instruction_set not in self._decoders:
            self._decoders[instruction_set] = Decoder(self._target.description, instruction_set)
        return self._decoders[instruction_set]

    def _slot(self, form: str) -> Slot:
        fields = self._target.relocations
        encoder = self._target.table.encoders[form]
        for entry in self._target.table.entries_of(form):
            for slot in slots_of(entry.operands):
                known = slot.name in fields or encoder.form.instruction in fields
                if known and isinstance(slot.codec, NumberCodec | CodedCodec):
                    return slot
        raise LinkError(f"'{encoder.form.instruction}' has no operand that a linker can fill in", "")

    def _unwritten(self, form: str, field: str) -> int:
        """The value of a field that the text of `form` leaves out, such as the condition of one without."""
        for entry in self._target.table.entries_of(form):
            for part in entry.mnemonic:
                if isinstance(part, Slot) and part.fields == (field,) and isinstance(part.codec, NamesCodec):
                    return part.codec.values.get("", 0)
        return 0
