"""Loads descriptions: checks files, and keeps what was made of the shipped ones in the user's cache directory.

Parser and checks are imported where files are read: a description from the cache needs neither.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import platformdirs

from ..cache_files import put_in_place, remove_old
from ..errors import TraplineError
from ..model.items import Description
from ..progress import Progress

if TYPE_CHECKING:
    from .diagnostics import Diagnostic, Problems
    from .sources import Sources

ARCH = Path(__file__).resolve().parent.parent / "arch"
ENTRIES = {"power": ARCH / "power" / "power.isa", "arm": ARCH / "arm" / "arm.isa"}
CORES = {"power7": "power", "ppc970": "power", "armv7ve": "arm", "armv7ve_novfp": "arm"}


def check_files(files: Iterable[Path], relative_to: Path | None = None) -> tuple[list[Diagnostic], dict[str, str]]:
    """Every problem of a description, over all of its cores, in order of place; and the texts for excerpts."""
    from .cores import cores
    from .diagnostics import Problems
    from .elaborate import Elaboration
    from .sources import read_sources

    problems = Problems()
    sources = read_sources(list(files), problems, relative_to)
    if not problems.found:
        for core in cores(sources.items, problems):
            Elaboration(sources.items, core, problems).run("")
    return problems.in_order(), sources.texts


def load_files(files: Iterable[Path], core: str = "", relative_to: Path | None = None) -> Description:
    """A description from files, for one core ("" = the only one).

    Raises DescriptionError with every problem, TraplineError if there is no such core.
    """
    from .diagnostics import Problems
    from .sources import read_sources

    problems = Problems()
    sources = read_sources(list(files), problems, relative_to)
    return _elaborate(sources, core, problems)


def _elaborate(sources: Sources, core: str, problems: Problems, progress: Progress | None = None) -> Description:
    from .cores import cores
    from .diagnostics import DescriptionError, did_you_mean
    from .elaborate import Elaboration

    if problems.found:
        raise DescriptionError(problems.in_order(), sources.texts)
    choices = {choice.name: choice for choice in cores(sources.items, problems)}
    chosen = choices.get(core)
    if chosen is None and not core and len(choices) == 1:
        chosen = next(iter(choices.values()))
    if chosen is None:
        raise TraplineError(
            f"the description has no core '{core}'", did_you_mean(core, choices) or "it has: " + ", ".join(choices)
        )

    def on_instruction(done: int, total: int) -> None:
        if progress is not None:
            progress(f"checking the instructions of {core}", done, total)

    elaboration = Elaboration(sources.items, chosen, problems, on_instruction)
    description = elaboration.run(_fingerprint(sources.texts, chosen.name))
    if problems.found or description is None:
        raise DescriptionError(problems.in_order(), sources.texts)
    return description


def load_core(core: str, progress: Progress | None = None, changes: Sequence[Path] = ()) -> Description:
    """The shipped description of a core (`power7`, `ppc970`, `armv7ve`), from the cache where it is fresh.

    `changes` are the user's own files: they add items, `extend` or `replace` them, and are read anew each time.
    `progress` is told about the steps of a cold load. Raises TraplineError for an unknown core, DescriptionError with
    every problem of the files. Without changes a description stays in the process: whoever edits a shipped file begins
    another one.
    """
    kept = core, cache_directory()
    if not changes and kept in _in_process:
        return _in_process[kept]
    description = _load_core(core, progress, changes)
    if not changes:
        _in_process[kept] = description
    return description


_in_process: dict[tuple[str, Path], Description] = {}


def _load_core(core: str, progress: Progress | None, changes: Sequence[Path]) -> Description:
    if core not in CORES:
        from .diagnostics import did_you_mean

        raise TraplineError(
            f"there is no core '{core}'", did_you_mean(core, CORES) or "known cores: " + ", ".join(CORES)
        )
    entry = ENTRIES[CORES[core]]
    key = _tree_key(entry.parent, core)
    path = cache_directory() / f"{core}-{key}.description"
    cached = None if changes else _read_cache(path)
    if cached is not None:
        return cached
    total = len(list(entry.parent.rglob("*.isa")))
    read = 0

    def on_file(_: str) -> None:
        nonlocal read
        if progress is not None:
            progress(f"reading the description of {core}", read, total)
        read += 1

    from .diagnostics import Problems
    from .sources import read_sources

    problems = Problems()
    sources = read_sources([entry, *changes], problems, ARCH, on_file)
    description = _elaborate(sources, core, problems, progress)
    if not changes:
        _write_cache(path, description)
    return description


def cache_directory() -> Path:
    """Where made products are kept: `TRAPLINE_CACHE`, or the user's cache directory."""
    named = os.environ.get("TRAPLINE_CACHE")
    return Path(named) if named else Path(platformdirs.user_cache_dir("trapline"))


def _fingerprint(texts: dict[str, str], core: str) -> str:
    digest = hashlib.sha256(core.encode())
    for name in sorted(texts):
        digest.update(name.encode() + b"\0" + texts[name].encode() + b"\0")
    return digest.hexdigest()[:24]


def _tree_key(folder: Path, core: str) -> str:
    """Changes when a description file, the loader, the typed form or Python changes; the files' contents count."""
    digest = hashlib.sha256(f"{core} {sys.version_info[:2]} {msgspec.__version__}".encode())
    own = Path(__file__).resolve().parent
    for path in sorted(
        [*folder.rglob("*.isa"), *own.glob("*.py"), *own.glob("*.lark"), *(own.parent / "model").glob("*.py")]
    ):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:24]


def _read_cache(path: Path) -> Description | None:
    """A damaged, truncated or unreadable entry counts as absent: it carries a checksum.

    The entry is a pickle, as trustworthy as the .pyc files beside it: it lies in a directory that only the user writes.
    """
    try:
        raw = path.read_bytes()
    except OSError:
        return None
    checksum, payload = raw[:32], raw[32:]
    if hashlib.sha256(payload).digest() != checksum:
        return None
    found = pickle.loads(payload)
    return found if isinstance(found, Description) else None


def _write_cache(path: Path, description: Description) -> None:
    """Puts the entry in place in one step; a cache that cannot be written is no error."""
    payload = pickle.dumps(description, 5)
    if put_in_place(path, hashlib.sha256(payload).digest() + payload):
        remove_old(path.parent, rf"{re.escape(path.name.split('-')[0])}-[0-9a-f]+\.description")
