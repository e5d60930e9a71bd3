"""Regions that were made in earlier runs: files of the user's cache directory, one for each.

Which folder they are in depends on the description, on what writes regions, on LLVM and the processor; a file's name
says where the region is entered, and ends in a digest of what it was made from. Each has a checksum; what is damaged
counts as absent and goes. Files are put in place in one step, so processes do not disturb each other.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ....cache_files import digest_of, files_in, note_use, put_whole, whole

if TYPE_CHECKING:
    from .requests import Facts, Made

_SUFFIX = ".region"
MOST_BYTES = 64 << 20
"""Of all regions of one description."""
_MOST_FOLDERS = 8
"""Of descriptions and versions, those that were used last."""
_LOOKED_AFTER = 32
"""Files after which what is too much is looked for."""
_PAGE = 4096
_WRITERS = ("regions", "tier")
"""What makes regions, beside what makes native code."""


class Kept:
    """The regions of one description, on disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._names: dict[tuple[str, int], list[str]] | None = None
        self._pages: set[tuple[str, int]] = set()
        self._written = 0

    def has_any(self) -> bool:
        """Whether there is a region at all."""
        return bool(self._known()[0])

    def has_some(self, set_name: str, address: int) -> bool:
        """Whether some region is entered in the page at an address."""
        return (set_name, address & -_PAGE) in self._known()[1]

    def find(self, set_name: str, pc: int) -> Iterator[Made]:
        """Those that are entered at an address, whole ones only."""
        for name in tuple(self._known()[0].get((set_name, pc), ())):
            made = self._read(name)
            if made is not None and (made.facts.set_name, made.facts.pc) == (set_name, pc):
                yield made
            else:
                self._forget(set_name, pc, name)

    def put(self, made: Made) -> None:
        """Keeps one, for later: see `note`. A cache that cannot be written is no error."""
        put_whole(self.folder / _name(made.facts), made.packed())
        if not self._written % _LOOKED_AFTER:
            self._bound()
        self._written += 1

    def note(self, facts: Facts) -> None:
        """Somebody has kept one."""
        names = self._known()[0].setdefault((facts.set_name, facts.pc), [])
        name = _name(facts)
        if name not in names:
            names.append(name)
        self._pages.add((facts.set_name, facts.pc & -_PAGE))

    def remove(self, facts: Facts) -> None:
        """It turned out to be of no use."""
        self._forget(facts.set_name, facts.pc, _name(facts))

    def _known(self) -> tuple[dict[tuple[str, int], list[str]], set[tuple[str, int]]]:
        if self._names is None:
            self._names = {}
            for name in _listed(self.folder):
                parts = name.removesuffix(_SUFFIX).split("-")
                with contextlib.suppress(ValueError):
                    set_name, pc, _ = parts
                    self._names.setdefault((set_name, int(pc, 16)), []).append(name)
            self._pages = {(set_name, pc & -_PAGE) for set_name, pc in self._names}
            if self._names:
                note_use(self.folder)
        return self._names, self._pages

    def _read(self, name: str) -> Made | None:
        from .requests import Made

        path = self.folder / name
        content = whole(path)
        if content is None:
            return None
        note_use(path)
        try:
            return Made.unpacked(content)
        except (ValueError, KeyError, TypeError):
            return None

    def _forget(self, set_name: str, pc: int, name: str) -> None:
        names = self._known()[0].get((set_name, pc), [])
        if name in names:
            names.remove(name)
        with contextlib.suppress(OSError):
            (self.folder / name).unlink()

    def _bound(self) -> None:
        """Removes what was used longest ago where there is too much."""
        for folder in _by_use(self.folder.parent, self.folder.name.rsplit("-", 1)[0] + "-*")[:-_MOST_FOLDERS]:
            if folder != self.folder:
                for path in _by_use(folder, "*"):
                    _remove(path)
                with contextlib.suppress(OSError):
                    folder.rmdir()
        files = _by_use(self.folder, "*")
        sizes = {}
        for path in files:
            with contextlib.suppress(OSError):
                sizes[path] = path.stat().st_size
        total = sum(sizes.values())
        for path in files:
            if total <= MOST_BYTES:
                return
            total -= sizes.get(path, 0)
            _remove(path)


@functools.cache
def kept_folder(cache: Path, native: str) -> Path:
    """Where the regions are of a description with native code of the key `native`: looked up once in a process."""
    home = Path(__file__).resolve().parent.parent
    writers = digest_of("regions", [path for room in _WRITERS for path in files_in(home / room, ".py")])
    return cache / f"regions-{hashlib.sha256(f'{native} {writers}'.encode()).hexdigest()[:24]}"


def _name(facts: Facts) -> str:
    what = repr((facts.instructions, facts.assumed)).encode()
    return f"{facts.set_name}-{facts.pc:x}-{hashlib.sha256(what).hexdigest()[:16]}{_SUFFIX}"


def _listed(folder: Path) -> list[str]:
    try:
        return sorted(path.name for path in folder.iterdir() if path.suffix == _SUFFIX)
    except OSError:
        return []


def _by_use(folder: Path, pattern: str) -> list[Path]:
    found = []
    with contextlib.suppress(OSError):
        for path in folder.glob(pattern):
            with contextlib.suppress(OSError):
                found.append((path.stat().st_mtime, path))
    return [path for _, path in sorted(found)]


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()
