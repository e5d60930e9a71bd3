"""The machines by name, and which one a program is for."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from msgspec.structs import replace

from ...isa.errors import TraplineError
from ...isa.lang.load import load_core
from ...isa.model.items import Description
from ...isa.progress import Progress
from ..engine_choice import choose_engine
from ..loading.guest import Guest, guest_of
from ..loading.request import LoadRequest
from ..machine.elf import LoadedElf
from .machine import Machine, MachineOptions

if TYPE_CHECKING:
    from .arm_kvm import ArmKvmMachine
    from .arm_virt import ArmVirtMachine
    from .described import DescribedMachine
    from .power.power_bare import PowerBareMachine
    from .power.pseries import PseriesMachine

    BoardClass = (
        type[PseriesMachine]
        | type[PowerBareMachine]
        | type[ArmVirtMachine]
        | type[ArmKvmMachine]
        | type[DescribedMachine]
    )

_PLACES: Final = {
    "pseries": ("PPC64", "power.pseries", "PseriesMachine"),
    "power-bare": ("PPC64", "power.power_bare", "PowerBareMachine"),
    "arm-virt": ("ARM", "arm_virt", "ArmVirtMachine"),
    "arm-kvm": ("ARM", "arm_kvm", "ArmKvmMachine"),
}
"""By name: what ELF files call the architecture, and where the class stands."""


_DESCRIBED: Final = {"riscv-virt": ("RISCV", "rv64")}
"""Boards of descriptions that come with Trapline: by name, what ELF files call the architecture, and the usual core."""


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

        known = machine_names()
        close = difflib.get_close_matches(name, known, 1)
        hint = f"did you mean {close[0]}?" if close else f"machines: {', '.join(known)}"
        raise UnknownMachineError(f"there is no machine '{name}'", hint)
    return MACHINES[name]


def machine_names() -> list[str]:
    """All machines that come with Trapline."""
    return [*_PLACES, *_DESCRIBED]


def usual_core(name: str) -> str:
    """The core of a machine that comes with Trapline, where nobody says another. Raises UnknownMachineError."""
    return _DESCRIBED[name][1] if name in _DESCRIBED else board_named(name).CORES[0]


def boards_for(architecture: str) -> list[str]:
    """The machines for what ELF files call an architecture, the usual one first."""
    made = [name for name, (runs, _, _) in _PLACES.items() if runs == architecture]
    return made + [name for name, (runs, _) in _DESCRIBED.items() if runs == architecture]


def described_boards() -> Iterator[BoardClass]:
    """The machines that shipped descriptions describe; each description is loaded."""
    for name, (_, core) in _DESCRIBED.items():
        yield _board_of(load_core(core), name)


def board_for(guest: LoadedElf | Guest) -> BoardClass:
    """The usual machine for a guest. Raises UnknownMachineError."""
    guest = guest_of(guest)
    machine = guest.machine
    if machine is None:
        raise UnknownMachineError(
            f"{guest.title}: nothing in it says which machine it is for",
            f"give --machine: {', '.join(machine_names())}",
        )
    names = boards_for(machine)
    if not names:
        known = ", ".join(sorted({runs for runs, *_ in (*_PLACES.values(), *_DESCRIBED.values())}))
        raise UnknownMachineError(
            f"{guest.title}: it is for {machine}, and no machine runs that", f"machines run programs for {known}"
        )
    return MACHINES[names[0]]


def build_machine(
    guest: Path | LoadedElf | LoadRequest | Guest,
    machine: str | None = None,
    options: MachineOptions | None = None,
    progress: Progress | None = None,
    description: Description | None = None,
) -> Machine:
    """A machine with a guest in it, ready to run; files are read now, but a `description` that is given already
    and is the core's.

    Raises TraplineErrors of many kinds, each with a way out, and OSError for files that cannot be read.
    """
    options = options or MachineOptions()
    loaded = guest_of(guest)
    if options.description is not None and description is None:
        description = load_core(options.core or "", progress, options.changes, options.description)
    described = _described(loaded, machine) if options.description is None else None
    if described is not None and description is None:
        description = load_core(options.core or _DESCRIBED[described][1], progress, options.changes)
    if (options.description is not None or described is not None) and description is not None:
        board = _board_of(description, described or machine)
    else:
        board = board_for(loaded) if machine is None else board_named(machine)
    if loaded.machine not in (None, board.BOOT.machine):
        usual = ", ".join(boards_for(loaded.machine or "")) or "none"
        raise WrongBoardError(
            f"{loaded.title}: it is a program for {loaded.machine}, "
            f"and machine '{board.NAME}' runs {board.BOOT.machine}",
            f"machines for it: {usual}",
        )
    core = options.core or board.CORES[0]
    if core not in board.CORES:
        raise WrongBoardError(f"machine '{board.NAME}' has no core '{core}'", f"its cores: {', '.join(board.CORES)}")
    _check_numbers(board, options)
    if description is None or description.core != core:
        description = load_core(core, progress, options.changes)
    _check_threads(description, options.threads)
    engine = choose_engine(description, options.engine, progress)
    options = replace(options, engine=engine)
    if loaded.neighbours:
        from .several import several_partitions

        return several_partitions(board.NAME, description, loaded, options)
    return board(description, loaded, options)


def _described(guest: Guest, machine: str | None) -> str | None:
    """The shipped described board that is wanted; None if another machine is."""
    if machine is not None:
        return machine if machine in _DESCRIBED else None
    usual = boards_for(guest.machine or "")
    return usual[0] if usual and usual[0] in _DESCRIBED else None


def _board_of(description: Description, machine: str | None) -> BoardClass:
    """The board of a description by its name, or the first one. Raises UnknownMachineError."""
    from .described import described_board

    boards = description.boards
    if not boards:
        raise UnknownMachineError(
            f"the description '{description.name}' has no board", "describe one: board NAME { ram ADDRESS size BYTES }"
        )
    names = {name.replace("_", "-"): name for name in boards}
    name = next(iter(names)) if machine is None else machine.replace("_", "-")
    if name not in names:
        raise UnknownMachineError(f"there is no machine '{name}' in the description", f"its boards: {', '.join(names)}")
    return described_board(description, boards[names[name]])


def _check_threads(description: Description, threads: int) -> None:
    """Raises WrongBoardError for more hardware threads than the description says that a core has."""
    most = description.constants.get("HARDWARE_THREADS")
    if most is not None and threads > most.value:
        raise WrongBoardError(
            f"a core of '{description.core}' has {most.value} hardware threads, not {threads}",
            f"--threads may be at most {most.value} for it",
        )


def _check_numbers(board: BoardClass, options: MachineOptions) -> None:
    """Raises WrongBoardError for options that the board cannot have."""
    if not 1 <= options.vcpus <= board.MOST_VCPUS:
        raise WrongBoardError(
            f"a machine with {options.vcpus} vcpus cannot be made", f"1 to {board.MOST_VCPUS} are possible"
        )
    if not 1 <= options.threads <= board.MOST_THREADS:
        raise WrongBoardError(
            f"machine '{board.NAME}' has no cores of {options.threads} hardware threads",
            f"--threads may be at most {board.MOST_THREADS} there",
        )
    if options.vcpus % options.threads:
        raise WrongBoardError(
            f"{options.vcpus} vcpus do not make whole cores of {options.threads} threads",
            f"make --vcpus a multiple of --threads: {-(-options.vcpus // options.threads) * options.threads}",
        )
    if options.rma and board.NAME != "pseries":
        raise WrongBoardError(f"machine '{board.NAME}' has no partition's real mode area", "leave --rma out")
    if options.hpt_order is not None:
        from ..hv.book3s.partition.page_table import LARGEST_ORDER, SMALLEST_ORDER

        if board.NAME != "pseries":
            raise WrongBoardError(f"machine '{board.NAME}' has no partition's page table", "leave --hpt-order out")
        if not SMALLEST_ORDER <= options.hpt_order <= LARGEST_ORDER:
            raise WrongBoardError(
                f"a hashed page table of order {options.hpt_order} cannot be made",
                f"--hpt-order is {SMALLEST_ORDER} to {LARGEST_ORDER}, or auto",
            )
    if (options.semihosting or options.semihosting_folder is not None) and not board.HAS_SEMIHOSTING:
        raise WrongBoardError(
            f"machine '{board.NAME}' has no semihosting: an SVC is its guest's own business",
            "--semihosting is for --machine arm-virt",
        )
    if not 0 <= options.wild_after <= MOST_IN_A_ROW:
        raise WrongBoardError(
            f"{options.wild_after} interrupts in a row cannot be counted", f"--wild-after is 0 to {MOST_IN_A_ROW}"
        )
    if options.clock_shift is not None and not 0 <= options.clock_shift <= MOST_CLOCK_SHIFT:
        raise WrongBoardError(
            f"2^{options.clock_shift} instructions cannot be a tick", f"--clock-shift is 0 to {MOST_CLOCK_SHIFT}"
        )


MOST_CLOCK_SHIFT: Final = 16
MOST_IN_A_ROW: Final = 1 << 32
