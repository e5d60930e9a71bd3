"""Reads a description's files: follows `use`, joins `extend` and `replace` to the items that they change."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ...errors import reason_of
from ..tree import Item, Modifiers, Span
from ..tree.diagnostics import Note, Problems, did_you_mean
from .kept_items import all_parts, file_items

USE: Final = re.compile(r'(?m)^[ \t]*use[ \t]+"([^"\n]+)"')
"""A `use` in a text that perhaps does not parse."""
_ACCESS = ("type", "access")
"""The built-in enum, which a description may extend."""

NAMESPACES = {
    "const": "constant",
    "parameter": "constant",
    "choice": "constant",
    "view": "register",
    "bitfield": "type",
    "enum": "type",
    "operand": "operand",
}


@dataclass
class Sources:
    """All items of a description in the order in which they were read, and the texts for messages."""

    items: list[Item] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    paths: list[Path] = field(default_factory=list)


def namespace(kind: str) -> str:
    """Items of one namespace cannot share a name."""
    return NAMESPACES.get(kind, kind)


def read_sources(
    files: list[Path],
    problems: Problems,
    relative_to: Path | None = None,
    on_file: Callable[[str], None] | None = None,
    texts: Mapping[Path, str] | None = None,
) -> Sources:
    """Reads files and all that they `use`, each once.

    `on_file` is told each file's name before it is parsed. `texts` stand in for files that are not saved yet.
    Names in messages are relative to `relative_to` where that is possible. Problems (unreadable file, syntax, a name
    declared twice, `extend` of something that is not there) are added to `problems`.
    """
    sources = Sources()
    seen: set[Path] = set()
    declared: list[Item] = []

    def visit(path: Path, wanted_by: Span | None) -> None:
        resolved = path.resolve()
        if resolved in seen:
            return
        seen.add(resolved)
        shown = _shown(path, relative_to)
        try:
            given = None if texts is None else texts.get(resolved)
            raw = path.read_bytes() if given is None else given.encode("utf-8")
            text = raw.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
        except OSError as error:
            span = wanted_by or Span(shown, 1, 1, 1, 2)
            hint = "a path in `use` is relative to the file that names it"
            problems.add("file", f"cannot read '{path}': {reason_of(error)}", span, hint)
            return
        except UnicodeDecodeError as error:
            _tell_encoding(raw, error, shown, sources, problems)
            return
        if on_file is not None:
            on_file(shown)
        sources.texts[shown] = text
        sources.paths.append(resolved)
        for item in file_items(text, shown, problems):
            if item.kind == "use":
                visit(path.parent / item.name, item.span)
            else:
                declared.append(item)

    for path in files:
        visit(path, None)
    sources.items = _compose(declared, problems)
    return sources


def _tell_encoding(raw: bytes, error: UnicodeDecodeError, shown: str, sources: Sources, problems: Problems) -> None:
    """Where a file stops being UTF-8."""
    sources.texts[shown] = raw.decode("utf-8", "replace")
    before = raw[: error.start]
    line, column = before.count(b"\n") + 1, len(before[before.rfind(b"\n") + 1 :].decode("utf-8")) + 1
    wide = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    problems.add(
        "file",
        f"'{shown}' is not UTF-8 text: byte {raw[error.start]:#04x} cannot stand here",
        Span(shown, line, column, line, column + 1),
        "it looks like UTF-16: save it as UTF-8" if wide else "save it as UTF-8",
    )


def _shown(path: Path, relative_to: Path | None) -> str:
    if relative_to is not None:
        try:
            return str(path.resolve().relative_to(relative_to.resolve()))
        except ValueError:
            pass
    return str(path)


def _compose(declared: list[Item], problems: Problems) -> list[Item]:
    order: list[tuple[str, str]] = []
    table: dict[tuple[str, str], Item] = {}
    for item in declared:
        key = _key(item)
        if item.origin:
            continue
        if key in table and not _both_conditional(table[key], item):
            first = table[key]
            problems.add(
                "duplicate",
                f"{item.kind} '{item.name}' is declared twice",
                item.span,
                "give one of them another name, or write `replace` in front of the one that shall count",
                [Note("first declared here", first.span)],
            )
            continue
        if key in table:
            key = (key[0], f"{key[1]}#{len(order)}")
        table[key] = item
        order.append(key)
    for item in declared:
        if not item.origin:
            continue
        key = _key(item)
        if key == _ACCESS and key not in table:
            table[key] = Item(item.span, "enum", "access", Modifiers(), {"type": None, "members": []})
            order.append(key)
        if key not in table:
            hint = did_you_mean(item.name, [name for kind, name in table if kind == key[0]])
            problems.add(
                "unknown", f"`{item.origin}` names {item.kind} '{item.name}', which no file declares", item.span, hint
            )
        elif item.origin == "replace":
            table[key] = item
        else:
            table[key] = _extended(table[key], item)
    return [table[key] for key in order]


def _key(item: Item) -> tuple[str, str]:
    return namespace(item.kind), item.name


def _both_conditional(first: Item, second: Item) -> bool:
    """Two items of one name may stand side by side when each needs a feature: cores choose."""
    return bool(first.modifiers.requires) and bool(second.modifiers.requires)


def _extended(base: Item, more: Item) -> Item:
    parts = all_parts(base)
    for name, value in all_parts(more).items():
        if isinstance(value, (list, tuple)) and isinstance(parts.get(name, []), (list, tuple)):
            parts[name] = [*parts.get(name, []), *value]
    # The sign says that it stands in several files.
    digest = "+" + hashlib.sha256(f"{base.digest} {more.span.file} {more.digest}".encode()).hexdigest()[:24]
    known = bool(base.digest and more.digest)
    mentions = f"{base.mentions} {more.mentions}"
    return Item(base.span, base.kind, base.name, base.modifiers, parts, base.origin, digest if known else "", mentions)
