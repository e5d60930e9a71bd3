"""Puts instructions whose words are known into a section, many at a time, with the data between them."""

from __future__ import annotations

from struct import pack, unpack

from ..text.file_lines import FileLines
from .assembly import Assembly
from .code_runs import CodeRun, LateCode


class RunWriter:
    """Collects instructions of lines of a file: `words` (units of the instruction set), `rows`, `sizes`, `late`.

    `sizes` stays empty where all instructions have the length of a unit.
    """

    def __init__(self, assembly: Assembly, lines: FileLines) -> None:
        self._assembly, self._lines = assembly, lines
        self.words: list[int] = []
        self.rows: list[int] = []
        self.sizes: list[int] = []
        self.late: list[LateCode] = []
        self._plain: list[list[int]] = []
        self._behind: list[tuple[int, int]] = []
        chosen = assembly.instruction_set
        one = assembly.target.instruction_bytes(1, chosen.alignment, chosen, assembly.big_endian)
        self._order, self._unit = (">" if one[-1] else "<"), ("I" if chosen.alignment == 4 else "H")

    def keep(self, data: bytes) -> None:
        """Put known bytes, a multiple of a unit, behind the instructions so far, of which there are some."""
        unit = self._assembly.instruction_set.alignment
        place = unit * len(self.words)
        if self._plain and sum(self._plain[-1]) == place:
            self._plain[-1][1] += len(data)
        else:
            self._plain.append([place, len(data)])
        self._behind.append((len(self.rows) - 1, len(data)))
        self.words += unpack(f"{self._order}{len(data) // unit}{self._unit}", data)

    def put(self, start: int) -> None:
        """Put what has been collected at `start`, the end of the section, and begin anew."""
        if not self.rows:
            return
        section, chosen, lines = self._assembly.section, self._assembly.instruction_set, self._lines
        last = section.items[-1] if section.items else None
        if not isinstance(last, CodeRun) or not last.continues(lines, chosen):
            last = CodeRun(self._assembly.target, self._assembly.big_endian, chosen, lines, lines.name, lines.ahead,
                           self._assembly.symbols.scope, self._order)
            last.offset = start
            section.items.append(last)
        moved, count = start - last.offset, len(last.rows)
        data = pack(f"{self._order}{len(self.words)}{self._unit}", *self.words)
        last.data += data
        last.rows += self.rows
        sizes = self.sizes or [chosen.alignment] * len(self.rows)
        for row, size in self._behind:
            sizes[row] += size
        last.sizes += sizes
        last.plain += [(place + moved, size) for place, size in self._plain]
        last.late += [(place + moved, plan, word, name, number + count)
                      for place, plan, word, name, number in self.late] if moved else self.late
        last.size += len(data)
        section.size += len(data)
        section.code_alignment = max(section.code_alignment, chosen.alignment)
        for collected in (self.words, self.rows, self.sizes, self.late, self._plain, self._behind):
            collected.clear()
