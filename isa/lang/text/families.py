"""Families: a table and, for each of its rows, the items behind `each` once more, with the row's cells in them.

They are gone when files have been read: every product sees plain instructions, functions and registers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from .. import tree
from ..tree import Item, Modifiers, Span, Within
from ..tree.diagnostics import Problems, did_you_mean
from .specialise import WOVEN, Cell, Specialiser

MOST_ITEMS = 20_000
"""What the families of one file may come to, so that a few nested lines cannot fill the memory."""
_ONE_COLUMN = re.compile(r"\{(\w+)\}")


def expand_families(items: Iterable[Item], problems: Problems) -> list[Item]:
    """The items with each family replaced by its members, in the order of the rows. Mistakes go to `problems`."""
    return list(_Expansion(problems).items(items, ()))


class _Expansion:
    """The families of one file."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.left = MOST_ITEMS

    def items(self, items: Iterable[Item], around: Sequence[str]) -> Iterator[Item]:
        """The items of a file, or of a family within the columns `around` it."""
        for item in items:
            if item.kind == "family":
                yield from self._members(item, around)
            elif "{" in item.name and item.kind != "use":
                self._not_woven(item, around)
            else:
                yield item

    def _not_woven(self, item: Item, around: Sequence[str]) -> None:
        column = WOVEN.findall(item.name)[0]
        hint = did_you_mean(column, around) or (f"there are: {', '.join(around)}" if around else "")
        self.problems.add(
            "unknown-name",
            f"the name '{item.name}' is woven of a column '{column}', and no family around it has one",
            item.span,
            hint or "family (COLUMN, …) { | CELL … } each { … }",
        )

    def _members(self, family: Item, around: Sequence[str]) -> Iterator[Item]:
        columns: list[tree.Name] = family.parts["columns"]
        names = [column.name for column in columns]
        for number, column in enumerate(columns):
            if column.name in names[:number]:
                self.problems.add("duplicate", f"column '{column.name}' stands there twice", column.span)
                return
        used: set[str] = set()
        whole = True
        for row in family.parts["rows"]:
            if len(row.cells) == len(names):
                yield from self.items(self._row(family, row, names, used), (*around, *names))
            else:
                self._wrong_row(row, names)
                whole = False
            if self.left < 0:
                return
        for column in columns if whole else ():
            if column.name not in used:
                message = f"no item of the family uses column '{column.name}'"
                self.problems.add("unused", message, column.span, "leave it out")

    def _wrong_row(self, row: tree.RowOf, names: Sequence[str]) -> None:
        self.problems.add(
            "family",
            f"this row has {len(row.cells)} cell{'s' * (len(row.cells) != 1)}, and the family has "
            f"{len(names)} column{'s' * (len(names) != 1)}: {', '.join(names)}",
            row.span,
            "a row begins with '|' and has a name, a number, a string or (an expression) for each column",
        )

    def _row(self, family: Item, row: tree.RowOf, names: Sequence[str], used: set[str]) -> Iterator[Item]:
        cells: dict[str, Cell] = {}
        for name, cell in zip(names, row.cells, strict=True):
            # An expression may use the cells before it.
            earlier = Specialiser(cells, None, self.problems, "column")
            cells[name] = earlier.cell(cell)
            used |= earlier.used
        for item in family.parts["items"]:
            self.left -= 1
            if self.left < 0:
                message = f"families come to more than {MOST_ITEMS} items"
                self.problems.add("family", message, Span(*family.span[:5]))
                return
            if item.kind == "use":
                self.problems.add("family", "`use` cannot stand in a family", item.span, "it belongs in front of it")
                continue
            specialiser = self._specialiser(item, row, cells)
            member = specialiser.item(item)
            place = _place(item, row, cells) if item.name and "{" not in member.name else member.span
            used |= specialiser.used
            yield Item(place, item.kind, member.name, _required(member, family), member.parts, item.origin)

    def _specialiser(self, item: Item, row: tree.RowOf, cells: dict[str, Cell]) -> Specialiser:
        name = Specialiser(cells, None, self.problems, "column").name(item)
        text = f"in {item.kind} '{name}' of this row" if name else "in the family of this row"
        return Specialiser(cells, Within(text, _place(item, row, cells)), self.problems, "column")


def _place(item: Item, row: tree.RowOf, cells: dict[str, Cell]) -> Span:
    """Where a member is declared: the cell with its name, else the row."""
    column = _ONE_COLUMN.fullmatch(item.name)
    return cells[column[1]].span if column and column[1] in cells else row.span


def _required(member: Item, family: Item) -> Modifiers:
    own = member.modifiers
    values = {field: getattr(own, field) for field in Modifiers.__slots__}
    return Modifiers(**{**values, "requires": (*family.modifiers.requires, *own.requires)})
