"""Disassembles by the description: the first alias that says the same, else the instruction's own syntax.

What is printed assembles back to the same bits; where it would not, the bits are printed as a number and a
comment gives the reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...isa.errors import TraplineError
from ...isa.model.decoder import Decoder
from ...isa.model.items import Description, Form, Operand
from ..expressions.parser import ExpressionReader
from ..instructions.candidates import alias_values, slot_bits
from ..instructions.codecs import OperandCodec
from ..instructions.conditional_blocks import opened_by
from ..instructions.described import DescribedTarget
from ..instructions.encoding import Fields, FormEncoder, join
from ..instructions.entries import Entry
from ..instructions.templates import Slot, join_operands, operands_of, slots_of, write_parts
from ..target.byte_order import byte_order
from ..target.plain_values import PlainValues
from ..target.traits import InstructionSet
from ..text.diagnostics import SourceError


@dataclass(frozen=True, slots=True)
class Disassembled:
    """One instruction: `size` bytes at `address` holding `word`; `form` is empty where nothing matches.

    `reason` says why the text is a plain number, and is empty otherwise. `target` is the place in code or memory that
    an operand names, where one does (a branch, a literal).
    """

    address: int
    word: int
    size: int
    text: str
    form: str
    reason: str = ""
    target: int | None = None


class Disassembler:
    """Disassembles for one core of a description."""

    def __init__(self, target: DescribedTarget) -> None:
        self._target = target
        self._reader = target.reader(ExpressionReader(), target.elf.big_endian)
        self._sets = {s.name: s for s in target.instruction_sets}
        self._block: tuple[int, ...] = ()
        self._decoders: dict[str, Decoder] = {}
        self._places: dict[str, tuple[tuple[Operand, OperandCodec], ...]] = {}

    @property
    def description(self) -> Description:
        """The description of the core."""
        return self._target.description

    @property
    def elf_machine(self) -> int:
        """The number that ELF files have for the architecture (e_machine)."""
        return self._target.elf.machine

    def instruction_set(self, name: str = "") -> InstructionSet:
        """The instruction set called `name`, or the first one.  Raises TraplineError for another name."""
        if not name:
            return self._target.instruction_sets[0]
        if name not in self._sets:
            raise TraplineError(f"there is no instruction set '{name}'", "known: " + ", ".join(self._sets))
        return self._sets[name]

    def mapping_symbols(self) -> dict[str, str]:
        """Mapping symbols, and the instruction set that each begins (empty for data)."""
        marks = {s.mapping_symbol: s.name for s in self._sets.values() if s.mapping_symbol}
        if self._target.data_mapping_symbol:
            marks[self._target.data_mapping_symbol] = ""
        return marks

    def word(self, word: int, size: int, address: int, instruction_set: InstructionSet) -> Disassembled:
        """Disassemble one word of `size` bytes; remembers the conditional block that it may open."""
        condition = self._block[0] if self._block else None
        self._block = self._block[1:]
        form = self._decoder(instruction_set.name).decode(word, size * 8)
        if form is None:
            return self._plain(word, size, address, "no instruction has this encoding")
        encoder = self._target.table.encoders[form.name]
        fields = encoder.decode(word)
        slots = {part.name: part for entry in self._target.table.entries.get(form.name, ())
                 for part in entry.mnemonic + entry.operands if isinstance(part, Slot)}
        self._block = opened_by(encoder, fields, slots) or self._block
        text = self._text(encoder, fields, address, condition)
        if text is None:
            return self._plain(word, size, address, f"{form.instruction} has no text for these operands", form.name)
        reason = self._difference(text, form, word, size, address, instruction_set, condition)
        if reason and size > instruction_set.alignment:
            # Assemblers take the short encoding where there is one; `.w` asks for the long one.
            mnemonic, space, operands = text.partition(" ")
            wide = f"{mnemonic}.w{space}{operands}"
            if not self._difference(wide, form, word, size, address, instruction_set, condition):
                text, reason = wide, ""
        if reason:
            return self._plain(word, size, address, reason, form.name)
        return Disassembled(address, word, size, text, form.name, "", self._named_place(encoder, fields, address))

    def run(self, data: bytes, address: int, instruction_set: InstructionSet,
            big_endian: bool | None = None) -> Iterator[Disassembled]:
        """Disassemble `data` from its start, outside of any conditional block.

        A rest that is too short for an instruction becomes `.byte`.
        """
        entry = self._target.description.instruction_sets[instruction_set.name]
        unit = entry.unit // 8
        writer = self._target.writer(instruction_set.name, big_endian)
        order = byte_order(writer.big_endian)
        offset = 0
        self._block = ()
        while offset + unit <= len(data):
            word, size = int.from_bytes(data[offset : offset + unit], order), unit
            if entry.long and self._target.table.functions.call(entry.long, word)[0]:
                if offset + 2 * unit > len(data):
                    break
                second = int.from_bytes(data[offset + unit : offset + 2 * unit], order)
                word, size = word << entry.unit | second, 2 * unit
            yield self.word(word, size, address + offset, instruction_set)
            offset += size
        for index in range(offset, len(data)):
            yield Disassembled(address + index, data[index], 1, f".byte {data[index]:#04x}", "",
                               "the data ends inside an instruction")

    def _named_place(self, encoder: FormEncoder, fields: Fields, address: int) -> int | None:
        """The address that one of the operands stands for, if any."""
        form = encoder.form
        if form.name not in self._places:
            self._places[form.name] = tuple(self._place_operands(form))
        for operand, codec in self._places[form.name]:
            text = codec.write(join(fields, operand.fields, encoder.widths), address)
            if text is not None:
                return address + int(text[1:], 0) if text[0] == "." else int(text, 0)
        return None

    def _place_operands(self, form: Form) -> Iterator[tuple[Operand, OperandCodec]]:
        slots = {slot.name: slot for entry in self._target.table.entries.get(form.name, ())
                 for slot in slots_of(entry.operands)}
        for template in form.templates:
            for operand in operands_of(template.operands):
                if (operand.codec.relative or operand.codec.target) and operand.name in slots:
                    yield operand, slots[operand.name].codec

    def _decoder(self, instruction_set: str) -> Decoder:
        if instruction_set not in self._decoders:
            self._decoders[instruction_set] = Decoder(self._target.description, instruction_set)
        return self._decoders[instruction_set]

    def _text(self, encoder: FormEncoder, fields: Fields, address: int, condition: int | None) -> str | None:
        table = self._target.table
        name = encoder.form.name
        for entry in table.alias_entries.get(name, ()):
            if entry.alias is None or entry.alias.input_only:
                continue
            known = alias_values(entry, fields, table.functions)
            if known is not None and (text := _filled(entry, known, address, condition)) is not None:
                return text
        for entry in table.entries.get(name, ()):
            if (text := _filled(entry, fields, address, condition)) is not None:
                return text
        return None

    def _difference(self, text: str, form: Form, word: int, size: int, address: int,
                    instruction_set: InstructionSet, condition: int | None) -> str:
        """Why `text` does not assemble to `word`; empty if it does."""
        mnemonic, _, rest = text.partition(" ")
        self._reader.enter_block(condition)

        try:
            content = self._reader.read(mnemonic, rest, instruction_set)
            made = content if isinstance(content, bytes) else content.encode(address, PlainValues(address), size)
        except SourceError as error:
            return f"'{text}' does not assemble: {error.message}"
        writer = self._target.writer(instruction_set.name)
        if made == writer.bytes_of(word, size):
            return ""
        if made == writer.bytes_of(word & ~form.should_mask | form.should_be, size):
            return f"'{text}' with reserved bits that are not as an assembler writes them: {self._reserved(form, word)}"
        return f"'{text}' assembles to another encoding of the same instruction"

    def _reserved(self, form: Form, word: int) -> str:
        """The reserved bits of a word that are not as they should be, in the book's numbering."""
        wrong = (word ^ form.should_be) & form.should_mask
        bits = [bit for bit in reversed(range(form.length)) if wrong >> bit & 1]
        left = self.description.numbering == "left"
        return ", ".join(str(form.length - 1 - bit if left else bit) for bit in bits)

    def _plain(self, word: int, size: int, address: int, reason: str, form: str = "") -> Disassembled:
        if self._target.data_mapping_symbol:
            # Where mapping symbols tell code from data, the number has to count as code.
            directive = ".inst" if size == 4 else ".inst.n"
        else:
            directive = {2: ".short", 4: ".long"}[size]
        return Disassembled(address, word, size, f"{directive} {word:#0{2 + 2 * size}x}", form, reason)


def _filled(entry: Entry, known: Fields, address: int, condition: int | None) -> str | None:
    """The text of a template with operands put in, or None if one of them has no text."""
    bits = dict(slot_bits(entry.mnemonic + entry.operands, known, entry.encoder, condition))
    mnemonic = write_parts(entry.mnemonic, bits, known, address)
    operands = write_parts(entry.operands, bits, known, address)
    if mnemonic is None or operands is None:
        return None
    return ("".join(text for text, _ in mnemonic) + " " + join_operands(operands)).rstrip()
