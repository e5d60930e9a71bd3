"""Instructions in a row whose words are known, but for operands that wait for a symbol; and data between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from struct import pack_into

from msgspec import field

from ..expressions.parser import ExpressionReader
from ..expressions.tree import SymbolRef
from ..target.padding import CodePadding
from ..target.plans import CodePlan
from ..target.seam import Target
from ..target.traits import InstructionSet
from ..text.file_lines import FileLines
from ..text.source import Statement
from .sections import Code, Gap, Item, Origin, Padding, Raw, Section

LateCode = tuple[int, CodePlan, int, str, int]
"""Place in the run, plan, the word without the late operand, the symbol's name, and the number of the instruction."""


class CodeRun(Item, eq=False):
    """What as many `Code` and `Raw` items would say of statements on lines of one file."""

    target: Target
    big_endian: bool
    instruction_set: InstructionSet
    lines: FileLines
    name: str
    """The file that the lines come from, as the source tells it."""
    ahead: int
    """What is added to the number of a line (from 0 on) for its number in that file."""
    scope: int
    """The number of the file among those of the run, for its symbols."""
    order: str
    """Of the bytes of a unit of code, as `struct` writes it: < or >."""
    data: bytearray = field(default_factory=bytearray)
    rows: list[int] = field(default_factory=list)
    """The line of each instruction, from 0 on."""
    sizes: list[int] = field(default_factory=list)
    """Bytes of each instruction, with those of data behind it."""
    plain: list[tuple[int, int]] = field(default_factory=list)
    """Data between instructions: its place in the run, and bytes."""
    late: list[LateCode] = field(default_factory=list)

    def continues(self, lines: FileLines, instruction_set: InstructionSet) -> bool:
        """Whether the next lines of the file belong to the run."""
        return (self.lines is lines and self.instruction_set is instruction_set and self.name == lines.name
                and self.ahead == lines.ahead)

    def put(self, data: bytearray, place: int, size: int, word: int) -> None:
        """Write a word of `size` bytes at a place of the run's bytes."""
        if size == self.instruction_set.alignment:
            pack_into(self.order + ("I" if size == 4 else "H"), data, place, word)
        else:
            pack_into(self.order + "HH", data, place, *self.instruction_set.units(word))

    def statement(self, number: int) -> Statement:
        """The statement of an instruction."""
        return self.lines.statement_of(self.rows[number], self.name, self.ahead)

    def late_code(self, late: LateCode) -> Code:
        """A late instruction as an item of its own, read again with the symbol that was meant then."""
        place, _, _, symbol, number = late
        expressions = ExpressionReader(lambda name, offset: SymbolRef(name, offset, self.scope),
                                       lambda _number, _way: SymbolRef(symbol, 0, self.scope))
        statement = self.statement(number)
        reader = self.target.reader(expressions, self.big_endian)
        code = Code(reader.read(statement.word, statement.rest, self.instruction_set), statement, self.instruction_set)
        code.offset, code.size = self.offset + place, late[1].size
        return code

    def items(self) -> Iterator[Code | Raw]:
        """All instructions, and the data between them, as items of their own."""
        late = {one[4]: one for one in self.late}
        plain = iter((*self.plain, (self.size, 0)))
        data, _ = next(plain)
        place = 0
        for number, whole in enumerate(self.sizes):
            end = place + whole
            size = min(data, end) - place
            if data < end:
                data, _ = next(plain)
            if number in late:
                yield self.late_code(late[number])
            else:
                code = Code(bytes(self.data[place : place + size]), self.statement(number), self.instruction_set)
                code.offset, code.size = self.offset + place, size
                yield code
            if size < whole:
                raw = Raw(self.data[place + size : end])
                raw.offset, raw.size = self.offset + place + size, whole - size
                yield raw
            place = end


def padding_behind(section: Section, chosen: InstructionSet, machine: str) -> bytes | CodePadding:
    """What fills a gap at the end of a section: of the set of the code there, if no gap lies between; else `chosen`."""
    for item in reversed(section.items):
        if isinstance(item, Code | CodeRun):
            chosen = item.instruction_set
        if isinstance(item, Code | CodeRun | Padding | Gap | Origin):
            break
    if not section.executable:
        return b"\0"
    is_named = machine and not chosen.is_machine_late
    padding = chosen.machine_padding.get(machine, chosen.other_padding) if is_named else chosen.padding
    return b"\0" if padding is None else padding


def refill(sections: Iterable[Section], sets: Iterable[InstructionSet], machine: str) -> None:
    """Where a file names machines, gaps in code may be filled for the last of them (Arm; as GNU as fills them)."""
    fillers = {s.padding: filler for s in sets
               if s.is_machine_late and (filler := s.machine_padding.get(machine)) is not None}
    for item in (item for section in sections for item in section.items if fillers):
        if isinstance(item, Padding) and isinstance(item.fill, CodePadding):
            item.fill = fillers.get(item.fill, item.fill)
