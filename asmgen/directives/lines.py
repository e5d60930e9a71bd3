"""`.loc`: where compiled code comes from (GNU as manual, ".loc")."""

from __future__ import annotations

import re
from itertools import pairwise

from ..layout.assembly import Assembly
from ..layout.line_rows import LocRow
from ..text.diagnostics import SourceError
from ..text.source import Statement

_VIEW = re.compile(r"\bview\s+(?P<name>[A-Za-z_.$][\w.$]*|-?\d+)")


_FLAGS = ("basic_block", "prologue_end", "epilogue_begin")


def _add_row(assembly: Assembly, statement: Statement) -> None:
    words = statement.rest.replace(",", " ").split()
    numbers = []
    while words and words[0].isdigit():
        numbers.append(int(words.pop(0)))
    if not 2 <= len(numbers) <= 3:
        raise SourceError(".loc takes the number of a file, a line and perhaps a column", 0, "write .loc 1 LINE COLUMN")
    table = assembly.line_table
    if numbers[0] not in table.files:
        raise SourceError(f"there is no file number {numbers[0]}", 0, f'say .file {numbers[0]} "NAME" before')
    table.begun = table.begun or statement.place(0)
    options = dict(pairwise(words))
    if options.get("is_stmt", "1") not in ("0", "1") or not options.get("discriminator", "0").isdigit():
        raise SourceError("is_stmt is 0 or 1, and a discriminator is a number", 0)
    table.is_stmt = options.get("is_stmt", str(int(table.is_stmt))) == "1"
    table.rows.append(LocRow(assembly.section, assembly.section.mark(), numbers[0], numbers[1], [*numbers, 0][2],
                             table.is_stmt, frozenset(f for f in _FLAGS if f in words),
                             int(options.get("discriminator", "0"))))


def loc(assembly: Assembly, statement: Statement) -> None:
    """`.loc FILE LINE COLUMN … view NAME`: NAME becomes the number of the row among those of the same address."""
    _add_row(assembly, statement)
    hit = _VIEW.search(statement.rest)
    section = assembly.section
    place = (section, section.size, section.epoch)
    if hit is not None and hit["name"] == "-0":
        assembly.view = (place, 0)
    else:
        known, number = assembly.view
        assembly.view = (place, number + 1 if known == place else 0)
    if hit is not None and not hit["name"].lstrip("-").isdigit():
        assembly.symbols.assign_number(hit["name"], assembly.view[1], statement.place(hit.start("name")), once=False)
