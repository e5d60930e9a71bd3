"""The instructions of a core for a generator: what each is made of, what it does, and random instances of it."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from ...isa.errors import TraplineError
from ...isa.model.items import Field, Form
from ..instructions.codecs.encoding import split
from ..instructions.templates.alias_values import slot_bits
from ..instructions.templates.entries import Entry
from ..instructions.templates.templates import Choice, Part, Slot
from ..instructions.templates.written_parts import join_operands, write_parts
from .bit_layouts import BitLayout
from .body_facts import MemoryAccess
from .operands import OperandInfo
from .values import Memory, Value, arguments_of, memory_text, part_text, variants

_TRIES = 400


@dataclass(frozen=True, slots=True)
class Drawn:
    """A random instance: `encode(mnemonic, *operands)` makes `word` of it again; `text` is the whole statement.

    `bits` are the operands' values by name, as they stand in the word.
    """

    mnemonic: str
    operands: tuple[Value, ...]
    word: int
    text: str
    bits: dict[str, int]


@dataclass(frozen=True)
class InstructionInfo:
    """An encoding of an instruction with its syntax (one for each case of its operands).

    `length` is in bytes. `features` are what a core needs to have it. `privilege` lists the rights that its body
    asks for (names of the description's functions: `supervisor`, `hypervisor`; empty for one of problem state);
    `spaces` are numbered spaces of registers, whose registers have rights of their own. `reads` and `writes` are
    registers that it may touch; `memory` what it may access, with sizes in bytes. `operands` come in the order of the
    syntax, those of the mnemonic (a condition) first. `constraints` are what the architecture leaves out, in words.
    """

    name: str
    instruction: str
    title: str
    instruction_set: str
    length: int
    format: str
    syntax: str
    features: tuple[str, ...]
    privilege: tuple[str, ...]
    spaces: tuple[str, ...]
    may_raise: bool
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    memory: tuple[MemoryAccess, ...]
    operands: tuple[OperandInfo, ...]
    constraints: tuple[str, ...]
    layout: BitLayout
    form: Form
    _entry: Entry
    _makes: Callable[[Drawn, Form, int], bool]
    _all_spellings: Callable[[Collection[str]], frozenset[str]]

    def operand(self, name: str) -> OperandInfo:
        """An operand by its name.  Raises TraplineError."""
        for one in self.operands:
            if one.name == name:
                return one
        raise TraplineError(f"'{self.name}' has no operand '{name}'",
                            "it has: " + ", ".join(one.name for one in self.operands))

    @property
    def flags(self) -> tuple[Field, ...]:
        """Fields that choose among spellings, such as Rc and OE of Power and S of Arm."""
        names = _flag_fields(self._entry.mnemonic + self._entry.operands)
        return tuple(one for one in self.form.fields if one.name in names)

    def random_operands(
        self,
        rng: random.Random,
        exclude: Collection[str] = (),
        address: int = 0,
        flags: Mapping[str, int] = MappingProxyType({}),
    ) -> Drawn:
        """An instance with random operands, none of which is one of `exclude` (registers, conditions, by any name).

        Operands that name addresses are drawn around `address`; `flags` gives values to fields of `flags`, the others
        are drawn.  Raises TraplineError where `exclude` and `flags` leave nothing, or name what there is not.
        """
        known = [one.name for one in self.flags]
        for name in flags:
            if name not in known:
                raise TraplineError(f"'{self.name}' has no flag '{name}'", f"it has: {', '.join(known) or 'none'}")
        exclude = self._all_spellings(exclude)
        for _ in range(_TRIES):
            drawn = self._attempt(rng, exclude, address, flags)
            if drawn is None:
                continue
            # Where there is a short encoding as well, `.w` asks for the long one.
            mnemonic = f"{drawn.mnemonic}.w"
            wide = replace(drawn, mnemonic=mnemonic, text=drawn.text.replace(drawn.mnemonic, mnemonic, 1))
            for one in (drawn, wide):
                if self._makes(one, self.form, address):
                    return one
        raise TraplineError(f"no operands of '{self.name}' were found that are not excluded",
                            "exclude less, or leave this instruction out")

    def _attempt(
        self, rng: random.Random, exclude: Collection[str], address: int, flags: Mapping[str, int]
    ) -> Drawn | None:
        encoder = self._entry.encoder
        fields = {one.name: rng.getrandbits(one.width) for one in self.flags}
        fields |= flags
        for one in self.operands:
            value = one.draw(rng, exclude, address)
            if value is None:
                return None
            fields |= split(value, one.fields, encoder.widths)
        for name, values in _only(self.form).items():
            fields[name] = fields[name] if flags.get(name) in values else rng.choice(values)
        for name, other in _alike(self.form):
            if name in fields:
                fields[other] = fields[name]
        word = encoder.encode(fields)
        return None if word is None else self.instance(word, address, exclude)

    def instance(self, word: int, address: int = 0, exclude: Collection[str] = ()) -> Drawn | None:
        """The instance that a word of this form is; None where its operands have no text, or one is excluded."""
        encoder = self._entry.encoder
        fields = encoder.decode(word)
        parts = self._entry.mnemonic + self._entry.operands
        bits = dict(slot_bits(parts, fields, encoder, None))
        mnemonic = write_parts(self._entry.mnemonic, bits, fields, address)
        operands = write_parts(self._entry.operands, bits, fields, address)
        if mnemonic is None or operands is None:
            return None
        if any(text in exclude for text, _ in (*mnemonic, *operands)) or not self._is_said(fields):
            return None
        if any(one.kind == "register list" and one.text(bits[one.name], address) is None
               for one in self.operands if one.name in bits):
            return None
        chosen = _chosen(self._entry.operands, fields)
        kinds = {one.name: one.kind in ("register", "name") for one in self.operands}
        values = tuple(_value(argument, bits, fields, address, kinds) for argument in arguments_of(chosen))
        name = "".join(text for text, _ in mnemonic)
        text = f"{name} {join_operands(operands)}".rstrip()
        return Drawn(name, values, word, text, bits)

    def _is_said(self, fields: dict[str, int]) -> bool:
        """Whether the syntax says every free field: what it leaves out is as an assembler would write it."""
        parts = self._entry.mnemonic + self._entry.operands
        slots = (part for part in _chosen(parts, fields) if isinstance(part, Slot))
        said = {name for slot in slots for name in slot.fields} | _flag_fields(parts)
        return all(fields[one.name] == 0 for one in self.form.fields
                   if one.fixed < 0 and one.name not in said and not _overlaps(self.form, one.name, said))


def _only(form: Form) -> dict[str, list[int]]:
    """Fields that may have a few values only: those that an exclusion of all others names."""
    found: dict[str, list[int]] = {}
    for clause in form.excludes:
        values = [one.right for one in clause if isinstance(one.right, int) and not one.equal]
        if len({one.left for one in clause}) == 1 and len(values) == len(clause):
            found[clause[0].left] = values
    return found


def _alike(form: Form) -> list[tuple[str, str]]:
    """Fields that are equal in every word of the form: pairs that an exclusion of different ones names."""
    alone = [clause[0] for clause in form.excludes if len(clause) == 1]
    return [(one.left, one.right) for one in alone if isinstance(one.right, str) and not one.equal]


def _overlaps(form: Form, name: str, said: Collection[str]) -> bool:
    """Whether the bits of a field are also bits of fields that the syntax says."""
    def mask(field_name: str) -> int:
        return sum(((1 << piece.width) - 1) << piece.word_low
                   for one in form.fields if one.name == field_name for piece in one.pieces)

    covered = form.mask
    for one in said:
        covered |= mask(one)
    return not mask(name) & ~covered


def _flag_fields(parts: tuple[Part, ...]) -> set[str]:
    found: set[str] = set()
    for part in parts:
        if isinstance(part, Choice):
            found |= {part.field} | _flag_fields(part.parts)
    return found


def _chosen(parts: tuple[Part, ...], fields: dict[str, int]) -> tuple[Part, ...]:
    """The literals and slots that stand there for these fields."""
    chosen: list[Part] = []
    for part in parts:
        if not isinstance(part, Choice):
            chosen.append(part)
        elif fields.get(part.field) == part.value:
            chosen += _chosen(part.parts, fields)
    return tuple(chosen)


def _value(
    parts: tuple[Part, ...], bits: dict[str, int], fields: dict[str, int], address: int, is_name: dict[str, bool]
) -> Value:
    """The value of one argument: a number or a memory operand where it is one, else its text."""
    texts = write_parts(parts, bits, fields, address)
    assert texts is not None
    text = join_operands(texts)
    slots = [part for part in parts if isinstance(part, Slot)]
    if len(slots) == 1 and text.lstrip("#-").isdigit() and not text.endswith("-0"):
        return int(text.lstrip("#"))
    return _memory(parts, text, {slot.name: slot.codec.write(bits[slot.name], address) or "" for slot in slots},
                   is_name) or text


def _memory(parts: tuple[Part, ...], text: str, texts: dict[str, str], is_name: dict[str, bool]) -> Memory | None:
    """The memory operand that is written as `text`, or None."""
    registers = [name for name in texts if is_name[name]]
    numbers = [name for name in texts if not is_name[name]]
    if not registers or len(registers) > 2 or "-0" in texts.values():
        return None
    write_back = any("!" in part_text(part) for part in parts)
    index = texts[registers[1]] if len(registers) == 2 else ""
    offset = int(texts[numbers[0]]) if numbers and not index else 0
    memory = Memory(texts[registers[0]], offset, index, "", write_back)
    written = memory_text(memory, parts, is_name)
    return memory if written is not None and written.replace(" ", "") == text.replace(" ", "") else None


def shapes(parts: tuple[Part, ...]) -> Sequence[list[tuple[Part, ...]]]:
    """The arguments of each way in which the operands of a template may be written."""
    return [arguments_of(one) for one in variants(parts)]
