"""The catalog of a core: its instructions, one word at a time, and its words and structures as values."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from ...isa.errors import TraplineError
from ...isa.model.decoder import Decoder
from ...isa.model.items import Form
from ..expressions.parser import ExpressionReader
from ..expressions.tree import Expression
from ..instructions.described import DescribedTarget
from ..instructions.templates.entries import Entry
from ..instructions.templates.templates import Slot, operands_of, slots_of
from ..target.plain_values import PlainValues
from ..text.diagnostics import SourceError, did_you_mean
from .bit_layouts import BitLayout, layout_of_form, layouts_of
from .body_facts import LOOP, BodyFacts, Facts
from .instructions import Drawn, InstructionInfo
from .memory_operands import memory_operand_text
from .operands import OperandInfo, constraints_of, kind_of, names_of, range_of
from .values import Memory, Value, checked_text

UNWRITTEN = "unwritten"
"""`@unwritten` at an instruction: no text of an assembler makes its words, though a core has them."""


@dataclass(frozen=True, slots=True, order=True)
class SpaceRegister:
    """A register of a numbered space: `read` and `write` are its rights (empty: not allowed)."""

    keys: tuple[int, ...]
    register: str
    read: str
    write: str


class Catalog:
    """What a description says, for programs that generate programs."""

    def __init__(self, target: DescribedTarget) -> None:
        self._target = target
        self._description = target.description
        self._facts = BodyFacts(target.description)
        self._reader = target.reader(ExpressionReader(_no_name), target.elf.big_endian)
        self._decoders = {name: Decoder(target.description, name) for name in target.description.instruction_sets}
        self._sets = {one.name: one for one in target.instruction_sets}

    # ------------------------------------------------------------------ instructions

    @cached_property
    def instructions(self) -> tuple[InstructionInfo, ...]:
        """Every encoding that some text makes, in the order of the description."""
        return tuple(self._information(form) for form in self._description.forms.values()
                     if form.templates and UNWRITTEN not in form.annotations)

    def instruction(self, name: str) -> InstructionInfo:
        """The encoding called `name`, or the first one of the instruction of that name.  Raises TraplineError."""
        found = [one for one in self.instructions if name in (one.name, one.instruction)]
        if not found:
            raise TraplineError(f"{self._target.name} has no instruction '{name}'",
                                did_you_mean(name, [one.name for one in self.instructions]))
        return found[0]

    @cached_property
    def rights(self) -> frozenset[str]:
        """The functions that registers name as their rights, and those that `@catalog(privilege = …)` lists."""
        named = str(self._description.annotations.get("catalog", {}).get("privilege", "")).split()
        return frozenset(named) | {right for register in self._description.registers.values()
                                   for access in register.accesses for right in (access.read, access.write) if right}

    def _information(self, form: Form) -> InstructionInfo:
        facts = self._facts.of_form(form)
        entry = self._target.table.entries_of(form.name)[0]
        return InstructionInfo(
            form.name, form.instruction, form.title, form.instruction_set, form.length // 8, form.format,
            entry.template.source.strip(), form.requires, tuple(sorted(facts.called & self.rights)),
            tuple(sorted(facts.spaces)), form.may_raise, form.reads, form.writes, tuple(sorted(facts.memory)),
            tuple(self._operands(form, entry, facts)), tuple(_exclusions(form)),
            layout_of_form(self._description, form), form, entry, self._makes,
            self._all_spellings)

    def _operands(self, form: Form, entry: Entry, facts: Facts) -> Iterator[OperandInfo]:
        parts = entry.mnemonic + entry.operands
        slots = {slot.name: slot for slot in slots_of(parts)}
        always = {slot.name for slot in parts if isinstance(slot, Slot)}
        seen: set[str] = set()
        for operand in operands_of(entry.template.mnemonic + entry.template.operands):
            if operand.name in seen:
                continue
            seen.add(operand.name)
            codec = operand.codec
            keys = (LOOP, *operand.fields) if codec.kind == "set" else operand.fields
            accesses = {access for name in keys for access in facts.indexed.get(name, ())}
            roles = {access.role for access in accesses}
            registers = tuple(sorted({access.register for access in accesses}))
            names = names_of(self._description, codec, operand.width)
            title = self._description.names[codec.names].title if codec.names else ""
            yield OperandInfo(
                operand.name, kind_of(codec, registers), title, " and ".join(sorted(roles)), registers, names,
                range_of(codec, operand.width), operand.fields, operand.width, operand.name not in always,
                constraints_of(codec, operand, names), slots[operand.name].codec)

    # ------------------------------------------------------------------ words

    def encode(self, mnemonic: str, *operands: Value, instruction_set: str = "", address: int = 0) -> int:
        """The word of one instruction at `address` (T32: the first halfword in the upper half of a long one).

        Raises TraplineError with the number of the operand that does not do; an operand is never more than one.
        """
        chosen = self._sets[instruction_set] if instruction_set else self._target.instruction_sets[0]
        shown = " ".join([mnemonic, ", ".join(str(one) for one in operands)]).strip()
        texts = [self._text(mnemonic, number, one, operands, chosen.name) for number, one in enumerate(operands)]
        self._reader.enter_block(None)
        try:
            made = self._reader.read(mnemonic, ", ".join(texts), chosen)
            code = made if isinstance(made, bytes) else made.encode(address, PlainValues(address), 0)
        except SourceError as error:
            raise TraplineError(f"'{shown}': {error.message}", error.hint or None) from error
        writer = self._target.writer(chosen.name)
        units = [code[at : at + writer.unit] for at in range(0, len(code), writer.unit)]
        return int.from_bytes(b"".join(unit if writer.big_endian else unit[::-1] for unit in units), "big")

    def _text(
        self, mnemonic: str, number: int, value: Value, operands: tuple[Value, ...], instruction_set: str
    ) -> str:
        if isinstance(value, Memory):
            return memory_operand_text(self._target, mnemonic, number, value, len(operands), instruction_set)
        return checked_text(str(value), f"operand {number + 1}")

    def _all_spellings(self, texts: Collection[str]) -> frozenset[str]:
        """All texts that name what these name (`r13` is `sp`).  Raises TraplineError for one that names nothing."""
        found: set[str] = set()
        for text in texts:
            same = self._spellings.get(text.lower())
            if same is None and not text.lstrip("-").isdigit():
                raise TraplineError(f"{self._target.name} has no register or name '{text}' to exclude",
                                    did_you_mean(text, self._spellings))
            found |= {text} | (same or set())
        return frozenset(found)

    @cached_property
    def _spellings(self) -> Mapping[str, set[str]]:
        """By each name that an operand may have, all that one of its lists has for the same value."""
        found: dict[str, set[str]] = {}
        for entry in self._description.names.values():
            for spellings in entry.spellings:
                for spelling in spellings:
                    found.setdefault(spelling.lower(), set()).update(spellings)
        return found

    def _makes(self, drawn: Drawn, form: Form, address: int) -> bool:
        """Whether an instance is of its form, and encoded as the word that it was drawn as."""
        instruction_set = form.instruction_set
        if self._decoders[instruction_set].decode(drawn.word, form.length) is not form:
            return False
        try:
            return self.encode(drawn.mnemonic, *drawn.operands, instruction_set=instruction_set,
                               address=address) == drawn.word
        except TraplineError:
            return False

    def registers(self, space: str) -> tuple[SpaceRegister, ...]:
        """The registers of a numbered space (SPR, CP15) with their numbers and rights, by number.

        Raises TraplineError where there is no such space.
        """
        spaces = {access.space for register in self._description.registers.values() for access in register.accesses}
        if space not in spaces:
            raise TraplineError(f"{self._target.name} has no space of registers '{space}'",
                                f"it has: {', '.join(sorted(spaces))}")
        return tuple(sorted(
            SpaceRegister(access.keys, register.name, access.read, access.write)
            for register in self._description.registers.values()
            for access in register.accesses if access.space == space))

    # ------------------------------------------------------------------ words and structures as values

    @cached_property
    def layouts(self) -> Mapping[str, BitLayout]:
        """Bit fields and registers with fields, by name: what is kept in registers and in memory."""
        return layouts_of(self._description)

    def layout(self, name: str) -> BitLayout:
        """A bit field, a register with fields, or a form of an instruction.  Raises TraplineError."""
        if name in self.layouts:
            return self.layouts[name]
        form = self._description.forms.get(name)
        if form is None:
            raise TraplineError(f"{self._target.name} has no words called '{name}'",
                                did_you_mean(name, [*self.layouts, *self._description.forms]))
        return layout_of_form(self._description, form)


def _no_name(name: str, offset: int) -> Expression:
    raise SourceError(f"'{name}' is a name, and a single word has no symbols", offset, "give its number")


def _exclusions(form: Form) -> Iterator[str]:
    for clause in form.excludes:
        yield "not " + " and ".join(f"{one.left} {'=' if one.equal else '≠'} {one.right}" for one in clause)
