"""Syntax trees of files in the user's cache directory: what was not written to since is not parsed again.

A tree is kept as JSON, under a digest of the text and of what parses; its places are in the file that is asked for.
Only files without mistakes are kept.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec
from lark import Token

from ...cache_files import cache_directory, digest_of, note_use, put_whole, remove_old, whole
from ..tree import Block, Item, Span, Within
from ..tree import body as tree_body
from ..tree import items as tree_items
from ..tree.diagnostics import Diagnostic

_MOST: Final = 600
"""Trees that stay: a few versions of all shipped files."""
_SPAN, _TUPLE, _LIST, _DICT, _TOKEN, _COPY = -1, -2, -3, -4, -5, -6
"""What a list of JSON begins with that stands for one of these; the others have the number of a class there."""
PLACE: Final = re.compile(rb"\[-[16](,\d+){4,5}\]")
"""A place, as `Plain` says it and JSON writes it."""
PARSERS: Final = (
    "text/parse.py", "text/build*.py", "text/explain.py", "text/kept_trees.py", "text/grammar.lark", "tree/*.py",
)  # fmt: skip


def parsed(text: str, file: str) -> tuple[list[Item], list[Diagnostic]]:
    """See `parse`; the tree comes from the cache where it is kept."""
    path = _path(text)
    content = whole(path)
    if content is not None:
        try:
            found: list[Item] = Reading(file).items(msgspec.json.decode(content))
        except (msgspec.DecodeError, ValueError, TypeError, LookupError):
            pass
        else:
            note_use(path)
            return found, []
    from .parse import parse

    items, mistakes = parse(text, file)
    if not mistakes:
        put_whole(path, msgspec.json.encode(Plain().of(items)))
        remove_old(path.parent, r"[0-9a-f]{32}\.tree", _MOST)
    return items, mistakes


def _path(text: str) -> Path:
    return cache_directory() / f"{hashlib.sha256(f'{_parser()}{text}'.encode()).hexdigest()[:32]}.tree"


@functools.cache
def _parser() -> str:
    own = Path(__file__).resolve().parent.parent
    return digest_of("parser", [path for pattern in PARSERS for path in own.glob(pattern)])


@functools.cache
def _classes() -> list[type[Any]]:
    """All kinds of nodes, by their numbers."""
    found = {
        name: kind for module in (tree_body, tree_items) for name, kind in vars(module).items()
        if isinstance(kind, type) and dataclasses.is_dataclass(kind)
    }  # fmt: skip
    return [found[name] for name in sorted(found)]


@functools.cache
def _fields() -> dict[type[Any], tuple[int, tuple[str, ...]]]:
    """The number and the fields of each kind of node."""
    return {
        kind: (number, tuple(field.name for field in dataclasses.fields(kind)))
        for number, kind in enumerate(_classes())
    }


BLOCK: Final = f"[{_fields()[Block][0]},".encode()
"""How a block of statements begins in JSON. Lists of numbers may begin so, too."""


class Plain:
    """Says nodes as JSON can. Places that belong to copies (families' members) name these by their numbers."""

    def __init__(self) -> None:
        self.withins: list[object] = []
        """The copies that occur, each behind those that it names."""
        self._numbers: dict[Within, int] = {}

    def of(self, value: object) -> object:
        """A node, or a part of one."""
        if value is None or isinstance(value, (bool, int)) or type(value) is str:
            return value
        if isinstance(value, Span):
            if value.within is None:
                return [_SPAN, *value[1:5]]
            return [_COPY, *value[1:5], self._number(value.within)]
        if isinstance(value, tuple):
            return [_TUPLE, *map(self.of, value)]
        if isinstance(value, list):
            return [_LIST, *map(self.of, value)]
        if isinstance(value, dict):
            return [_DICT, *(self.of(part) for pair in value.items() for part in pair)]
        if isinstance(value, Token):
            return [_TOKEN, value.type, str(value)]
        number, names = _fields()[type(value)]
        return [number, *(self.of(getattr(value, name)) for name in names)]

    def _number(self, within: Within) -> int:
        known = self._numbers.get(within)
        if known is None:
            inner = -1 if within.inner is None else self._number(within.inner)
            row = [within.text, self.of(within.span), inner]
            known = self._numbers[within] = len(self.withins)
            self.withins.append(row)
        return known


class Reading:
    """Makes what `Plain` was given; `withins` are its copies."""

    def __init__(self, file: str, withins: Any = ()) -> None:  # noqa: ANN401 - whatever stood in the file
        self._file = file
        self._makers: list[Callable[..., Any]] = [*_classes()]
        self._withins: list[Within] = []
        for text, span, inner in withins:
            self._withins.append(Within(text, self.value(span), None if inner < 0 else self._withins[inner]))

    def items(self, data: Any) -> list[Item]:  # noqa: ANN401 - whatever stood in the file
        """A file's. Raises ValueError, TypeError or LookupError for anything else."""
        found = self.value(data)
        if not isinstance(found, list) or not all(isinstance(item, Item) for item in found):
            raise ValueError("no items")
        return found

    def value(self, data: Any) -> Any:  # noqa: ANN401 - a node, or a part of one
        """One of them."""
        if type(data) is not list:
            return data
        kind = data[0]
        if kind >= 0:
            value = self.value
            return self._makers[kind](*[value(part) if type(part) is list else part for part in data[1:]])
        if kind == _SPAN:
            return Span(self._file, *data[1:])
        if kind == _COPY:
            _, line, column, end_line, end_column, within = data
            return Span(self._file, line, column, end_line, end_column, self._withins[within])
        if kind == _TOKEN:
            return Token(*data[1:])
        parts = [self.value(part) for part in data[1:]]
        if kind == _TUPLE:
            return tuple(parts)
        return parts if kind == _LIST else dict(zip(parts[::2], parts[1::2], strict=True))
