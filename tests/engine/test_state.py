"""State is declared: layout, snapshots, differences, sharing; and both kinds of blocks hold the same."""

from __future__ import annotations

import pytest

from trapline.isa.engine.blocks import Block, BlockMaker, BufferBlock, PythonBlock, SnapshotError
from trapline.isa.engine.layout import PC, BlockLayout, layout_of
from trapline.isa.engine.reference import ReferenceEngine
from trapline.isa.engine.state import State, StateError

from .toy import ToyMachine, encode, toy


def buffer_block(layout: BlockLayout) -> Block:
    """A block in the declared layout's bytes, as native code has it."""
    return BufferBlock(layout, bytearray(layout.size))


def test_elements_are_aligned_and_do_not_overlap() -> None:
    """Every slot of every block has bytes of its own, at a multiple of its element's size (8 at most)."""
    for block in layout_of(toy()).blocks.values():
        end = 0
        for slot in block.slots.values():
            assert slot.offset >= end
            assert slot.offset % min(slot.size, 8) == 0
            assert slot.size * 8 >= slot.width
            end = slot.offset + slot.size * slot.elements
        assert end <= block.size


def test_a_snapshot_follows_the_declared_layout() -> None:
    """An element's bytes stand where the layout says, least significant first."""
    state = State(toy())
    state.write("R", 0x11223344, 3)
    slot = state.layout.slot("R")
    assert state.snapshot()[slot.offset + 12 : slot.offset + 16] == bytes.fromhex("44332211")


def test_diff_names_what_changed() -> None:
    """Register, index, before and after; nothing else."""
    state = State(toy())
    before = state.snapshot()
    state.write("W", 1 << 100, 2)
    state.write("COMMON", 8)
    assert [str(difference) for difference in state.diff(before)] == [
        f"W[2]: 0x0 -> {1 << 100:#x}",
        "COMMON: 0x7 -> 0x8",
    ]


def test_a_restored_snapshot_is_the_state_again() -> None:
    """And one of another length is refused."""
    state = State(toy())
    state.write("R", 5, 1)
    snapshot = state.snapshot()
    state.write("R", 6, 1)
    state.restore(snapshot)
    assert state.read("R", 1) == 5
    with pytest.raises(SnapshotError, match="another description"):
        state.restore(snapshot[1:])


@pytest.mark.parametrize("shared", ["core", "partition", "machine"])
def test_siblings_share_the_scopes_that_they_should(shared: str) -> None:
    """A thread's registers are its own always; the machine's are common always."""
    one = State(toy())
    other = one.sibling(shared)
    other.write("R", 1, 0)
    other.write("SHARED", 2)
    other.write("COMMON", 3)
    assert (one.read("R", 0), one.read("COMMON")) == (0, 3)
    assert one.read("SHARED") == (2 if shared == "core" else 0)


def test_a_name_that_is_wrong_is_answered_with_the_right_one() -> None:
    """Unknown names, views, indices beyond the end and values that do not fit are told apart."""
    state = State(toy())
    for name, index, message in (
        ("STATSU", None, "did you mean STATUS"),
        ("LOW", None, "view"),
        ("R", 16, "0 to 15"),
        ("R", None, "0 to 15"),
        ("STATUS", 0, "takes no index"),
    ):
        with pytest.raises(StateError, match=message):
            state.read(name, index)
    with pytest.raises(StateError, match="32 bits"):
        state.write("STATUS", 1 << 32)


def test_a_program_runs_the_same_on_bytes_and_on_python_ints() -> None:
    """Blocks that native code could share give the same snapshot after the same instructions."""
    machine = ToyMachine()
    shared = State(toy(), buffer_block)
    engine = ReferenceEngine(toy(), shared, machine.memory, machine.bus)
    machine.ram.write(0x1000, bytes(range(16)))
    machine.place(
        0x100, [encode("li", a=2, imm=0x1000), encode("wide", a=3, b=2), encode("add", a=4, b=2, imm=-1), 0xFF000000]
    )
    shared.write(PC, 0x100)
    machine.engine.run(4)
    engine.run(4)
    assert shared.read("W", 3) == int.from_bytes(bytes(range(16)), "big")
    assert shared.snapshot() == machine.state.snapshot()
    assert list(machine.state.diff(shared.snapshot())) == []


@pytest.mark.parametrize("make_block", [PythonBlock, buffer_block])
def test_readers_and_writers_do_what_single_accesses_do(make_block: BlockMaker) -> None:
    """Of one register, of several side by side, or anywhere; values are cut, and fewer of them write the first."""
    state = State(toy(), make_block)
    for places in (
        [("CAUSE", None)],
        [("R", 4), ("R", 5), ("R", 6)],
        [("SAVED", None), ("SPACE", None), ("R", 1), ("INPUT", None)],
        [("W", 2), ("CAUSE", None)],
    ):
        read, write = state.reader(places), state.writer(places)
        values = [0x1_2345_6789_ABCD_EF01 + at for at in range(len(places))]
        write(values)
        widths = [state.layout.slot(name).width for name, _ in places]
        cut = [value & ((1 << width) - 1) for value, width in zip(values, widths, strict=True)]
        assert list(read()) == cut == [state.read(*place) for place in places]
        write([0])
        assert list(read()) == [0, *cut[1:]]
