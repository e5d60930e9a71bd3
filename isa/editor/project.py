"""A description as an editor has it: texts that are not saved yet, the entry file that a file belongs to, problems as
one types, and what was found out the last time that all was well."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from ..lang.checking import checked, local_types
from ..lang.load import ARCH, ENTRIES
from ..lang.text.parse import parse
from ..lang.text.sources import USE
from ..lang.tree import Item
from ..lang.tree.diagnostics import Diagnostic
from ..model.items import Description
from .declared import Declared, File, declared_in

_MOST_FILES: Final = 3000
"""`.isa` files of a workspace that are looked at for entry files."""


class Project:
    """The files of one description, from its entry files on."""

    def __init__(self, entries: tuple[Path, ...], opened: Mapping[Path, str]) -> None:
        """`opened`: texts of files that an editor has open, by their paths."""
        self.entries = entries
        self._opened = opened
        self.files: dict[Path, str] = {}
        """Texts of all files when they were looked at last."""
        self.descriptions: tuple[Description, ...] = ()
        """Of each core, when there was no problem the last time."""
        self.items: list[Item] = []
        """All items, families written out."""
        self._declared: dict[Path, tuple[str, File]] = {}
        self._types: dict[Path, tuple[str, dict[tuple[int, str], str]]] = {}
        self._by_name: dict[str, list[tuple[Path, Declared]]] | None = None

    def check(self, quickly: bool = False) -> dict[Path, list[Diagnostic]]:
        """The problems of each file, those without any too. `quickly`: of one core, and without lints."""
        found = checked(self.entries, texts=self._opened, first_core=quickly, lints=not quickly)
        self.files = dict(zip(found.paths, found.texts.values(), strict=False))
        self._by_name = None
        if found.items:
            self.items = found.items
        if found.descriptions:
            self.descriptions = found.descriptions
        by_name = dict(zip(found.texts, found.paths, strict=False))
        told: dict[Path, list[Diagnostic]] = {path: [] for path in found.paths}
        for problem in found.problems:
            path = by_name.get(problem.span.file, Path(problem.span.file))
            told.setdefault(path, []).append(problem)
        return told

    def file(self, path: Path) -> File | None:
        """What a file declares; as it was the last time that it parsed."""
        text = self._opened.get(path, self.files.get(path))
        if text is None:
            return None
        digest = hashlib.sha256(text.encode()).hexdigest()
        known = self._declared.get(path)
        if known is None or known[0] != digest:
            found = declared_in(text, str(path))
            if found is None:
                return None if known is None else known[1]
            known = self._declared[path] = (digest, found)
            self._by_name = None
        return known[1]

    def type_of(self, path: Path, one: Declared) -> str:
        """The type of a variable or parameter of a file; "" where that has a problem."""
        text = self.text(path)
        known = self._types.get(path)
        if known is None or known[0] != text:
            known = self._types[path] = (text, local_types(self.entries, path, self._opened))
        return known[1].get((one.span.line, one.name), "")

    def declarations(self, name: str) -> list[tuple[Path, Declared]]:
        """Where a name is declared, in all files."""
        return self.names().get(name, [])

    def names(self) -> dict[str, list[tuple[Path, Declared]]]:
        """All declarations by their names."""
        for path in self.files:
            self.file(path)
        if self._by_name is None:
            self._by_name = {}
            for path, (_, file) in self._declared.items():
                if path in self.files:
                    for one in file.declared:
                        self._by_name.setdefault(one.name, []).append((path, one))
        return self._by_name

    def text(self, path: Path) -> str:
        """A file's text."""
        return self._opened.get(path, self.files.get(path, ""))


def entries_for(path: Path, folders: Iterable[Path], opened: Mapping[Path, str], arch: str) -> tuple[Path, ...]:
    """The entry files of the description that a file belongs to.

    A file of a shipped description belongs to that; one that `use`s lead to from a file with an `architecture`, to that
    file; another one changes the shipped description `arch`, or stands for itself where that is "".
    """
    for entry in ENTRIES.values():
        if path.is_relative_to(entry.parent):
            return (entry,)
    for entry in _candidates(path, folders):
        text = _text(entry, opened)
        if "architecture" in text and path in _reached(entry, opened):
            return (entry,)
    if arch in ENTRIES:
        return (ENTRIES[arch], path)
    return (path,)


def _candidates(path: Path, folders: Iterable[Path]) -> Iterable[Path]:
    yield path
    seen = {path}
    for folder in dict.fromkeys((path.parent, *folders)):
        for number, other in enumerate(sorted(folder.rglob("*.isa"))):
            if number > _MOST_FILES:
                return
            resolved = other.resolve()
            if resolved not in seen and not resolved.is_relative_to(ARCH):
                seen.add(resolved)
                yield resolved


def _reached(entry: Path, opened: Mapping[Path, str]) -> set[Path]:
    """The entry and all files that its `use`s lead to."""
    found: set[Path] = set()
    waiting = [entry]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += [(path.parent / used).resolve() for used in USE.findall(_text(path, opened))]
    return found


def _text(path: Path, opened: Mapping[Path, str]) -> str:
    if path in opened:
        return opened[path]
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def syntax_problem(text: str, path: Path) -> list[Diagnostic]:
    """What keeps a text from parsing: at most one problem."""
    return parse(text, str(path))[1]
