"""Runs the works on both stubs in turn, so that what else the machine does falls on both."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ....isa.errors import TraplineError
from ....isa.lang.tree.diagnostics import did_you_mean
from ..architectures import Architecture
from ..peers.qemu import COMMANDS
from .peers import Stub, loop, serve
from .works import WORKS, Seconds, Work, missing_gdb, seconds

TRAPLINE, QEMU = "trapline", "qemu"


@dataclass(frozen=True, slots=True)
class Row:
    """A work on an architecture; `qemu` is None where QEMU is not installed."""

    arch: str
    work: Work
    trapline: Seconds
    qemu: Seconds | None

    @property
    def ratio(self) -> float | None:
        """How many times as quick as QEMU's stub."""
        return None if self.qemu is None else self.qemu.usual / self.trapline.usual


@dataclass(slots=True)
class RspResults:
    """Rows in the order of the table, and what could not be measured, as sentences."""

    rows: list[Row] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def run_rsp(
    arches: Sequence[Architecture], names: Sequence[str], samples: int, tell: Callable[[str], object]
) -> RspResults:
    """`samples` rounds of the works of these names, all if there are none. Raises TraplineError, PeerError."""
    chosen = _chosen(names)
    results = RspResults()
    if missing_gdb() is not None:
        chosen = [work for work in chosen if work.name != "condition"]
        results.missing.append(f"conditions: {missing_gdb()}")
    for arch in arches:
        command, package = COMMANDS[arch.name]
        peers = [TRAPLINE, QEMU]
        if shutil.which(command) is None:
            results.missing.append(f"{arch.name}: {command} is not installed (Debian package {package})")
            peers.remove(QEMU)
        with tempfile.TemporaryDirectory(prefix="trapline-rsp-") as folder:
            results.rows += _measured(arch, chosen, peers, samples, Path(folder), tell)
    return results


def _chosen(names: Sequence[str]) -> list[Work]:
    known = {work.name: work for work in WORKS}
    for name in names:
        if name not in known:
            hint = did_you_mean(name, known) or "known: " + ", ".join(known)
            raise TraplineError(f"there is no work of a debugger '{name}'", hint)
    return [work for work in WORKS if not names or work.name in names]


def _measured(
    arch: Architecture,
    works: Sequence[Work],
    peers: Sequence[str],
    samples: int,
    folder: Path,
    tell: Callable[[str], object],
) -> list[Row]:
    program = loop(arch)
    found: dict[tuple[str, str], list[float]] = {}
    for number in range(samples):
        for peer in peers:
            # A server for each round: what one keeps of an earlier round is no part of a first session's times.
            place = folder / str(number)
            place.mkdir(exist_ok=True)
            with serve(program, peer, place) as stub:
                for work in works:
                    tell(f"{arch.name}: {work.name} on {peer}, round {number + 1} of {samples}")
                    found.setdefault((peer, work.name), []).extend(_run(work, stub, arch))
    return [
        Row(
            arch.name,
            work,
            seconds(found[TRAPLINE, work.name]),
            seconds(found[QEMU, work.name]) if QEMU in peers else None,
        )
        for work in works
    ]


def _run(work: Work, stub: Stub, arch: Architecture) -> list[float]:
    try:
        return work.run(stub, arch)
    except TimeoutError as error:
        raise TraplineError(f"{stub.name} gave no answer in time: {work.name} on {arch.name}", str(error)) from error
