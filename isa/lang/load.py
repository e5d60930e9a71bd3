"""Loads descriptions: checks files, and keeps what was made of the shipped ones in the user's cache directory.

Parser and checks are imported where files are read: a description from the cache needs neither.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ..cache_files import cache_directory, digest_of, files_in, note_use, put_whole, remove_old, whole
from ..errors import TraplineError
from ..model.items import Description
from ..model.stored import decode, encode
from ..progress import Progress

if TYPE_CHECKING:
    from .text.sources import Sources
    from .tree.diagnostics import Problems

ARCH = Path(__file__).resolve().parent.parent / "arch"
ENTRIES = {name: ARCH / name / f"{name}.isa" for name in ("power", "arm", "riscv")}
CORES = {"power7": "power", "ppc970": "power", "armv7ve": "arm", "armv7ve_novfp": "arm", "rv64": "riscv"}
_ROOMS = ("tree", "text", "names", "lowering", "units", "declarations", "checks")
"""Those of the loader's rooms that have a say in what a description becomes."""


def shipped_entry(name: str) -> Path:
    """The entry file of a shipped architecture, or of the one that has a core. Raises TraplineError."""
    found = ENTRIES.get(CORES.get(name, name))
    if found is None:
        from .tree.diagnostics import did_you_mean

        known = [*ENTRIES, *CORES]
        raise TraplineError(
            f"there is no description '{name}'", did_you_mean(name, known) or f"known: {', '.join(known)}"
        )
    return found


def load_files(files: Iterable[Path], core: str = "", relative_to: Path | None = None) -> Description:
    """A description from files, for one core ("" = the only one).

    Raises DescriptionError with every problem, TraplineError if there is no such core.
    """
    from .text.sources import read_sources
    from .tree.diagnostics import Problems

    problems = Problems()
    sources = read_sources(list(files), problems, relative_to)
    return _elaborate(sources, core, problems)


def _elaborate(sources: Sources, core: str, problems: Problems, progress: Progress | None = None) -> Description:
    from .checks.entry import check_entry
    from .elaborate import Elaboration
    from .names.cores import cores
    from .tree.diagnostics import DescriptionError, did_you_mean
    from .units.store import Store

    check_entry(sources, problems)
    if problems.found:
        raise DescriptionError(problems.in_order(), sources.texts)
    choices = {choice.name: choice for choice in cores(sources.items, problems)}
    chosen = choices.get(core)
    if chosen is None and not core and len(choices) == 1:
        chosen = next(iter(choices.values()))
    if chosen is None and not core:
        raise TraplineError("the description has several cores", f"say which with --core: {', '.join(choices)}")
    if chosen is None:
        raise TraplineError(
            f"the description has no core '{core}'", did_you_mean(core, choices) or "it has: " + ", ".join(choices)
        )

    def on_instruction(done: int, total: int) -> None:
        if progress is not None:
            progress(f"checking the instructions of {chosen.name}", done, total)

    store = Store()
    elaboration = Elaboration(sources.items, chosen, problems, on_instruction, store)
    description = elaboration.run()
    store.save()
    if problems.found or description is None:
        raise DescriptionError(problems.found, sources.texts)
    edition = _edition(sources.texts, chosen.name)
    return msgspec.structs.replace(description, fingerprint=elaboration.units.digests.of(description), edition=edition)


def load_core(
    core: str,
    progress: Progress | None = None,
    changes: Sequence[Path] = (),
    entry: Path | None = None,
    anew: bool = False,
) -> Description:
    """The description of a core, from the cache where it is fresh: a shipped one (`power7`, `ppc970`, `armv7ve`), or
    one of those that the files from `entry` on describe ("" = the only one).

    `changes` are the user's own files: they add items, `extend` or `replace` them.
    `progress` is told about the steps of a cold load. Raises TraplineError for an unknown core, DescriptionError with
    every problem of the files, OSError for a change that cannot be opened. Without changes a description stays in the
    process: whoever edits a shipped file begins another one, or asks for it `anew`.
    """
    kept = core, cache_directory()
    is_shipped = not changes and entry is None
    if is_shipped and kept in _in_process and not anew:
        return _in_process[kept]
    description = _load_core(core, progress, changes, entry)
    if is_shipped:
        _in_process[kept] = description
    return description


_in_process: dict[tuple[str, Path], Description] = {}


def _load_core(core: str, progress: Progress | None, changes: Sequence[Path], entry: Path | None) -> Description:
    if entry is None and core not in CORES:
        from .tree.diagnostics import did_you_mean

        raise TraplineError(
            f"there is no core '{core}'", did_you_mean(core, CORES) or "known cores: " + ", ".join(CORES)
        )
    own = [*([] if entry is None else [entry]), *changes]
    for file in own:
        # Before anything else is read: that takes seconds.
        with file.open("rb"):
            pass
    label = core if core.isidentifier() else "core"
    folder = None if entry is not None else ENTRIES[CORES[core]].parent
    shipped = _shipped_key(folder, core)
    path = _entry_path(label, shipped, own)
    cached = None if path is None else _read_entry(path)
    if path is not None and cached is not None:
        note_use(path)
        return cached
    total = 1 if folder is None else len(list(folder.rglob("*.isa")))
    read = 0
    shown = core or own[0].name

    def on_file(_: str) -> None:
        nonlocal read
        if progress is not None:
            progress(f"reading the description of {shown}", read, total)
        read += 1

    from .text.sources import read_sources
    from .tree.diagnostics import Problems

    problems = Problems()
    entries = own if folder is None else [ENTRIES[CORES[core]], *own]
    sources = read_sources(entries, problems, None if folder is None else ARCH, on_file)
    description = _elaborate(sources, core, problems, progress)
    if own:
        read_here = [one for one in sources.paths if folder is None or not one.is_relative_to(folder)]
        _note_files(label, shipped, own, read_here)
        path = _entry_path(label, shipped, own)
    if path is not None and put_whole(path, encode(description)):
        remove_old(path.parent, rf"{re.escape(label)}-[0-9a-f]+\.description")
    return description


def _edition(texts: dict[str, str], core: str) -> str:
    digest = hashlib.sha256(core.encode())
    for name in sorted(texts):
        digest.update(name.encode() + b"\0" + texts[name].encode() + b"\0")
    return digest.hexdigest()[:24]


def _shipped_key(folder: Path | None, core: str) -> str:
    """Changes when a file of a shipped description, the loader, the typed form or Python changes; contents count."""
    own = Path(__file__).resolve().parent
    files = [
        *([] if folder is None else files_in(folder, ".isa", below=True)), *files_in(own, ".py"),
        *(file for room in _ROOMS for file in files_in(own / room, ".py", ".lark")),
        *files_in(own.parent / "model", ".py"),
    ]  # fmt: skip
    digest = digest_of("description" if folder is None else f"description-{folder.name}", files)
    return hashlib.sha256(f"{digest} {core} {sys.version_info[:2]} {msgspec.__version__}".encode()).hexdigest()[:24]


def _entry_path(core: str, shipped: str, changes: Sequence[Path]) -> Path | None:
    """Where a description is kept. None where it is not known which files the user's own ones `use`."""
    key = shipped
    if changes:
        noted = whole(_list_path(core, shipped, changes))
        if noted is None:
            return None
        digest = hashlib.sha256(shipped.encode())
        try:
            for name in msgspec.json.decode(noted, type=list[str]):
                digest.update(name.encode() + b"\0" + Path(name).read_bytes() + b"\0")
        except (OSError, msgspec.DecodeError):
            return None
        key = digest.hexdigest()[:24]
    return cache_directory() / f"{core}-{key}.description"


def _list_path(core: str, shipped: str, changes: Sequence[Path]) -> Path:
    names = msgspec.json.encode([str(path.resolve()) for path in changes]).decode()
    return cache_directory() / f"{core}-{hashlib.sha256(f'{shipped} {names}'.encode()).hexdigest()[:24]}.files"


def _note_files(core: str, shipped: str, changes: Sequence[Path], files: Iterable[Path]) -> None:
    """Keeps which files were read for the user's changes: as long as all of them are the same, these are all."""
    path = _list_path(core, shipped, changes)
    if put_whole(path, msgspec.json.encode([str(file) for file in files])):
        remove_old(path.parent, rf"{re.escape(core)}-[0-9a-f]+\.files")


def _read_entry(path: Path) -> Description | None:
    """A damaged, truncated or unreadable entry counts as absent: it carries a checksum."""
    content = whole(path)
    if content is None:
        return None
    try:
        return decode(content)
    except (ValueError, KeyError):
        return None
