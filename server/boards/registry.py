"""The machines by name, and which one a program is for."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from ...isa.errors import TraplineError
from ...isa.lang.load import load_core
from ...isa.progress import Progress
from ..engine_choice import choose_engine
from ..machine.elf import LoadedElf, load_elf
from .machine import Machine, MachineOptions

if TYPE_CHECKING:
    from .arm_kvm import ArmKvmMachine
    from .arm_virt import ArmVirtMachine
    from .power_bare import PowerBareMachine
    from .pseries import PseriesMachine

    BoardClass = type[PseriesMachine] | type[PowerBareMachine] | type[ArmVirtMachine] | type[ArmKvmMachine]

_PLACES: Final = {
    "pseries": ("PPC64", "pseries", "PseriesMachine"),
    "power-bare": ("PPC64", "power_bare", "PowerBareMachine"),
    "arm-virt": ("ARM", "arm_virt", "ArmVirtMachine"),
    "arm-kvm": ("ARM", "arm_kvm", "ArmKvmMachine"),
}
"""By name: what ELF files call the architecture, and where the class stands."""


class _Boards(Mapping[str, "BoardClass"]):
    """A board's modules are loaded when it is asked for: a run needs one of them."""

    def __getitem__(self, name: str) -> BoardClass:
        _, module, attribute = _PLACES[name]
        return cast("BoardClass", getattr(importlib.import_module(f".{module}", __package__), attribute))

    def __iter__(self) -> Iterator[str]:
        return iter(_PLACES)

    def __len__(self) -> int:
        return len(_PLACES)


MACHINES: Final[Mapping[str, BoardClass]] = _Boards()
"""The first one for an architecture is what its programs run on unless told otherwise."""


class UnknownMachineError(TraplineError):
    """There is no machine of that name, or none that the program could run on."""


class WrongBoardError(TraplineError):
    """The program is for another architecture than the machine, or the core is none of the machine's."""


def board_named(name: str) -> BoardClass:
    """The machine's class. Raises UnknownMachineError."""
    if name not in _PLACES:
        import difflib

        close = difflib.get_close_matches(name, _PLACES, 1)
        hint = f"did you mean {close[0]}?" if close else f"machines: {', '.join(_PLACES)}"
        raise UnknownMachineError(f"there is no machine '{name}'", hint)
    return MACHINES[name]


def boards_for(architecture: str) -> list[str]:
    """The machines for what ELF files call an architecture, the usual one first."""
    return [name for name, (runs, _, _) in _PLACES.items() if runs == architecture]


def board_for(elf: LoadedElf) -> BoardClass:
    """The usual machine for a program. Raises UnknownMachineError."""
    names = boards_for(elf.machine)
    if not names:
        known = ", ".join(sorted({runs for runs, _, _ in _PLACES.values()}))
        raise UnknownMachineError(
            f"{elf.path}: it is for {elf.machine}, and no machine runs that", f"machines run programs for {known}"
        )
    return MACHINES[names[0]]


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
        usual = ", ".join(boards_for(elf.machine)) or "none"
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
    description = load_core(core, progress, options.changes)
    engine = choose_engine(description, options.engine, progress)
    return board(description, elf, replace(options, engine=engine))


MOST_VCPUS: Final = 8
"""What the interrupt controllers and the tests have been made for."""
