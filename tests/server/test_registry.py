"""Machines by name: what can go wrong names both sides and the way out."""

from pathlib import Path

import pytest

from trapline.isa.errors import TraplineError
from trapline.server.boards.machine import MachineOptions
from trapline.server.boards.registry import (
    MACHINES,
    UnknownMachineError,
    WrongBoardError,
    board_for,
    boards_for,
    build_machine,
)
from trapline.server.loading.places import NoRoomError, OutsideRamError, Piece, Places, room_for
from trapline.server.machine.physical import MemorySlot, PhysicalMemory
from trapline.server.machine.ram import GuestRam

from .guests import guest

NOTHING = "_start:\n1: b 1b\n"


def test_unknown_machine_is_guessed() -> None:
    """A misspelt name gets the nearest one as a hint."""
    with pytest.raises(UnknownMachineError, match="did you mean pseries"):
        build_machine(guest(NOTHING, "power7", 0), "pserie")


def test_wrong_architecture_names_both() -> None:
    """A Power program for an Arm machine: the message has both, the hint the machines for it."""
    with pytest.raises(WrongBoardError, match=r"PPC64.*arm-virt.*ARM(.|\n)*pseries, power-bare"):
        build_machine(guest(NOTHING, "power7", 0), "arm-virt")


def test_machine_follows_from_the_program() -> None:
    """Without a name, the header decides."""
    assert board_for(guest(NOTHING, "power7", 0)).NAME == "pseries"
    assert board_for(guest(NOTHING, "armv7ve", 0x40010000)).NAME == "arm-virt"


def test_segment_outside_ram_names_ranges() -> None:
    """A program linked where no RAM is: both ranges are named."""
    with pytest.raises(OutsideRamError, match=r"0x80000000(.|\n)*0x0-0xfffffff"):
        build_machine(guest(NOTHING, "power7", 0x8000_0000), "pseries")


@pytest.mark.parametrize(
    "options",
    [
        MachineOptions(core="armv7ve"),
        MachineOptions(vcpus=0),
        MachineOptions(vcpus=99),
        MachineOptions(engine="steam"),
        MachineOptions(ram_size=12345),
    ],
)
def test_impossible_options_are_refused(options: MachineOptions) -> None:
    """Each is an error of the user's, with a hint."""
    with pytest.raises(TraplineError) as caught:
        build_machine(guest(NOTHING, "power7", 0), "pseries", options)
    assert caught.value.hint


def test_missing_file_is_an_error_of_the_system(tmp_path: Path) -> None:
    """A path without a file raises what the operating system says."""
    with pytest.raises(FileNotFoundError):
        build_machine(tmp_path / "nothing.elf")


def test_room_is_found_around_the_program() -> None:
    """The highest and the lowest free places do not overlap the program; none left is an error."""
    memory = PhysicalMemory()
    memory.add(MemorySlot(0, 0, 0x10000, GuestRam(0x10000)))
    places = Places(memory)
    places.put(Piece("program", 0x8000, 4, "link it elsewhere"), bytes(4))
    assert places.highest(0x1000, 0x1000, 0, 0x9000) == 0x7000
    assert places.highest(0x1000, 0x1000, 0, 0x10000) == 0xF000
    assert places.lowest(0x1000, 0x1000, 0x8000, 0x10000) == 0x9000
    assert places.highest(0x9000, 0x1000, 0, 0x9000) is None
    with pytest.raises(NoRoomError, match="the device tree"):
        room_for("the device tree", 0x9000, None, 0, 0x9000)


def test_the_registry_says_of_each_board_what_the_board_says() -> None:
    """Boards are found without loading them; what is written down about them is what their classes have."""
    for name, board in MACHINES.items():
        assert board.NAME == name
        assert name in boards_for(board.BOOT.machine)
