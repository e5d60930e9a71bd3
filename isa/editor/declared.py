"""What a file declares, and where: found in its syntax tree, also when other files are broken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from ..lang import tree
from ..lang.text.kept_trees import parsed
from ..lang.text.specialise import WOVEN
from ..lang.tree import Item, Span

_PARTS: Final = {tree.BitRangeOf: "part", tree.EnumMember: "member"}
LOCAL: Final = frozenset({"variable", "parameter"})


@dataclass(frozen=True, slots=True)
class Declared:
    """A name that a file declares. `within` is the item in which it counts ("": everywhere), `detail` what to show."""

    name: str
    kind: str
    span: Span
    title: str = ""
    within: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """One file: what it declares, and where its items begin (line from 1, name), in order."""

    name: str
    declared: tuple[Declared, ...]
    items: tuple[tuple[int, str, str], ...]

    def item_at(self, line: int) -> tuple[str, str]:
        """The item (kind and name) that the line belongs to; empty in front of the first one."""
        found = ("", "")
        for first, kind, name in self.items:
            if first > line:
                break
            found = (kind, name)
        return found


def declared_in(text: str, file: str) -> File | None:
    """None where the text does not parse."""
    items, mistakes = parsed(text, file)
    if mistakes:
        return None
    flat = [*_flat(items)]
    found = [one for item in flat for one in _item(item)]
    starts = sorted((item.span.line, item.kind, item.name) for item in flat)
    return File(file, tuple(found), tuple(starts))


def _flat(items: list[Item]) -> Iterator[Item]:
    for item in items:
        yield item
        if item.kind == "family":
            yield from _flat(item.parts["items"])


def _item(item: Item) -> Iterator[Declared]:
    kind, parts = item.kind, item.parts
    if kind in ("use",):
        return
    if kind == "family":
        yield from (Declared(one.name, "column", one.span, within=item.name) for one in parts["columns"])
        rows = [cell for row in parts["rows"] for cell in row.cells]
        yield from (Declared(cell.name, "cell", cell.span) for cell in rows if isinstance(cell, tree.Name))
        return
    names = [str(name) for name in parts["names"]] if kind == "operand" and "names" in parts else [item.name]
    if not item.origin:
        for name in names:
            if name and not WOVEN.search(name):
                yield Declared(name, kind, item.span, item.modifiers.title, detail=_detail(item))
    for node in _nodes(parts):
        if type(node) in _PARTS:
            yield Declared(node.name, _PARTS[type(node)], node.span, node.title, detail=item.name)
        elif isinstance(node, tree.LayoutElement) and node.name:
            yield Declared(node.name, "field", node.span, detail=f"{node.width} bits of format {item.name}")
        elif isinstance(node, tree.LetOf):
            for name in node.names:
                yield Declared(name, "variable", node.span, within=item.name)
        elif isinstance(node, tree.ForOf):
            yield Declared(node.name, "variable", node.span, within=item.name)
        elif isinstance(node, tree.ParameterOf):
            yield Declared(node.name, "parameter", node.span, within=item.name, detail=type_text(node.type))
        elif isinstance(node, tree.Handler):
            yield from (Declared(name, "parameter", node.span, within=item.name) for name in node.parameters)


def _nodes(value: Any) -> Iterator[Any]:  # noqa: ANN401 - whatever a part is
    waiting = [value]
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, dict):
            waiting[:0] = one.values()
        elif isinstance(one, list | tuple) and not isinstance(one, Span):
            waiting[:0] = one
        elif isinstance(one, Item):
            waiting[:0] = [one.parts]
        elif isinstance(one, tree.Node):
            yield one
            waiting[:0] = [getattr(one, name) for name in type(one).__slots__ if name != "span"]


def type_text(written: tree.TypeName | None) -> str:
    """A type as it is written."""
    if written is None:
        return ""
    if written.parts:
        return f"({', '.join(type_text(part) for part in written.parts)})"
    return f"{written.name}(…)" if written.width is not None else written.name


def _detail(item: Item) -> str:
    parts = item.parts
    if item.kind in ("function", "interrupt", "exit") and "parameters" in parts:
        own = ", ".join(f"{one.name} : {type_text(one.type)}" for one in parts["parameters"] or ())
        result = type_text(parts.get("type"))
        return f"({own})" + (f" -> {result}" if result else "")
    if isinstance(parts.get("type"), tree.TypeName):
        count = parts.get("count", 0)
        return (f"[{count}]" if count else "") + f" : {type_text(parts['type'])}"
    return ""
