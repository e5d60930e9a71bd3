"""What is measured as whole processes, and on whom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ....isa.errors import TraplineError
from ..architectures import ARM, POWER, Architecture
from . import guests
from .guests import Guest
from .peers import EDITED, FIRST, INTERPRETER, QEMU, SECOND, Peer, linux_commands

BILLION = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Work:
    """A guest for one architecture, and its peers in the order in which they run. `goal`: how many times QEMU's speed
    the first and the second run are to reach at least."""

    name: str
    title: str
    arch: Architecture
    make: Callable[[], Guest]
    peers: tuple[Peer, ...] = (QEMU, FIRST, SECOND, INTERPRETER)
    vcpus: int = 1
    goals: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class LinuxWork:
    """A Linux kernel's boot to power-off, from files that the user has."""

    arch: Architecture
    kernel: Path
    initrd: Path | None
    name: str = "linux"
    title: str = "a Linux boot to power-off"
    peers: tuple[Peer, ...] = (QEMU, FIRST, SECOND, INTERPRETER)
    vcpus: int = 1
    goals: tuple[float, float] | None = (0.3, 0.6)

    def command(self, peer: Peer) -> list[str]:
        """See `linux_commands`."""
        return linux_commands(self.arch, peer, self.kernel, self.initrd)


def works(arches: Sequence[Architecture], quick: bool) -> list[Work]:
    """All guests that can be made here, small ones first. `quick`: of the C kernels the small sizes only."""
    found = []
    sizes = ((0.1, None), (1, (0.6, 1.0))) if quick else ((1, (0.6, 1.0)), (4, (1.0, 1.0)), (20, (1.4, 1.4)))
    for arch in arches:
        found += [
            Work("tiny", "some 500 instructions", arch, _maker(guests.tiny, arch), goals=(0.5, 0.5)),
            Work("edit", "an edited instruction to its effect", arch, _maker(guests.edited, arch), (SECOND, EDITED)),
        ]
        if guests.needs_compiler(arch) is None:
            for size, goals in sizes:
                found.append(_kernels(arch, size, goals))
        found.append(Work("lukewarm", "40 loops, 150,000 times each", arch, _maker(guests.lukewarm, arch),
                          goals=(0.8, 0.8)))  # fmt: skip
        found += [
            Work(f"code {times} x", f"2 MB of code, {times} times", arch, _code(arch, times)) for times in (1, 5, 20)
        ]
        switched = (QEMU, FIRST, SECOND, INTERPRETER) if arch == ARM else (FIRST, SECOND, INTERPRETER)
        found.append(Work("world switch", "200,000 world switches", arch, _maker(guests.world_switch, arch), switched))
        found.append(Work("contended", "two vcpus, one lock", arch, _maker(guests.contended, arch), vcpus=2))
    return found


def _maker(make: Callable[[Architecture], Guest], arch: Architecture) -> Callable[[], Guest]:
    return lambda: make(arch)


def _code(arch: Architecture, times: int) -> Callable[[], Guest]:
    return lambda: guests.code(arch, times)


def _kernels(arch: Architecture, size: float, goals: tuple[float, float] | None) -> Work:
    return Work(
        f"C kernels {size:g} G", f"seven C kernels, {size:g} G instructions", arch,
        lambda: guests.kernels(arch, int(size * BILLION)), goals=goals,
    )  # fmt: skip


def linux_works(given: Sequence[str]) -> list[LinuxWork]:
    """`power=KERNEL` or `arm=KERNEL,INITRD`, as on the command line. Raises TraplineError."""
    found = []
    for text in given:
        name, equals, paths = text.partition("=")
        arch = {one.name: one for one in (POWER, ARM)}.get(name)
        if arch is None or not equals:
            raise TraplineError(f"cannot read --linux {text}", "write power=KERNEL or arm=KERNEL,INITRD")
        kernel, _, initrd = paths.partition(",")
        for path in filter(None, (kernel, initrd)):
            if not Path(path).is_file():
                raise TraplineError(f"--linux {text}: there is no file {path}", "check the path")
        found.append(LinuxWork(arch, Path(kernel), Path(initrd) if initrd else None))
    return found
