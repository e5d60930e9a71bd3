"""What tests run on, by the text of `--target`."""

from __future__ import annotations

import msgspec

from ....isa.errors import TraplineError
from ..definition import Limits, MachineNeeds


class TargetSpec(msgspec.Struct, frozen=True):
    """A target by its text: `trapline`, `trapline:reference`, `qemu`, `command:WORDS`, `remote:HOST:PORT`."""

    kind: str
    detail: str
    machine: MachineNeeds
    limits: Limits
    changes: tuple[str, ...] = ()
    reset: str = ""
    """Of a remote target: the command for gdb that brings it back to its start."""
    is_foreign: bool = False
    """Whether each test says itself how it is loaded."""

    @property
    def name(self) -> str:
        """As expected failures name it."""
        return self.kind


KINDS = ("trapline", "qemu", "command", "remote")


def parse_target(
    text: str,
    machine: MachineNeeds,
    limits: Limits,
    changes: tuple[str, ...] = (),
    reset: str = "",
    is_foreign: bool = False,
) -> TargetSpec:
    """What `--target` says.  Raises TraplineError."""
    kind, _, detail = text.partition(":")
    if kind not in KINDS:
        raise TraplineError(
            f"--target {text}: there is no target '{kind}'",
            "use trapline, trapline:ENGINE, qemu, command:WORDS with {elf}, or remote:HOST:PORT",
        )
    if kind == "trapline" and detail not in ("", "native", "reference"):
        raise TraplineError(f"--target {text}: there is no engine '{detail}'", "engines: native, reference")
    if kind == "command" and "{elf}" not in detail:
        raise TraplineError(f"--target {text}: the command does not say where the test goes", "write {elf} in it")
    if kind == "remote" and not (detail.rpartition(":")[2].isdigit() or "/" in detail):
        raise TraplineError(f"--target {text}: no port", "write remote:HOST:PORT, or the path of a socket")
    return TargetSpec(kind, detail, machine, limits, changes, reset, is_foreign)
