"""A suite's definition: a TOML file that names the suite, its generator, its machine, its limits and what is known.

The reference is docs/reference/suites.md; `suite new` writes one to begin with.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import structs

from ...isa.errors import TraplineError, reason_of
from ...isa.model.items import Description
from .oracles.rule import ORACLE_NAMES, OracleRule

FORMAT: Final = 1
_MASK: Final = (1 << 64) - 1


class MachineNeeds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the tests run on. `memory` in MiB; `features` are the description's; `clock_shift` is log2 of the
    instructions in a tick, the machine's own if left out."""

    name: str = "pseries"
    core: str = "power7"
    memory: int = 256
    vcpus: int = 1
    threads: int = 1
    features: tuple[str, ...] = ()
    clock_shift: int | None = None


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of one test: guest instructions, and seconds of the host's time."""

    instructions: int = 2_000_000
    seconds: float = 20.0


class ExpectedFailure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Tests (by glob) that are known to fail on a target (by glob: `trapline`, `qemu`, …), and why.

    With `differs` they are known to fail in these ways alone, and may pass: globs of `WORD EXPECTED CAME`, return codes
    by name or hexadecimal numbers, as far as they are compared; or of an outcome (`timeout`) where no word is told of.
    """

    tests: str
    reason: str
    target: str = "*"
    differs: tuple[str, ...] = ()

    def in_numbers(self, description: Description) -> ExpectedFailure:
        """With the numbers that the return codes have in a description."""
        codes = {name: one for abi in description.abis.values() for name, one in abi.return_codes.items()}

        def number(word: str) -> str:
            return f"{codes[word].value & _MASK:#x}" if word in codes else word

        return structs.replace(self, differs=tuple(" ".join(map(number, way.split())) for way in self.differs))


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A named part of the suite: tests by globs of their names, or by tags."""

    tests: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


class _Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    title: str
    generator: str
    format: int = FORMAT
    seed: int = 1
    tags: tuple[str, ...] = ()


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    suite: _Head
    machine: MachineNeeds = MachineNeeds()
    limits: Limits = Limits()
    groups: dict[str, Group] = {}
    options: dict[str, Any] = {}
    oracles: dict[str, OracleRule] = {}
    expected_failure: tuple[ExpectedFailure, ...] = ()


class Suite(msgspec.Struct, frozen=True):
    """A definition, and where it stands. `generator` is `MODULE:FUNCTION`, or `FILE.py:FUNCTION` beside the file."""

    name: str
    title: str
    generator: str
    seed: int
    tags: tuple[str, ...]
    machine: MachineNeeds
    limits: Limits
    groups: dict[str, Group]
    options: dict[str, Any]
    oracles: dict[str, OracleRule]
    expected_failures: tuple[ExpectedFailure, ...]
    folder: str


def read_definition(path: Path) -> Suite:
    """Reads a suite's file.  Raises TraplineError with the file, the key and the way out."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise TraplineError(f"{path}: {reason_of(error)}", "`trapline suite list` names the suites") from error
    except UnicodeDecodeError as error:
        raise TraplineError(f"{path}: it is no text in UTF-8", "a suite is a TOML file") from error
    try:
        found = msgspec.convert(tomllib.loads(text), _File)
    except tomllib.TOMLDecodeError as error:
        raise TraplineError(f"{path}: {error}", "a suite is a TOML file: docs/reference/suites.md") from error
    except msgspec.ValidationError as error:
        raise TraplineError(f"{path}: {error}", "the keys of a suite stand in docs/reference/suites.md") from error
    head = found.suite
    if head.format != FORMAT:
        raise TraplineError(f"{path}: format {head.format} is not known here", f"this version reads format {FORMAT}")
    if not head.name or any(not (one.isalnum() or one in "-_.") for one in head.name) or head.name.startswith("."):
        raise TraplineError(f"{path}: '{head.name}' is no name of a suite", "use letters, digits, '-', '_' and '.'")
    for name in found.oracles:
        if name not in ORACLE_NAMES:
            raise TraplineError(f"{path}: there is no oracle '{name}'", f"oracles: {', '.join(ORACLE_NAMES)}")
    return Suite(
        head.name,
        head.title,
        head.generator,
        head.seed,
        head.tags,
        found.machine,
        found.limits,
        found.groups,
        found.options,
        found.oracles,
        found.expected_failure,
        str(path.resolve().parent),
    )
