"""What tests run on, by the text of `--target`."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ....isa.errors import TraplineError
from ..definition import Limits, MachineNeeds
from ..oracles.rule import ORACLE_NAMES, OracleRule


class TargetSpec(msgspec.Struct, frozen=True):
    """A target by its text: `trapline`, `trapline:reference`, `oracle:NAME`, `qemu`, `command:WORDS`,
    `remote:HOST:PORT`."""

    kind: str
    detail: str
    machine: MachineNeeds
    limits: Limits
    changes: tuple[str, ...] = ()
    reset: str = ""
    """Of a remote target: the command for gdb that brings it back to its start."""
    is_foreign: bool = False
    """Whether each test says itself how it is loaded."""
    rule: OracleRule = OracleRule()
    """Of an oracle: what the suite says of it."""

    @property
    def name(self) -> str:
        """As expected failures name it."""
        return self.kind

    @property
    def is_here(self) -> bool:
        """Whether machines of this process run the tests, so that they can be made smaller."""
        return self.kind in ("trapline", "oracle")


KINDS = ("trapline", "oracle", "qemu", "command", "remote")


def parse_target(
    text: str,
    machine: MachineNeeds,
    limits: Limits,
    changes: tuple[str, ...] = (),
    reset: str = "",
    is_foreign: bool = False,
    oracles: Mapping[str, OracleRule] | None = None,
) -> TargetSpec:
    """What `--target` says.  Raises TraplineError."""
    kind, _, detail = text.partition(":")
    if kind not in KINDS:
        raise TraplineError(
            f"--target {text}: there is no target '{kind}'",
            "use trapline, trapline:ENGINE, oracle:NAME, qemu, command:WORDS with {elf}, or remote:HOST:PORT",
        )
    if kind == "trapline" and detail not in ("", "native", "reference"):
        raise TraplineError(f"--target {text}: there is no engine '{detail}'", "engines: native, reference")
    if kind == "oracle":
        _check_oracle(detail, is_foreign)
        return TargetSpec(kind, detail, machine, limits, changes, rule=_rule(detail.partition(":")[0], oracles or {}))
    if kind == "command" and "{elf}" not in detail:
        raise TraplineError(f"--target {text}: the command does not say where the test goes", "write {elf} in it")
    if kind == "remote" and not (detail.rpartition(":")[2].isdigit() or "/" in detail):
        raise TraplineError(f"--target {text}: no port", "write remote:HOST:PORT, or the path of a socket")
    return TargetSpec(kind, detail, machine, limits, changes, reset, is_foreign)


def _rule(name: str, oracles: Mapping[str, OracleRule]) -> OracleRule:
    """What a suite says of an oracle. The stub is a part of transparency, and has its rule unless it has one."""
    found = oracles.get(name)
    if found is None and name == "stub":
        found = oracles.get("transparency")
    return found or OracleRule()


def _check_oracle(detail: str, is_foreign: bool) -> None:
    name, _, engine = detail.partition(":")
    if name not in ORACLE_NAMES:
        from ....isa.lang.tree.diagnostics import did_you_mean

        known = f"oracles: {', '.join(ORACLE_NAMES)}"
        raise TraplineError(f"there is no oracle '{name}'", did_you_mean(name, ORACLE_NAMES) or known)
    if engine not in ("", "native", "reference"):
        raise TraplineError(f"--target oracle:{detail}: there is no engine '{engine}'", "engines: native, reference")
    if is_foreign:
        raise TraplineError("oracles know tests that Trapline has built", "leave --oracle out")
