"""From a foreign suite's file to something that runs like a built suite: an entry for each test, with its loading."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from .... import __version__
from ....isa.errors import TraplineError
from ....server.boards.registry import machine_names, usual_core
from ..definition import Group, Limits, MachineNeeds
from ..kept import suites_directory
from ..making.manifest import FORMAT, Entry, SuiteManifest
from ..running.loading import Board, Loading, Verdict
from ..running.runner import BuiltSuite
from .definition import REFERENCE, Foreign, LoadKeys, TestKeys, read_foreign, verdict_of
from .unittests import Setting, UnitTest, read_unittests

T = TypeVar("T")
_ARCHES: Final = {"power7": "ppc64", "ppc970": "ppc64", "armv7ve": "arm"}


def foreign_suite(path: Path) -> BuiltSuite:
    """The suite that a TOML file tells of.  Raises TraplineError with the file, the test and the way out."""
    found = read_foreign(path)
    top = (path.resolve().parent / found.suite.folder).resolve()
    if not top.is_dir():
        raise TraplineError(f"{path}: [suite] folder: {top} is no folder", "name the folder of the tests' files")
    own = _description(found, path)
    if found.machine.name and not own and found.machine.name not in machine_names():
        raise TraplineError(
            f"{path}: [machine] there is no machine '{found.machine.name}'", f"machines: {', '.join(machine_names())}"
        )
    digest = hashlib.sha256(path.read_bytes() + str(path.resolve()).encode()).hexdigest()[:16]
    folder = suites_directory() / f"foreign-{found.suite.name}-{digest}"
    entries: dict[str, Entry] = {}
    for one in (*_listed(found, path, top, folder), *_configured(found, path, top, folder)):
        if one.name in entries:
            raise TraplineError(f"{path}: two tests are called '{one.name}'", "give one of them a name of its own")
        entries[one.name] = one
    manifest = SuiteManifest(
        FORMAT,
        found.suite.name,
        found.suite.title,
        0,
        False,
        f"foreign:{path.name}",
        0,
        __version__,
        found.machine.core or ("" if own or not found.machine.name else usual_core(found.machine.name)),
        _stamp(digest, entries.values()),
        MachineNeeds(found.machine.name, found.machine.core, found.machine.memory),
        Limits(found.limits.instructions, found.limits.seconds),
        {one: Group((), (one,)) for entry in entries.values() for one in entry.tags} | found.groups,
        found.expected_failure,
        tuple(entries.values()),
        (),
    )
    return BuiltSuite(folder, manifest)


def _description(found: Foreign, path: Path) -> str:
    """The entry file of the suite's own description; "" where it has none.  Raises TraplineError."""
    if not found.machine.description:
        return ""
    entry = path.resolve().parent / found.machine.description
    if not entry.is_file():
        raise TraplineError(f"{path}: [machine] description: {entry} is no file", "name an entry file (.isa)")
    return str(entry)


def _stamp(digest: str, entries: Iterable[Entry]) -> str:
    """Another one for other files: a run that was interrupted does not go on with tests that have changed."""
    found = hashlib.sha256(digest.encode())
    for one in entries:
        path = Path(one.elf)
        if path.is_file():
            found.update(f"{one.name}:{path.stat().st_size}:{path.stat().st_mtime_ns}".encode())
    return found.hexdigest()


def _listed(found: Foreign, path: Path, top: Path, made: Path) -> Iterator[Entry]:
    """Of [[test]]."""
    for test in found.test:
        if not test.files:
            name = test.name or Path(test.file or shlex.split(_command(test))[0]).stem
            yield _entry(found, path, top, made, test, name, test.file)
            continue
        files = sorted(one for one in top.glob(test.files) if one.is_file())
        kept = [one for one in files if not any(one.match(glob) for glob in test.except_)]
        if not kept:
            raise TraplineError(f"{path}: files = '{test.files}': {top} has no such file", "build the tests first")
        stems = [one.stem for one in kept]
        for one in kept:
            name = one.stem if stems.count(one.stem) == 1 else str(one.relative_to(top)).replace("/", "-")
            yield _entry(found, path, top, made, test, name, str(one.relative_to(top)))


def _command(test: TestKeys) -> str:
    return test.command if isinstance(test.command, str) else shlex.join(test.command)


def _entry(found: Foreign, path: Path, top: Path, made: Path, test: TestKeys, name: str, file: str) -> Entry:
    where = f"{path}: test {name}"
    own = {key: getattr(test, key) for key in LoadKeys.__struct_fields__ if getattr(test, key) is not None}
    keys = msgspec.structs.replace(found.load, **own)
    if not keys.initrd:
        keys = msgspec.structs.replace(keys, initrd=_environment(keys.environment, made, name))
    board = Board(
        _or(test.machine, found.machine.name),
        _or(test.core, found.machine.core),
        _or(test.memory, found.machine.memory),
        _or(test.vcpus, found.machine.vcpus),
        _or(test.threads, found.machine.threads),
        _description(found, path),
    )
    limits = Limits(_or(test.instructions, found.limits.instructions), _or(test.seconds, found.limits.seconds))
    command = tuple(shlex.split(_command(test)))
    loading = _loading(keys, board, limits, command, top, where, test.skip)
    return _made(name, test.title or _title(loading, file), test.groups, top, file, loading, where)


def _configured(found: Foreign, path: Path, top: Path, made: Path) -> Iterator[Entry]:
    """Of [unittests]."""
    if found.unittests is None:
        return
    keys, machine = found.unittests, found.machine
    if not machine.name:
        raise TraplineError(f"{path}: [unittests]: on which machine?", 'add [machine] name = "pseries" or "arm-kvm"')
    core = machine.core or usual_core(machine.name)
    config = top / keys.config
    files = top / keys.files if keys.files else config.parent
    setting = Setting(
        machine.name,
        core,
        keys.arch or _ARCHES.get(core, core),
        keys.accel,
        machine.most_vcpus or (4 if machine.name == "arm-kvm" else 8),
        _first_second(),
        keys.variables,
    )
    tests = read_unittests(config, setting)
    if not any((files / one.file).is_file() for one in tests if one.file):
        raise TraplineError(
            f"{path}: none of the tests of {config} is in {files}",
            "build them first, or name their folder: files = ...",
        )
    for test in tests:
        yield _unit_entry(found, path, files, made, test)


def _unit_entry(found: Foreign, path: Path, files: Path, made: Path, test: UnitTest) -> Entry:
    where, load, asked = f"{path}: test {test.name}", found.load, test.asked
    board = Board(
        found.machine.name,
        found.machine.core,
        asked.memory or found.machine.memory,
        asked.vcpus or 1,
        asked.threads or 1,
        _description(found, path),
    )
    seconds = found.limits.seconds if test.seconds is None else test.seconds
    skip = test.skip
    if not skip and not (files / test.file).is_file():
        skip = f"{files / test.file} is not there: build the tests first"
    keys = msgspec.structs.replace(
        load,
        kind="kernel" if load.kind == "program" else load.kind,
        append=" ".join([load.append] * bool(load.append) + asked.append),
        initrd=asked.initrd or load.initrd or _environment(load.environment, made, test.name),
        bios=asked.bios or load.bios,
    )
    limits = Limits(found.limits.instructions, seconds)
    loading = _loading(keys, board, limits, (), files, where, skip)
    return _made(test.name, _title(loading, test.file), test.groups, files, test.file, loading, where)


def _loading(
    keys: LoadKeys, board: Board, limits: Limits, command: tuple[str, ...], top: Path, where: str, skip: str
) -> Loading:
    def file(name: str) -> str:
        plain, at, address = name.partition("@")
        if plain and not skip and not (top / plain).is_file():
            raise TraplineError(f"{where}: {top / plain} is not there", "paths begin at [suite] folder")
        return f"{top / plain}{at}{address}" if plain else ""

    verdict = verdict_of(keys.verdict, where)
    return Loading(
        "command" if command else keys.kind,
        board,
        limits,
        Verdict(verdict.kind, verdict.passed, verdict.failed, verdict.status),
        str(top),
        command,
        keys.append,
        file(keys.initrd),
        file(keys.dtb),
        file(keys.bios),
        tuple(file(one) for one in keys.load),
        str(keys.entry),
        keys.registers,
        keys.clock_shift,
        keys.semihosting,
        tuple(shlex.split(keys.qemu)),
        skip,
    )


def _made(name: str, title: str, groups: Sequence[str], top: Path, file: str, loading: Loading, where: str) -> Entry:
    if any(not (one.isalnum() or one in "-_.+") for one in name) or not name or name.startswith("."):
        raise TraplineError(f"{where}: '{name}' is no name of a test", "use letters, digits, '-', '_', '+' and '.'")
    board = loading.board
    if board.name and not board.description and board.name not in machine_names():
        known = ", ".join(machine_names())
        raise TraplineError(f"{where}: there is no machine '{board.name}'", f"machines: {known}")
    elf = str(top / file) if file else ""
    if file and not loading.skip and not Path(elf).is_file():
        raise TraplineError(f"{where}: {elf} is not there", f"build the tests first; paths: {REFERENCE}")
    return Entry(name, title, tuple(groups), 0, (), elf, "", "", loading)


def _title(loading: Loading, file: str) -> str:
    return " ".join(loading.command) or f"{Path(file).name} {loading.append}".strip()


def _environment(variables: dict[str, str], made: Path, name: str) -> str:
    """kvm-unit-tests' environment: the initial RAM disk is a text with one NAME=VALUE a line."""
    if not variables:
        return ""
    made.mkdir(parents=True, exist_ok=True)
    file = made / f"{name}.environment"
    file.write_text("".join(f"{key}={value}\n" for key, value in variables.items()))
    return str(file)


def _or(given: T | None, usual: T) -> T:
    return usual if given is None else given


def _first_second() -> int:
    """When every guest's clock begins, in seconds since 1970."""
    from ....server.boards.power.papr.rtas import EPOCH

    return int(EPOCH.timestamp())
