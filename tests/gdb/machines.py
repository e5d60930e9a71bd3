"""The four machines with the guests of this folder in them, behind a server that gdb connects to."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from trapline.asmgen import Layout, Source, assemble, target_for
from trapline.isa.lang.load import load_core
from trapline.server.boards.machine import MachineOptions
from trapline.server.boards.registry import build_machine
from trapline.server.machine.elf import LoadedElf, parse_elf
from trapline.server.rsp.server import GdbServer
from trapline.server.rsp.transcript import Recorder
from trapline.server.target import MachineTarget

from ..rsp.serving import serving

GUESTS = Path(__file__).parent / "guests"
RAM = 32 << 20


@dataclass(frozen=True)
class Board:
    """A machine, the guest for it, and what its architecture calls things."""

    name: str
    core: str
    sources: tuple[str, ...]
    base: int
    architecture: str
    """As `show architecture` names it."""
    order: str
    word: int
    """Bytes of `counter`."""
    argument: str
    """The register of a function's first argument, which is its result's as well."""
    spinning: str
    """The register that `spin` counts in."""

    @property
    def is_power(self) -> bool:
        """Whether it is one of the Power machines."""
        return self.order == "big"

    @property
    def counter(self) -> str:
        """The counter in memory as an expression of gdb's."""
        return f"*({'long' if self.is_power else 'int'} *)&counter"

    @property
    def source(self) -> Path:
        """The file that gdb lists."""
        return GUESTS / self.sources[0]

    def elf(self) -> LoadedElf:
        """The guest, assembled once."""
        return _assembled(self.sources, self.core, self.base)


def _power(name: str, off: str) -> Board:
    return Board(name, "power7", ("power.s", off), 0x10000, "powerpc:common64", "big", 8, "r3", "r20")


def _arm(name: str, off: str) -> Board:
    return Board(name, "armv7ve", ("arm.s", off), 0x40010000, "armv7", "little", 4, "r0", "r8")


PSERIES = _power("pseries", "off_pseries.s")
POWER_BARE = _power("power-bare", "off_power_bare.s")
ARM_VIRT = _arm("arm-virt", "off_arm_virt.s")
ARM_KVM = _arm("arm-kvm", "off_arm_kvm.s")
BOARDS = (PSERIES, POWER_BARE, ARM_VIRT, ARM_KVM)
EVERY = pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.name)
ONE_EACH = pytest.mark.parametrize("board", [PSERIES, ARM_VIRT], ids=lambda board: board.name)
"""One machine of each architecture, for claims that the hypervisor has no part in."""


@cache
def _assembled(sources: tuple[str, ...], core: str, base: int) -> LoadedElf:
    read = [Source.read(GUESTS / name) for name in sources]
    return parse_elf(assemble(read, target_for(load_core(core)), Layout(base=base)).elf, "guest.elf")


def target(board: Board, vcpus: int = 1) -> MachineTarget:
    """The machine as the server's target, at its entry point."""
    options = MachineOptions(vcpus=vcpus, ram_size=RAM)
    return MachineTarget(lambda: build_machine(board.elf(), board.name, options))


@contextlib.contextmanager
def serve(board: Board, vcpus: int = 1, recorder: Recorder | None = None) -> Iterator[GdbServer]:
    """A server for the board's guest, on a port that the system chooses."""
    with serving(target(board, vcpus), recorder=recorder) as server:
        yield server
