"""Where units are kept: in the process, and in a file of the cache directory for each file of a description."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from ...cache_files import cache_directory, digest_of, note_use, put_whole, remove_old, whole
from .unit import Unit

_MOST: Final = 800
"""Files that stay: those of all shipped descriptions, a few times."""
_MOST_HERE: Final = 60_000
"""Units that stay in a process."""
_ROOMS: Final = ("tree", "text", "names", "lowering", "units", "declarations")
"""What has a say in what a unit becomes."""
_OLD: Final = 3
"""Of units that nobody asked for, as many times those that somebody did stay in a file."""


class _Kept(msgspec.Struct, array_like=True):
    units: dict[str, msgspec.Raw]


_decoder: Final = msgspec.json.Decoder(_Kept)
_unit: Final = msgspec.json.Decoder(Unit)
_here: dict[tuple[Path, str], Unit] = {}
"""By the cache directory and the key."""


class Store:
    """The units of the files of one description."""

    def __init__(self) -> None:
        self._place = cache_directory()
        self._files: dict[str, dict[str, msgspec.Raw]] = {}
        self._used: dict[str, dict[str, Unit | None]] = {}
        self._new: set[str] = set()

    def find(self, file: str, key: str) -> Unit | None:
        """The unit that was kept; None where there is none, or none that can be read."""
        used = self._used.setdefault(file, {})
        found = _here.get((self._place, key))
        if found is None:
            raw = self._raw(file).get(key)
            if raw is None:
                return None
            try:
                found = _here[self._place, key] = _unit.decode(raw)
            except (msgspec.DecodeError, ValueError):
                return None
        # Made here before, perhaps for another core: then it is to be written as well.
        used.setdefault(key, None if key in self._raw(file) else found)
        return found

    def put(self, file: str, key: str, unit: Unit) -> None:
        """Keeps one; on disk from `save` on."""
        if len(_here) > _MOST_HERE:
            _here.clear()
        _here[self._place, key] = unit
        self._used.setdefault(file, {})[key] = unit
        self._new.add(file)

    def save(self) -> None:
        """Writes the files that have new units: those that were asked for now, then others."""
        for file in self._new:
            old, used = self._raw(file), self._used[file]
            rows = {key: msgspec.Raw(msgspec.json.encode(unit)) for key, unit in used.items() if unit is not None}
            rows |= {key: old[key] for key, unit in used.items() if unit is None and key in old}
            for key, raw in old.items():
                if len(rows) >= (_OLD + 1) * len(used):
                    break
                rows.setdefault(key, raw)
            self._files[file] = rows
            put_whole(_path(file), msgspec.json.encode(_Kept(rows)))
        if self._new:
            remove_old(cache_directory(), r"[0-9a-f]{32}\.units", _MOST)
        self._new.clear()

    def _raw(self, file: str) -> dict[str, msgspec.Raw]:
        known = self._files.get(file)
        if known is None:
            path = _path(file)
            content = whole(path)
            known = self._files[file] = {}
            if content is not None:
                try:
                    known = self._files[file] = _decoder.decode(content).units
                    note_use(path)
                except (msgspec.DecodeError, ValueError):
                    pass
        return known


def _path(file: str) -> Path:
    return cache_directory() / f"{hashlib.sha256(f'{maker()} {file}'.encode()).hexdigest()[:32]}.units"


@functools.cache
def maker() -> str:
    """Changes when what makes units does."""
    own = Path(__file__).resolve().parent.parent
    return digest_of("units", [*_sources(own), own / "elaborate.py", *(own.parent / "model").glob("*.py")])


def _sources(own: Path) -> Iterable[Path]:
    for room in _ROOMS:
        yield from sorted([*(own / room).glob("*.py"), *(own / room).glob("*.lark")])
