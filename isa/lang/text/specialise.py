"""Copies of syntax in which names stand for something: a family's columns, a function's compile-time parameters."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

from lark import Token

from .. import tree
from ..tree import Item, Modifiers, Span, Within
from ..tree.diagnostics import Problems

WOVEN = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
"""A column in a name or in text."""

NOWHERE = Span("", 1, 1, 1, 2)

Cell = tree.Expression | tree.TextOf
"""What a column or a compile-time parameter stands for."""


class Specialiser:
    """Copies nodes with `cells` put in place of their names.

    Every copied span tells, by `within`, which copy it belongs to, so that a problem found later names the member.
    `what` is how messages call the names: "column", "compile-time parameter". `used` collects the names that occurred.
    """

    def __init__(self, cells: Mapping[str, Cell], within: Within | None, problems: Problems, what: str) -> None:
        self.cells = cells
        self.within = within
        self.place = within.span if within is not None else NOWHERE
        self.problems = problems
        self.what = what
        self.used: set[str] = set()

    def item(self, item: Item, place: Span | None = None) -> Item:
        """A copy of an item. `place` becomes the item's own span."""
        name = self.name(item)
        own = item.parts.get(_OWN_NAMES.get(item.kind, ""), [])
        for declared in own:
            self._not_hidden(declared.name, declared.span)
        parts = {key: value if value is own else self._copy(value) for key, value in item.parts.items()}
        if any(not isinstance(format_, tree.Name) for format_, _ in parts.get("encoding", ())):
            self._problem("family", "the format of an encoding is a name", item.span, "write a name into its cell")
            parts["encoding"] = []
        modifiers = self._modifiers(item.modifiers)
        return Item(place or self._span(item.span), item.kind, name, modifiers, parts, item.origin)

    def cell(self, cell: Cell) -> Cell:
        """A copy of another cell, in which these may occur."""
        copied: Cell = self._copy(cell)
        return copied

    # Names that are declared, and text

    def name(self, item: Item) -> str:
        """What an item is called; a column that is not among the cells stays as it was written."""
        return self._woven(item.name, item.span)

    def _woven(self, text: str, span: Span) -> str:
        return WOVEN.sub(lambda found: self._text(found[1], span) if found[1] in self.cells else found[0], text)

    def _text(self, column: str, span: Span) -> str:
        self.used.add(column)
        cell = self.cells[column]
        if isinstance(cell, (tree.TextOf, tree.IntegerLiteral)):
            return cell.text
        if isinstance(cell, tree.Name):
            return cell.name
        self._problem(
            "family",
            f"'{{{column}}}' stands in text, and its cell is an expression",
            span,
            "a cell in parentheses is a value in bodies; a name, a number or a string can be text",
        )
        return column

    def _problem(self, code: str, message: str, span: Span, hint: str) -> None:
        self.problems.add(code, message, self._span(span), hint)

    def _span(self, span: Span) -> Span:
        if self.within is None:
            return span
        return Span(*span[:5], Within(self.within.text, self.place, span.within))

    # Nodes

    def _copy(self, value: Any) -> Any:
        if isinstance(value, tree.Name):
            return self._name(value)
        if isinstance(value, tree.TemplateText):
            return self._template(value)
        if isinstance(value, Item):
            return self.item(value)
        if isinstance(value, tree.Node):
            return self._node(value)
        if isinstance(value, Modifiers):
            return self._modifiers(value)
        if isinstance(value, Token):
            return value.update(value=self._woven(str(value), self.place))
        if isinstance(value, tuple):
            return tuple(self._copy(part) for part in value)
        if isinstance(value, list):
            return [self._copy(part) for part in value]
        if isinstance(value, dict):
            return {key: self._annotated(part) for key, part in value.items()}
        return value

    def _name(self, name: tree.Name) -> Cell:
        cell = self.cells.get(name.name)
        if cell is None:
            if "{" in name.name:
                return tree.Name(self._span(name.span), self._woven(name.name, name.span))
            return tree.Name(self._span(name.span), name.name)
        self.used.add(name.name)
        return cell

    def _node(self, node: tree.Node) -> tree.Node:
        values: dict[str, Any] = {"span": self._span(node.span)}
        for field in _fields(type(node)):
            value = getattr(node, field)
            values[field] = self._reference(node, field, value) if isinstance(value, str) else self._copy(value)
        if isinstance(node, tree.Pattern) and node.name in self.cells and not node.member:
            self._match_number(node, values)
        if isinstance(node, (tree.LetOf, tree.ForOf, tree.ParameterOf)):
            for name in node.names if isinstance(node, tree.LetOf) else (node.name,):
                self._not_hidden(name, node.span)
        if isinstance(node, (tree.CodecOf, tree.AtClause)):
            self._plain_names(node, values)
        return type(node)(**values)

    def _plain_names(self, node: tree.CodecOf | tree.AtClause, values: dict[str, Any]) -> None:
        fields = ("names",) if isinstance(node, tree.CodecOf) else ("read", "write")
        for field in fields:
            parts = values[field] if field == "names" else (values[field],)
            if any(part is not None and not isinstance(part, tree.Name) for part in parts):
                self._problem("family", "a name must stand here", node.span, "write a name into its cell")
                values[field] = getattr(node, field)

    def _reference(self, node: tree.Node, field: str, value: str) -> Any:
        """Names that the syntax tree keeps as plain text, where a column may stand for one."""
        cell = self.cells.get(value) if (type(node), field) in _REFERENCES else None
        if cell is None:
            return value
        self.used.add(value)
        if isinstance(cell, tree.Name):
            return cell.name
        if isinstance(cell, tree.IntegerLiteral) and isinstance(node, tree.ComparisonOf):
            return cell.value
        self._problem("family", f"{self.what} '{value}' must be a name here", node.span, "write a name into its cell")
        return value

    def _match_number(self, pattern: tree.Pattern, values: dict[str, Any]) -> None:
        cell = self.cells[pattern.name]
        if isinstance(cell, tree.IntegerLiteral):
            self.used.add(pattern.name)
            values.update(first=cell.value, last=cell.value, name="")

    def _not_hidden(self, name: str, span: Span) -> None:
        if name in self.cells:
            self._problem("duplicate", f"'{name}' is a {self.what} already", span, "give one of them another name")

    def _modifiers(self, modifiers: Modifiers) -> Modifiers:
        values = {field: self._copy(getattr(modifiers, field)) for field in _fields(Modifiers)}
        values["title"] = self._woven(modifiers.title, self.place)
        for field in ("requires", "inside", "scope"):
            found = values[field] if field == "requires" else (values[field],)
            if any(name is not None and not isinstance(name, tree.Name) for name in found):
                self._problem("family", f"`{field}` needs a name", self.place, "write a name into its cell")
                values[field] = getattr(modifiers, field)
        return Modifiers(**values)

    def _annotated(self, value: Any) -> Any:
        if not isinstance(value, str):
            return self._copy(value)
        cell = self.cells.get(value)
        if isinstance(cell, tree.IntegerLiteral):
            self.used.add(value)
            return cell.value
        return self._text(value, self.place) if cell is not None else self._woven(value, self.place)

    def _template(self, template: tree.TemplateText) -> tree.TemplateText:
        """The text with its columns filled in; each character keeps the place that it has in the source."""
        text, columns, at = "", [], 0
        old = template.columns or tuple(range(len(template.text) + 1))
        for found in WOVEN.finditer(template.text):
            if found[1] not in self.cells:
                continue
            inserted = self._text(found[1], template.span)
            text += template.text[at : found.start()] + inserted
            columns += [*old[at : found.start()], *[old[found.start()]] * len(inserted)]
            at = found.end()
        text += template.text[at:]
        return tree.TemplateText(self._span(template.span), text, template.offset, (*columns, *old[at:]))


_OWN_NAMES = {"family": "columns", "function": "compile_time"}
"""The part of an item in which it declares names of this kind itself."""

_REFERENCES = {
    (tree.RaiseOf, "interrupt"),
    (tree.LeaveOf, "exit"),
    (tree.ComparisonOf, "right"),
    (tree.TypeName, "name"),
    (tree.AtClause, "space"),
    (tree.AtClause, "spelled"),
    (tree.CallResultOf, "code"),
}


_FIELDS: dict[str, tuple[str, ...]] = {}


def _fields(kind: type[Any]) -> tuple[str, ...]:
    known = _FIELDS.get(kind.__name__)
    if known is None:
        known = tuple(field.name for field in dataclasses.fields(kind) if field.name != "span")
        _FIELDS[kind.__name__] = known
    return known
