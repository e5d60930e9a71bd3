"""The machines by name, and which one a program is for."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Final

from ...isa.errors import TraplineError
from ...isa.lang.load import load_core
from ...isa.progress import Progress
from ..machine.elf import LoadedElf, load_elf
from .arm_kvm import ArmKvmMachine
from .arm_virt import ArmVirtMachine
from .machine import Machine, MachineOptions
from .power_bare import PowerBareMachine
from .pseries import PseriesMachine

BoardClass = type[PseriesMachine] | type[PowerBareMachine] | type[ArmVirtMachine] | type[ArmKvmMachine]

MACHINES: Final[dict[str, BoardClass]] = {
    board.NAME: board for board in (PseriesMachine, PowerBareMachine, ArmVirtMachine, ArmKvmMachine)
}
"""The first one for an architecture is what its programs run on unless told otherwise."""


class UnknownMachineError(TraplineError):
    """There is no machine of that name, or none that the program could run on."""


class WrongBoardError(TraplineError):
    """The program is for another architecture than the machine, or the core is none of the machine's."""


def board_named(name: str) -> BoardClass:
    """The machine's class. Raises UnknownMachineError."""
    board = MACHINES.get(name)
    if board is None:
        close = difflib.get_close_matches(name, MACHINES, 1)
        hint = f"did you mean {close[0]}?" if close else f"machines: {', '.join(MACHINES)}"
        raise UnknownMachineError(f"there is no machine '{name}'", hint)
    return board


def board_for(elf: LoadedElf) -> BoardClass:
    """The usual machine for a program. Raises UnknownMachineError."""
    for board in MACHINES.values():
        if board.ELF_MACHINE == elf.machine:
            return board
    known = ", ".join(sorted({board.ELF_MACHINE for board in MACHINES.values()}))
    raise UnknownMachineError(
        f"{elf.path}: it is for {elf.machine}, and no machine runs that", f"machines run programs for {known}"
    )


def build_machine(
    guest: Path | LoadedElf,
    machine: str | None = None,
    options: MachineOptions | None = None,
    progress: Progress | None = None,
) -> Machine:
    """A machine with a program in it, ready to run. Raises TraplineErrors of many kinds, each with a way out."""
    options = options or MachineOptions()
    elf = guest if isinstance(guest, LoadedElf) else load_elf(guest)
    board = board_for(elf) if machine is None else board_named(machine)
    if board.ELF_MACHINE != elf.machine:
        usual = ", ".join(name for name, one in MACHINES.items() if one.ELF_MACHINE == elf.machine) or "none"
        raise WrongBoardError(
            f"{elf.path}: it is a program for {elf.machine}, and machine '{board.NAME}' runs {board.ELF_MACHINE}",
            f"machines for it: {usual}",
        )
    core = options.core or board.CORES[0]
    if core not in board.CORES:
        raise WrongBoardError(
            f"machine '{board.NAME}' has no core '{core}'", f"its cores: {', '.join(board.CORES)}"
        )
    if not 1 <= options.vcpus <= MOST_VCPUS:
        raise WrongBoardError(f"a machine with {options.vcpus} vcpus cannot be made", f"1 to {MOST_VCPUS} are possible")
    return board(load_core(core, progress, options.changes), elf, options)


MOST_VCPUS: Final = 8
"""What the interrupt controllers and the tests have been made for."""
