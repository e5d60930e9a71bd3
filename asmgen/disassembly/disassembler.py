"""Disassembles by the description: the first alias that says the same, else the instruction's own syntax.

What is printed assembles back to the same bits; where it would not, the bits are printed as a number and a
comment gives the reason.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from struct import unpack

from msgspec import Struct

from ...isa.errors import TraplineError
from ...isa.model.decoder import Decoder
from ...isa.model.items import Description, Form
from ..expressions.parser import ExpressionReader
from ..instructions.codecs.encoding import FormEncoder
from ..instructions.described import DescribedTarget
from ..instructions.plans.kinds import KindsOfSpellings
from ..instructions.plans.readings import certain_reading
from ..instructions.templates.conditional_blocks import ANNOTATION, opened_by
from ..instructions.templates.entries import Entry
from ..instructions.templates.templates import Slot, shape_of
from ..target.byte_order import byte_order
from ..target.plain_values import PlainValues
from ..target.traits import InstructionSet
from ..text.diagnostics import SourceError
from .kept_plans import KeptPlans
from .named_places import NamedPlaces
from .plans import make_plan, says_first
from .routes import Routes
from .writing import entries_that_say, filled
from .written_words import Plan

MAX_REMEMBERED = 1 << 18
"""Words whose text is remembered."""
Row = tuple[int, int, int, str, str, str, "int | None"]
"""What a `Disassembled` says, in its order."""


class Disassembled(Struct, frozen=True):
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

    def __init__(self, target: DescribedTarget, uses_plans: bool = True) -> None:
        """`uses_plans`: words like one that has been written and read back are written by its plan (`plans`)."""
        self._target = target
        self._uses_plans = uses_plans
        self.written_by_plan = 0
        """Words that a plan has written so far."""
        self._expressions = ExpressionReader()
        self._reader = target.reader(self._expressions, target.elf.big_endian)
        self._kinds = KindsOfSpellings(target.table)
        self._sets = {s.name: s for s in target.instruction_sets}
        self._block: tuple[int, ...] = ()
        self._decoders: dict[str, Decoder] = {}
        self._places = NamedPlaces(target.table)
        self._opens: dict[str, dict[str, Slot]] = {}
        self._written: dict[tuple[str, int], dict[int, tuple[str, str, int | None]]] = defaultdict(dict)

    @cached_property
    def _routes(self) -> Routes:
        return Routes(self._target.table, KeptPlans(self.description))

    def keep_plans(self) -> None:
        """Keep what has been learned of writing words, in the user's cache directory, for later runs."""
        self._routes.keep()

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
        form = self._decoder(instruction_set.name).decode(word, size * 8)
        return Disassembled(*self._row(form, word, size, address, instruction_set))

    def run(self, data: bytes, address: int, instruction_set: InstructionSet,
            big_endian: bool | None = None) -> Iterator[Disassembled]:
        """Disassemble `data` from its start, outside of any conditional block.

        A rest that is too short for an instruction becomes `.byte`.
        """
        return (Disassembled(*row) for row in self.rows(data, address, instruction_set, big_endian))

    def rows(self, data: bytes, address: int, instruction_set: InstructionSet,
             big_endian: bool | None = None) -> Iterator[Row]:
        """As `run`, as plain tuples."""
        entry = self._target.description.instruction_sets[instruction_set.name]
        unit = entry.unit // 8
        order = byte_order(self._target.writer(instruction_set.name, big_endian).big_endian)
        self._block = ()
        offset = 0
        if unit == 4 and not entry.long:
            offset = len(data) & -4
            known = self._written_words(instruction_set, 4)
            words = unpack(f"{'>' if order == 'big' else '<'}{offset // 4}I", memoryview(data)[:offset])
            decode = self._decoder(instruction_set.name).decode
            # Words that go the long way anyhow need no route.
            routes = self._routes if self._uses_plans else None
            for word in words:
                row = known.get(word)
                if row is not None and not self._block:
                    yield address, word, 4, row[0], row[1], "", row[2]
                    address += 4
                    continue
                form = decode(word, 32)
                if form is not None and routes is not None and not self._block:
                    # As in `_row`, for what most words are.
                    name = form.name
                    route = routes[name]
                    try:
                        mask, first = route.entries[0 if route.choose is None else route.choose(word)]
                        text, target = first[word & mask](word, address)
                    except KeyError:
                        pass
                    else:
                        self.written_by_plan += 1
                        if route.is_fixed and len(known) < MAX_REMEMBERED:
                            known[word] = text, name, target
                        yield address, word, 4, text, name, "", target
                        address += 4
                        continue
                yield self._row(form, word, 4, address, instruction_set)
                address += 4
            address -= offset
        while offset + unit <= len(data):
            word, size = int.from_bytes(data[offset : offset + unit], order), unit
            if entry.long and self._target.table.functions.call(entry.long, word)[0]:
                if offset + 2 * unit > len(data):
                    break
                second = int.from_bytes(data[offset + unit : offset + 2 * unit], order)
                word, size = entry.joined(word, second), 2 * unit
            form = self._decoder(instruction_set.name).decode(word, size * 8)
            yield self._row(form, word, size, address + offset, instruction_set)
            offset += size
        for index in range(offset, len(data)):
            yield (address + index, data[index], 1, f".byte {data[index]:#04x}", "",
                   "the data ends inside an instruction", None)

    def _row(self, form: Form | None, word: int, size: int, address: int, instruction_set: InstructionSet) -> Row:
        if form is None:
            self._block = self._block[1:]
            return self._plain(word, size, address, "no instruction has this encoding")
        if self._block or not self._uses_plans:
            return self._slow_row(form, word, size, address, instruction_set)
        route = self._routes[form.name]
        if (written := route.attempt(word, address)) is not None:
            self.written_by_plan += 1
            if route.is_fixed:
                self._written_words(instruction_set, size)[word] = written[0], form.name, written[1]
            return address, word, size, written[0], form.name, "", written[1]
        wrong = (word ^ form.should_be) & form.should_mask
        if wrong and size == instruction_set.alignment:
            # What the word would be without them is found by plan.
            row = self._row(form, word ^ wrong, size, address, instruction_set)
            if row[5]:
                return self._slow_row(form, word, size, address, instruction_set)
            return self._plain(word, size, address, self._with_reserved(row[3], form, word), form.name)
        row = self._slow_row(form, word, size, address, instruction_set)
        if row[5] or self._block:
            return row
        entries = self._routes.plans(form).entry_plans(word)
        if route.is_fixed:
            self._written_words(instruction_set, size)[word] = row[3], form.name, row[6]
        if entries.may_learn(word):
            learned = self._learned(entries.entry, word, row[3], instruction_set)
            # What the long way has found has to come out of the plan.
            if learned is not None and learned.attempt(word, address) == (row[3], row[6]):
                entries.learn(word, learned)
            else:
                entries.failures += 1
        return row

    def _written_words(self, instruction_set: InstructionSet, size: int) -> dict[int, tuple[str, str, int | None]]:
        """Text, form and target of words outside of conditional blocks that are written so wherever they stand."""
        written = self._written[instruction_set.name, size]
        if len(written) >= MAX_REMEMBERED:
            written.clear()
        return written

    def _learned(self, entry: Entry, word: int, text: str, instruction_set: InstructionSet) -> Plan | None:
        """A plan for words like one that is written as `text`, by `entry`; None if none is certain."""
        mnemonic, _, rest = text.partition(" ")
        table = self._target.table
        spellings = self._reader.spellings(mnemonic, instruction_set, shape_of(rest))
        candidate = certain_reading(rest, spellings, self._expressions, table.written_condition)
        if candidate is None or self._opening(entry.encoder) or not says_first(table, candidate.entry, entry, word):
            return None
        return make_plan(table, candidate, word, self._kinds.of(spellings), self._expressions, self._places)

    def _slow_row(self, form: Form, word: int, size: int, address: int, instruction_set: InstructionSet) -> Row:
        """The long way: each template is tried, and the text is read back."""
        condition = self._block[0] if self._block else None
        self._block = self._block[1:]
        encoder = self._target.table.encoders[form.name]
        fields = encoder.decode(word)
        self._block = opened_by(encoder, fields, self._opening(encoder)) or self._block
        said = entries_that_say(self._target.table, encoder, fields)
        text = next((t for e, known in said if (t := filled(e, known, address, condition)) is not None), None)
        if text is None:
            return self._plain(word, size, address, f"{form.instruction} has no text for these operands", form.name)
        reason = self._difference(text, form, word, size, address, instruction_set, condition)
        if reason and instruction_set.has_widths and size > instruction_set.alignment:
            # Assemblers take the short encoding where there is one; `.w` asks for the long one.
            mnemonic, space, operands = text.partition(" ")
            wide = f"{mnemonic}.w{space}{operands}"
            if not self._difference(wide, form, word, size, address, instruction_set, condition):
                text, reason = wide, ""
        if reason:
            return self._plain(word, size, address, reason, form.name)
        return address, word, size, text, form.name, "", self._places.named(encoder, fields, address)

    def _opening(self, encoder: FormEncoder) -> dict[str, Slot]:
        """The operands of a form that opens a conditional block; empty for others."""
        form = encoder.form
        if ANNOTATION not in form.annotations:
            return {}
        if form.name not in self._opens:
            self._opens[form.name] = {part.name: part for entry in self._target.table.entries_of(form.name)
                                      for part in entry.mnemonic + entry.operands if isinstance(part, Slot)}
        return self._opens[form.name]

    def _decoder(self, instruction_set: str) -> Decoder:
        if instruction_set not in self._decoders:
            self._decoders[instruction_set] = Decoder(self._target.description, instruction_set)
        return self._decoders[instruction_set]

    def _difference(self, text: str, form: Form, word: int, size: int, address: int,
                    instruction_set: InstructionSet, condition: int | None) -> str:
        """Why `text` does not assemble to `word`; empty if it does."""
        mnemonic, _, rest = text.partition(" ")
        self._reader.enter_block(condition)
        try:
            self._target.table.check_predictable(self._target.table.encoders[form.name], word)
            content = self._reader.read(mnemonic, rest, instruction_set)
            made = content if isinstance(content, bytes) else content.encode(address, PlainValues(address), size)
        except SourceError as error:
            return f"'{text}' does not assemble: {error.message}"
        writer = self._target.writer(instruction_set.name)
        if made == writer.bytes_of(word, size):
            return ""
        if made == writer.bytes_of(word & ~form.should_mask | form.should_be, size):
            return self._with_reserved(text, form, word)
        return f"'{text}' assembles to another encoding of the same instruction"

    def _with_reserved(self, text: str, form: Form, word: int) -> str:
        """That a word says `text`, but for reserved bits that are not as they should be, in the book's numbering."""
        wrong = (word ^ form.should_be) & form.should_mask
        bits = [bit for bit in reversed(range(form.length)) if wrong >> bit & 1]
        left = self.description.numbering == "left"
        shown = ", ".join(str(form.length - 1 - bit if left else bit) for bit in bits)
        return f"'{text}' with reserved bits that are not as an assembler writes them: {shown}"

    def _plain(self, word: int, size: int, address: int, reason: str, form: str = "") -> Row:
        if self._target.data_mapping_symbol:
            # Where mapping symbols tell code from data, the number has to count as code.
            directive = ".inst" if size == 4 else ".inst.n"
        else:
            directive = {2: ".short", 4: ".long"}[size]
        return address, word, size, f"{directive} {word:#0{2 + 2 * size}x}", form, reason, None
