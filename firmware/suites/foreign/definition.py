"""The TOML file of a foreign suite: docs/reference/foreign-suites.md has every key."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Final

import msgspec

from ....isa.errors import TraplineError, reason_of
from ..definition import FORMAT, ExpectedFailure, Group
from ..running.loading import KINDS, VERDICTS

REFERENCE: Final = "docs/reference/foreign-suites.md"


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[suite]`. `folder` is where its files are, from the TOML file's folder."""

    name: str
    title: str = ""
    format: int = FORMAT
    folder: str = "."


class MachineKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[machine]`, and the same keys of a test."""

    name: str = ""
    core: str = ""
    memory: int = 0
    vcpus: int = 1
    threads: int = 1
    most_vcpus: int = 0
    description: str = ""
    """Of the suite: the entry file of a description of one's own, whose boards are the machines."""


class LimitKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[limits]`."""

    instructions: int = 1_000_000_000_000
    seconds: float = 90.0


class VerdictKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`verdict` as a table; as a text it is the kind alone."""

    kind: str
    passed: str = ""
    failed: str = ""
    status: int = 0


class LoadKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[load]`: what every test has that says nothing else."""

    kind: str = "program"
    append: str = ""
    initrd: str = ""
    dtb: str = ""
    bios: str = ""
    load: tuple[str, ...] = ()
    entry: str | int = ""
    registers: dict[str, int] = {}
    environment: dict[str, str] = {}
    clock_shift: int | None = None
    semihosting: bool = False
    qemu: str = ""
    verdict: str | VerdictKeys = "auto"


class UnitTests(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[unittests]`: a unittests.cfg of kvm-unit-tests. `files` is the folder of what its `file` keys name."""

    config: str
    files: str = ""
    arch: str = ""
    accel: str = "tcg"
    variables: dict[str, str] = {}


class TestKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[[test]]`: one test by `file` or `command`, or each file that a glob of `files` finds; what is left out is as
    `[load]`, `[machine]` and `[limits]` say."""

    name: str = ""
    title: str = ""
    file: str = ""
    files: str = ""
    except_: tuple[str, ...] = msgspec.field(name="except", default=())
    command: str | tuple[str, ...] = ""
    kind: str | None = None
    append: str | None = None
    initrd: str | None = None
    dtb: str | None = None
    bios: str | None = None
    load: tuple[str, ...] | None = None
    entry: str | int | None = None
    registers: dict[str, int] | None = None
    environment: dict[str, str] | None = None
    clock_shift: int | None = None
    semihosting: bool | None = None
    qemu: str | None = None
    verdict: str | VerdictKeys | None = None
    machine: str | None = None
    core: str | None = None
    memory: int | None = None
    vcpus: int | None = None
    threads: int | None = None
    instructions: int | None = None
    seconds: float | None = None
    groups: tuple[str, ...] = ()
    skip: str = ""


class Foreign(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    suite: Head
    machine: MachineKeys = MachineKeys()
    limits: LimitKeys = LimitKeys()
    load: LoadKeys = LoadKeys()
    unittests: UnitTests | None = None
    test: tuple[TestKeys, ...] = ()
    groups: dict[str, Group] = {}
    expected_failure: tuple[ExpectedFailure, ...] = ()


def read_foreign(path: Path) -> Foreign:
    """Reads the file and checks what can be checked without the tests.  Raises TraplineError with the way out."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise TraplineError(f"{path}: {reason_of(error)}", "--foreign names a TOML file") from error
    except UnicodeDecodeError as error:
        raise TraplineError(f"{path}: it is no text in UTF-8", f"--foreign names a TOML file: {REFERENCE}") from error
    try:
        found = msgspec.convert(tomllib.loads(text), Foreign)
    except tomllib.TOMLDecodeError as error:
        raise TraplineError(f"{path}: {error}", f"--foreign names a TOML file: {REFERENCE}") from error
    except msgspec.ValidationError as error:
        raise TraplineError(f"{path}: {error}", f"the keys of a foreign suite stand in {REFERENCE}") from error
    _check(found, path)
    return found


def _check(found: Foreign, path: Path) -> None:
    head = found.suite
    if head.format != FORMAT:
        raise TraplineError(f"{path}: format {head.format} is not known here", f"this version reads format {FORMAT}")
    if re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", head.name) is None:
        raise TraplineError(f"{path}: '{head.name}' is no name of a suite", "use letters, digits, '-', '_' and '.'")
    if not found.test and found.unittests is None:
        raise TraplineError(f"{path}: it names no tests", "add [[test]] with file, files or command, or [unittests]")
    _check_kind(found.load.kind, f"{path}: [load]")
    verdict_of(found.load.verdict, f"{path}: [load]")
    for number, test in enumerate(found.test, 1):
        where = f"{path}: [[test]] {test.name or number}"
        named = [bool(test.file), bool(test.files), bool(test.command)]
        if sum(named) != 1:
            raise TraplineError(f"{where}: one of file, files and command is needed", f"see {REFERENCE}")
        if test.files and test.name:
            raise TraplineError(f"{where}: the tests of a glob are named as their files", "leave name out")
        if test.kind is not None:
            _check_kind(test.kind, where)
        if test.verdict is not None:
            verdict_of(test.verdict, where)


def _check_kind(kind: str, where: str) -> None:
    kinds = [one for one in KINDS if one != "command"]
    if kind not in kinds:
        raise TraplineError(f"{where}: there is no kind '{kind}'", "kinds: " + ", ".join(kinds))


def verdict_of(given: str | VerdictKeys, where: str) -> VerdictKeys:
    """A test's verdict as a table.  Raises TraplineError."""
    found = VerdictKeys(given) if isinstance(given, str) else given
    if found.kind not in VERDICTS:
        raise TraplineError(f"{where}: there is no verdict '{found.kind}'", "verdicts: " + ", ".join(VERDICTS))
    if found.kind == "pattern" and not found.passed:
        raise TraplineError(f"{where}: verdict 'pattern' needs passed, a regular expression", f"see {REFERENCE}")
    for text in (found.passed, found.failed):
        try:
            re.compile(text)
        except re.error as error:
            raise TraplineError(f"{where}: {text!r} is no regular expression: {error}", "correct it") from error
    return found
