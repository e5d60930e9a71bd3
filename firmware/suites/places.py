"""Where suites are found and kept: a name, a TOML file, a built folder or its tar file become a built suite."""

from __future__ import annotations

import os
import tarfile
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ...isa.errors import TraplineError, reason_of
from .catalogue import find_suite
from .kept import suites_directory
from .making.build import MANIFEST, Told, Wanted, build_suite, cases_of, key_of
from .making.case import Case
from .running.runner import BuiltSuite

CROSS_SECTION = 4
"""Tests of each suite when none is named."""


@dataclass(frozen=True)
class Asked:
    """What the command line says about which suite."""

    name: str
    seed: int | None = None
    full: bool = False
    changes: tuple[str, ...] = ()
    rebuild: bool = False
    is_foreign: bool = False
    """Whether --foreign names it."""
    steer: bool = False
    """Whether what the suite does not reach is made more of."""


def default_jobs() -> int:
    """One for each processor that this process may use."""
    return len(os.sched_getaffinity(0))


def wanted_of(asked: Asked, only: Sequence[str] = ()) -> Wanted:
    """Raises TraplineError for a suite that there is not."""
    suite = find_suite(asked.name)
    seed = suite.seed if asked.seed is None else asked.seed
    wanted = Wanted(suite, seed, asked.full, (), asked.changes, tuple(only))
    return replace(wanted, weights=_steered(asked)) if asked.steer else wanted


def _steered(asked: Asked) -> tuple[tuple[str, float], ...]:
    """Weights by what the suite reaches without any; it is built, and run for that, if it was not before."""
    from .making.context import Context
    from .reach.collecting import reach_of
    from .reach.steering import weights

    suite = built_suite(replace(asked, steer=False))
    found = find_suite(asked.name)
    return weights(suite, reach_of(suite), Context(found, found.seed, changes=asked.changes).description)


def is_built(name: str) -> bool:
    """Whether it names a built suite, not a definition."""
    path = Path(name)
    return (path / MANIFEST).is_file() or (path.is_file() and tarfile.is_tarfile(path))


def is_foreign(name: str) -> bool:
    """Whether it is a file that tells of others' tests."""
    path = Path(name)
    if path.suffix != ".toml":
        return False
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return False
    return "test" in found or "unittests" in found


def built_suite(asked: Asked, told: Told | None = None, jobs: int | None = None) -> BuiltSuite:
    """The built suite; it is built if it is not there as it would be now.  Raises TraplineError."""
    if asked.is_foreign or is_foreign(asked.name):
        from .foreign.tests import foreign_suite

        return foreign_suite(Path(asked.name))
    if is_built(asked.name):
        path = Path(asked.name)
        return BuiltSuite.read(path if path.is_dir() else _unpacked(path))
    wanted = wanted_of(asked)
    return _built(wanted, f"{wanted.suite.name}-{key_of(wanted)}", asked.rebuild, told, jobs)


def cross_section(asked: Asked, told: Told | None = None, jobs: int | None = None) -> BuiltSuite:
    """Some tests from everywhere in a suite, built alone: what can be looked at in a minute."""
    return spread_over(asked, CROSS_SECTION, told, jobs)


def spread_over(asked: Asked, tests: int, told: Told | None = None, jobs: int | None = None) -> BuiltSuite:
    """So many tests, spread over all of a suite, built alone."""
    wanted = wanted_of(asked)
    names = [one.name for one in cases_of(wanted) if isinstance(one, Case)]
    step = max(1, len(names) // tests)
    some = wanted_of(asked, names[step // 2 :: step][:tests])
    return _built(some, f"{wanted.suite.name}-{key_of(wanted)}-some{tests}", asked.rebuild, told, jobs)


def _built(wanted: Wanted, name: str, rebuild: bool, told: Told | None, jobs: int | None) -> BuiltSuite:
    folder = suites_directory() / name
    if rebuild or not (folder / MANIFEST).exists():
        build_suite(wanted, folder, jobs or default_jobs(), told)
    return BuiltSuite.read(folder)


def results_file(suite: BuiltSuite, given: Path | None) -> Path:
    """Where the suite's results are: beside it, unless the user says otherwise."""
    return given if given is not None else suite.folder / "results.sqlite"


def failures_folder(suite: BuiltSuite, given: Path | None) -> Path:
    """Where its capsules go."""
    return given if given is not None else suite.folder / "failures"


def _unpacked(archive: Path) -> Path:
    """A tar file's suite, unpacked once into the cache."""
    import hashlib

    digest = hashlib.sha256(archive.read_bytes()).hexdigest()[:16]
    folder = suites_directory() / f"tar-{digest}"
    if not folder.exists():
        part = folder.with_name(f".{folder.name}-{os.getpid()}")
        try:
            part.mkdir(parents=True)
            with tarfile.open(archive) as packed:
                _extract(packed, part)
            part.rename(folder)
        except (OSError, tarfile.TarError) as error:
            reason = reason_of(error) if isinstance(error, OSError) else str(error)
            raise TraplineError(
                f"{archive}: it cannot be unpacked: {reason}", "pack it with `trapline suite generate --tar`"
            ) from error
    found = sorted(folder.glob(f"*/{MANIFEST}"))
    if not found:
        raise TraplineError(f"{archive} holds no built suite", "pack it with `trapline suite generate --tar`")
    return found[0].parent


def _extract(packed: tarfile.TarFile, folder: Path) -> None:
    """Plain files below the folder and nothing else: an archive from elsewhere writes nowhere else."""
    for member in packed:
        place = (folder / member.name).resolve()
        if member.isdir():
            continue
        data = packed.extractfile(member) if member.isfile() else None
        if data is None or not place.is_relative_to(folder.resolve()):
            raise TraplineError(f"it holds {member.name!r}, which no built suite has", "do not use it")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data.read())
