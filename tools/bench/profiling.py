"""Where the native engine's time goes where Python takes part: kernels under Python's own profiler."""

from __future__ import annotations

import cProfile
import pstats
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console

from ...server.boards.machine import MachineOptions
from .peers.trapline import Trapline
from .programs import Counts, Program
from .report import new_table
from .results import NATIVE
from .sampling import PATIENCE, enough_runs

_ROOT: Final = Path(__file__).resolve().parents[2]
_MOST: Final = 12
"""Functions that are shown."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function: calls and seconds of its own in one run of the kernel; `part` of the time of all functions.

    Native code has no functions here: its time is that of the function that enters it.
    """

    name: str
    calls: float
    seconds: float
    part: float


def profile(program: Program, options: MachineOptions, seconds: float) -> list[Function]:
    """About `seconds` of a kernel from its start on; the functions that took most of it first. Raises PeerError."""
    peer = Trapline(NATIVE, "Trapline", options)
    once = program.kernel.once
    runs = 1 if once else enough_runs(peer, program, seconds)[0]
    profiler = cProfile.Profile()
    peer.run(program, Counts(1, 1, 1) if once else Counts(0, runs, 1), PATIENCE, profiler)
    stats = pstats.Stats(profiler).stats  # type: ignore[attr-defined]
    whole = sum(own for _, _, own, _, _ in stats.values())
    functions = [
        Function(_name(*where), calls / runs, own / runs, own / whole) for where, (_, calls, own, _, _) in stats.items()
    ]
    return sorted(functions, key=lambda one: one.seconds, reverse=True)


def show_profile(program: Program, functions: Sequence[Function], console: Console) -> None:
    """Prints the first few."""
    table = new_table(f"{program.arch.name}: {program.kernel.name} ({program.form.value}), one run under the profiler")
    table.add_column("function")
    for title in ("calls", "microseconds", "part"):
        table.add_column(title, justify="right")
    for one in functions[:_MOST]:
        table.add_row(one.name, f"{one.calls:,.1f}", f"{one.seconds * 1e6:,.1f}", f"{100 * one.part:.0f} %")
    console.print(table)


def _name(file: str, line: int, function: str) -> str:
    """A place in our sources, or what the interpreter calls its own."""
    path = Path(file)
    if path.is_relative_to(_ROOT):
        return f"{path.relative_to(_ROOT)}:{line} {function}"
    return function if file == "~" else f"{path.name}:{line} {function}"
