"""`trapline bench --edit`: how long it takes from a saved edit to its effect.

A file of one's own changes a shipped description. It is edited before each sample, so that nothing of it is kept; what
the edit does not touch may be. Times are the processor's, of the whole command with its children.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import msgspec
from rich.console import Console
from rich.table import Table

from ...isa.errors import TraplineError


class Edited(msgspec.Struct, frozen=True):
    """A shipped core, what is edited of it, and a guest."""

    core: str
    change: str
    """With `{}` where a number goes: the edit."""
    guest: str
    base: int


CORES: Final = (
    Edited("power7", "function bench_edit(x : u64) -> u64 { return x + {} }\n", "_start: nop\n b .\n", 0x4000),
    Edited("armv7ve", "function bench_edit(x : u32) -> u32 { return x + {} }\n", "_start: nop\n b .\n", 0x4010_0000),
    Edited("rv64", "function bench_edit(x : u64) -> u64 { return x + {} }\n", "_start: nop\n jal x0, .\n", 0x8000_0000),
)


class EditTime(msgspec.Struct, frozen=True):
    """Processor and wall seconds of one command after an edit: the least of the samples."""

    core: str
    what: str
    seconds: float
    wall: float


def run_edits(cores: list[str], samples: int, tell: Callable[[str], object]) -> list[EditTime]:
    """Measures. Raises TraplineError for a core that is not among those, or where a command fails."""
    known = {one.core: one for one in CORES}
    wrong = [core for core in cores if core not in known]
    if wrong:
        raise TraplineError(f"nothing is edited of '{wrong[0]}'", f"cores: {', '.join(known)}")
    found: list[EditTime] = []
    with tempfile.TemporaryDirectory(prefix="trapline-edit-") as folder:
        for core in cores or known:
            found += _of_core(known[core], Path(folder), samples, tell)
    return found


def _of_core(edited: Edited, folder: Path, samples: int, tell: Callable[[str], object]) -> Iterator[EditTime]:
    change, source, program = folder / "change.isa", folder / "guest.s", folder / "guest.elf"
    source.write_text(edited.guest)
    change.write_text("")
    arch = ["--arch", edited.core]
    _timed(["asm", *arch, "--base", hex(edited.base), "-o", str(program), str(source)])
    numbers = iter(range(1, 1 << 20))
    works = {
        "check": ["isa", "check", *arch, str(change)],
        "asm": ["asm", *arch, "--isa", str(change), "--base", hex(edited.base), "-o", str(program), str(source)],
        "run": ["run", "--core", edited.core, "--isa", str(change), "--max-instructions", "1000", str(program)],
    }
    for what, words in works.items():
        tell(f"{edited.core}: {what} after an edit")
        times = []
        for sample in range(samples + 1):
            change.write_text(edited.change.replace("{}", str(next(numbers)), 1))
            timed = _timed(words)
            if sample:  # the first one fills the cache
                times.append(timed)
        yield EditTime(edited.core, what, min(time[0] for time in times), min(time[1] for time in times))


def _timed(words: list[str]) -> tuple[float, float]:
    """Processor and wall seconds of a command."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "trapline", *words], capture_output=True, text=True, check=False, env=os.environ
    )
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - began
    if done.returncode not in (0, 3):  # 3: its instructions are used up
        raise TraplineError(f"trapline {' '.join(words)} has failed: {done.stderr.strip()[-400:]}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def show_edits(found: list[EditTime], console: Console) -> None:
    """A table."""
    table = Table("core", "after an edit", "CPU s", "wall s", title="From an edit to its effect")
    for one in found:
        table.add_row(one.core, one.what, f"{one.seconds:.2f}", f"{one.wall:.2f}")
    console.print(table)
