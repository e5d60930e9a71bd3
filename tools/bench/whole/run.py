"""Measures whole processes: in each sample all peers run one after the other, and only ratios within a sample count."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from ....isa.errors import TraplineError
from ....isa.lang.load import ENTRIES
from ..architectures import Architecture
from ..peers.qemu import COMMANDS
from ..statistics import Summary, summary
from ..timing import PeerError
from .caches import Cache
from .guests import Guest, needs_compiler, tiny
from .peers import EDITED, FIRST, INTERPRETER, QEMU, Peer, command, trapline
from .processes import Took, run
from .works import LinuxWork, Work, linux_works, works

Progress = Callable[[str], None]
_PATIENCE = 900.0
"""Seconds after which a process has failed; the first one of all makes the native code."""
_EDITS = {
    "power": ("fixed_point/logical.isa", "eqv", "~(GPR[RS] ^ GPR[RB])"),
    "arm": ("media/bit_field.isa", "rbit", "R[Rm]"),
}
"""By architecture: a file of the description, an instruction in it, and what of its body is changed."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be measured, how many samples of it, and by which clock: cpu or wall."""

    arches: Sequence[Architecture]
    samples: int
    clock: str
    quick: bool
    linux: Sequence[str] = ()
    only: Sequence[str] = ()
    """Words of which one is in a work's name; all works if there is none."""


@dataclass(frozen=True, slots=True)
class Row:
    """One work: seconds of each peer, a number a sample."""

    arch: str
    name: str
    title: str
    seconds: dict[str, tuple[float, ...]]
    goals: tuple[float, float] | None

    def time(self, peer: Peer) -> Summary | None:
        """Of a peer that was there."""
        found = self.seconds.get(peer.name.lower())
        return None if found is None else summary(found)

    def ratio(self, peer: Peer, other: Peer) -> Summary | None:
        """How many times as fast as `other`: of each sample, then the median and the spread."""
        own, theirs = (self.seconds.get(one.name.lower()) for one in (peer, other))
        if own is None or theirs is None:
            return None
        return summary([theirs_one / own_one for own_one, theirs_one in zip(own, theirs, strict=True)])


@dataclass
class WholeResults:
    """`clock` is what seconds are counted by."""

    clock: str
    rows: list[Row] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def run_whole(plan: Plan, progress: Progress) -> WholeResults:
    """Measures everything that can be measured here; what cannot is in the results, too."""
    results = WholeResults(plan.clock)
    with tempfile.TemporaryDirectory(prefix="trapline-whole-") as name:
        folder = Path(name)
        cache = Cache(folder / "cache")
        for arch in plan.arches:
            progress(f"{arch.name}: native code of the description")
            guests = [command(tiny(arch), peer, 1, folder) for peer in (FIRST, INTERPRETER)]
            cache.prepare(partial(_ready, arch.core, guests, cache))
            _missing(arch, results)
        todo: list[Work | LinuxWork] = [*works(plan.arches, plan.quick), *linux_works(plan.linux)]
        for work in todo:
            if not plan.only or any(word in work.name for word in plan.only):
                _measure(work, plan, folder, cache, results, progress)
    return results


def _ready(core: str, guests: Sequence[Sequence[str]], cache: Cache) -> None:
    """Fills the cache with what any guest of the core needs, then with what these guests need beside it."""
    run([*trapline(), "isa", "build", core], cache.environment, _PATIENCE, False)
    for words in guests:
        run(words, cache.environment, _PATIENCE, True)


def _missing(arch: Architecture, results: WholeResults) -> None:
    program, package = COMMANDS[arch.name]
    if shutil.which(program) is None:
        results.missing.append(f"{arch.name}: {program} is not installed (Debian package {package})")
    compiler = needs_compiler(arch)
    if compiler is not None:
        results.missing.append(f"{arch.name}: {compiler}; there are no C kernels")


def _measure(
    work: Work | LinuxWork, plan: Plan, folder: Path, cache: Cache, results: WholeResults, progress: Progress
) -> None:
    there = [peer for peer in work.peers if peer is not QEMU or shutil.which(COMMANDS[work.arch.name][0])]
    seconds: dict[str, list[float]] = {peer.name.lower(): [] for peer in there}
    try:
        guest = work.make() if isinstance(work, Work) else None
        edits = _edits(work.arch, folder)
        told: set[str] = set()
        for sample in range(plan.samples):
            cache.forget()
            for peer in there:
                progress(f"{work.arch.name}: {work.name}, {peer.value}, {sample + 1} of {plan.samples}")
                took = _once(work, guest, peer, folder, cache, edits)
                if peer is not EDITED:
                    told.add(took.checksum)
                seconds[peer.name.lower()].append(took.cpu if plan.clock == "cpu" else took.wall)
        if len(told) > 1:
            raise PeerError(f"peers disagree about its result: {', '.join(sorted(told))}")
    except TraplineError as error:
        results.failures.append(f"{work.arch.name}: {work.name}: {error.message}")
        return
    kept = {name: tuple(times) for name, times in seconds.items()}
    results.rows.append(Row(work.arch.name, work.name, work.title, kept, work.goals))


def _once(
    work: Work | LinuxWork, guest: Guest | None, peer: Peer, folder: Path, cache: Cache, edits: Iterator[Path]
) -> Took:
    if isinstance(work, LinuxWork):
        return run(work.command(peer), cache.environment, _PATIENCE, False)
    assert guest is not None
    words = command(guest, peer, work.vcpus, folder)
    if peer is EDITED:
        words += ["--isa", str(next(edits))]
    return run(words, cache.environment, _PATIENCE, True)


def _edits(arch: Architecture, folder: Path) -> Iterator[Path]:
    """Files that replace an instruction, another one each time."""
    file, name, part = _EDITS[arch.name]
    text = (ENTRIES[arch.name].parent / file).read_text(encoding="utf-8")
    found = re.search(rf"^instruction {name} .*?^}}", text, re.DOTALL | re.MULTILINE)
    assert found is not None, f"{file}: {name}"
    assert part in found[0], f"{file}: {name}"
    number = 0
    while True:
        number += 1
        path = folder / f"edit-{arch.name}.isa"
        path.write_text("replace " + found[0].replace(part, f"({part} ^ {number})"), encoding="utf-8")
        yield path
