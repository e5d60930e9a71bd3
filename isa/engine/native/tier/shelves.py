"""Where stencils come from: files of the user's cache directory, or whoever makes them.

The folder depends on the description's native code and on what writes stencils. Each file has a checksum; what is
damaged counts as absent, and goes.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ....cache_files import note_use, put_whole, whole
from ....model.items import Description
from ..copies import Kit, Wanted

if TYPE_CHECKING:
    from ..stencils import Maker

_SUFFIX = ".stencils"
_MOST_FILES = 64
"""With more of them nothing is kept any more."""
_MOST_FOLDERS = 8


class Shelves:
    """A description's. `at_once`: what is missing is made here, while the guest waits."""

    def __init__(self, description: Description, folder: Path | None, at_once: bool) -> None:
        self._description = description
        self._folder = folder
        self.at_once = at_once
        self._kit: Kit | None = None
        self._others: list[Kit] = []

    def kit(self) -> Kit | None:
        """What there is at first, if there is anything."""
        if self._kit is None:
            kits = [] if self._folder is None else read_kits(self._folder)
            self._kit, self._others = (kits[0], kits[1:]) if kits else (None, [])
        if self._kit is None and self.at_once:
            self._kit = maker_of(self._description).kit()
        return self._kit

    def others(self) -> list[Kit]:
        """What is kept beside it."""
        return self._others

    def bare(self) -> Kit | None:
        """The first one without its stencils."""
        return None if self._kit is None else Kit(self._kit.modes, self._kit.accesses, self._kit.pieces, {})

    def note(self, kit: Kit) -> None:
        """More has come."""
        if self._kit is None:
            self._kit = kit

    def make(self, wanted: list[Wanted], registers: Mapping[str, int]) -> tuple[list[Wanted], Kit]:
        """Makes stencils here. Raises EngineError."""
        return wanted, make_kit(self._description, self._folder, wanted, registers, self._kit)


@functools.lru_cache(maxsize=4)
def _makers(fingerprint: str) -> list[Maker]:
    return []


def maker_of(description: Description, known: Kit | None = None) -> Maker:
    """The one of this process for a description, of which `known` tells what there is to find out."""
    from ..stencils import Maker

    makers = _makers(description.fingerprint)
    if not makers:
        makers.append(Maker(description, known))
    return makers[0]


def make_kit(
    description: Description,
    folder: Path | None,
    wanted: Iterable[Wanted],
    registers: Mapping[str, int],
    known: Kit | None,
) -> Kit:
    """Makes stencils, and keeps them in a folder. Raises EngineError."""
    maker = maker_of(description, known)
    asked = tuple(wanted)
    kit = maker.kit(maker.make(asked, registers), asked)
    if folder is not None:
        keep_kit(folder, kit)
    return kit


def build_kit(description: Description, folder: Path) -> None:
    """Makes and keeps the usual stencils: those for the modes after reset. Raises EngineError."""
    from ..regions import surroundings_of

    # Whoever writes the first region finds that, too, made.
    surroundings_of(description)
    maker = maker_of(description)
    registers = {mode.register: description.registers[mode.register].reset for mode in maker.writer.modes}
    kit = maker.kit(maker.usual(description.forms, registers))
    if folder.parent.is_dir():
        keep_kit(folder, kit)


def read_kits(folder: Path) -> list[Kit]:
    """All that is kept."""
    kits = []
    for path in _files(folder):
        content = whole(path)
        try:
            if content is None:
                raise ValueError
            kits.append(Kit.unpacked(content))
        except ValueError:
            with contextlib.suppress(OSError):
                path.unlink()
    if kits:
        note_use(folder)
    return kits


def keep_kit(folder: Path, kit: Kit) -> None:
    """Keeps one beside the others. A cache that cannot be written is no error."""
    files = _files(folder)
    if len(files) < _MOST_FILES:
        content = kit.packed()
        put_whole(folder / f"{hashlib.sha256(content).hexdigest()[:16]}{_SUFFIX}", content)
    if not files:
        _bound(folder)


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == _SUFFIX)
    except OSError:
        return []


def _bound(folder: Path) -> None:
    """Of the folders of other descriptions and versions, those stay that were used last."""
    found = []
    with contextlib.suppress(OSError):
        for other in folder.parent.glob(f"{folder.name.rsplit('-', 1)[0]}-*"):
            with contextlib.suppress(OSError):
                found.append((other.stat().st_mtime, other))
    for _, other in sorted(found)[:-_MOST_FOLDERS]:
        for path in _files(other):
            with contextlib.suppress(OSError):
                path.unlink()
        with contextlib.suppress(OSError):
            other.rmdir()
