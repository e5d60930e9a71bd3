"""Accesses: translation, byte order, alignment, page crossing, devices, code that changes, shared state."""

from __future__ import annotations

import pytest

from trapline.isa.engine import fetch
from trapline.isa.engine.errors import EngineError, GuestFault
from trapline.isa.engine.interface import STORE, Fault, Translation
from trapline.isa.engine.probe import MemoryUnavailable

from .toy import DEVICE, ToyMachine, encode


def translating() -> ToyMachine:
    """A machine with a table at 0x8000: pages 0 and 1 are themselves, page 3 is frame 2 read-only."""
    machine = ToyMachine()
    machine.map_page(0, 0)
    machine.map_page(1, 1)
    machine.map_page(3, 2, writable=False)
    machine.engine.write_external("TABLE", 0x8000)
    return machine


def test_byte_order_is_asked_for_each_access() -> None:
    """A change of the byte order holds from the next access on, also within a cached page."""
    machine = ToyMachine()
    machine.ram.write(0x1000, bytes(range(16)))
    load = encode("load", a=1, b=13)
    machine.place(0x100, [load, encode("flip", a=1, imm=1), encode("load", a=2, b=13), encode("wide", a=1, b=13)])
    machine.state.write("R", 0x1000, 13)
    machine.engine.run(4)
    assert (machine.register(1), machine.register(2)) == (0x00010203, 0x03020100)
    assert machine.state.read("W", 1) == int.from_bytes(bytes(range(16)), "little")


def test_a_store_over_a_page_border_writes_nothing_when_the_second_page_faults() -> None:
    """Both pages are translated before a byte is written."""
    machine = translating()
    machine.place(0x100, [encode("store", a=1, b=2)])
    machine.state.write("R", 0x11223344, 1)
    machine.state.write("R", 0x1FFE, 2)
    before = machine.ram.read(0x1FF0, 0x20)
    machine.engine.run(1)
    assert (machine.state.pc, machine.state.read("CAUSE")) == (0x40, 0x2000)
    assert machine.ram.read(0x1FF0, 0x20) == before
    machine.map_page(2, 5)
    machine.state.pc = 0x100
    assert machine.engine.run(1).retired == 1
    assert machine.ram.read(0x1FFE, 2) + machine.ram.read(0x5000, 2) == bytes.fromhex("11223344")


def test_the_misaligned_hook_may_raise_or_let_pass() -> None:
    """Eight bytes must be aligned here, four need not be; nothing is stored by the one that raises."""
    machine = ToyMachine()
    machine.place(0x100, [encode("store", a=1, b=2), encode("stored", a=1, b=2)])
    machine.state.write("R", 0xAABBCCDD, 1)
    machine.state.write("R", 0x1002, 2)
    machine.engine.run(2)
    assert (machine.state.pc, machine.state.read("CAUSE")) == (0x44, 0x1002)
    assert machine.ram.read(0x1000, 12) == bytes.fromhex("0000aabbccdd000000000000")


def test_permissions_are_cached_by_kind_of_access() -> None:
    """A load that filled the soft TLB does not let a store through to a read-only page."""
    machine = translating()
    machine.place(0x100, [encode("load", a=1, b=2), encode("store", a=1, b=2)])
    machine.state.write("R", 0x3000, 2)
    stop = machine.engine.run(2)
    assert (stop.retired, stop.pc, machine.state.read("SAVED")) == (1, 0x40, 0x104)


def test_cached_translations_belong_to_a_context() -> None:
    """After the context changed, the other context's table is asked; the first one's entries are still there then."""
    machine = translating()
    machine.ram.write_int(0x2000, 4, 0x111, "big")
    machine.ram.write_int(0x4000, 4, 0x222, "big")
    machine.place(0x100, [encode("load", a=1, b=2)])
    machine.state.write("R", 0x3000, 2)
    machine.engine.run(1)
    assert machine.register(1) == 0x111
    machine.map_page(3, 4)
    for space, expected in ((1, 0x222), (0, 0x111)):
        machine.engine.write_external("SPACE", space)
        machine.state.pc = 0x100
        machine.engine.run(1)
        assert machine.register(1) == expected


def test_flushed_translations_are_looked_up_again() -> None:
    """An engine may keep an old answer until the TLB is flushed, but not beyond."""
    machine = translating()
    machine.place(0x100, [encode("load", a=1, b=2)])
    machine.state.write("R", 0x3000, 2)
    machine.ram.write_int(0x4000, 4, 0x222, "big")
    machine.engine.run(1)
    machine.map_page(3, 4)
    machine.engine.flush_tlb()
    machine.state.pc = 0x100
    machine.engine.run(1)
    assert machine.register(1) == 0x222


def test_devices_get_one_access_in_little_endian_lanes() -> None:
    """A big-endian word store to the bus has its bytes in the order of their addresses."""
    machine = ToyMachine()
    machine.place(0x100, [encode("store", a=1, b=2, imm=4), encode("load", a=3, b=2)])
    machine.state.write("R", 0x11223344, 1)
    machine.state.write("R", DEVICE, 2)
    machine.engine.run(2)
    assert machine.device.accesses == [("write", 4, 4, 0x44332211), ("read", 0, 4, 0)]
    assert machine.register(3) == 0x5A000000


@pytest.mark.parametrize("address", [0x200000, 0x80000])
def test_what_nothing_answers_is_a_bus_error(address: int) -> None:
    """The hook gets the physical address; a store to a read-only slot goes to the bus, where nothing answers."""
    machine = ToyMachine()
    machine.place(0x100, [encode("store", a=1, b=2)])
    machine.state.write("R", address, 2)
    machine.engine.run(1)
    assert (machine.state.pc, machine.state.read("CAUSE")) == (0x48, address)


def test_code_that_stores_over_itself_runs_what_it_stored() -> None:
    """Without any cache instruction: the loop's second pass executes the new instruction."""
    machine = ToyMachine()
    machine.state.write("R", encode("li", a=5, imm=42), 1)
    machine.state.write("R", 0x104, 2)
    machine.place(
        0x100,
        [encode("li", a=4, imm=1), encode("li", a=5, imm=1), encode("store", a=1, b=2), encode("branch", a=4, imm=-3)],
    )
    machine.engine.run(3)
    assert machine.register(5) == 1
    machine.engine.run(3)
    assert machine.register(5) == 42


def test_stores_beside_code_leave_the_decoded_code_alone() -> None:
    """Data in the same page as code does not cost the decoded instructions."""
    machine = ToyMachine()
    machine.state.write("R", 0x180, 2)
    machine.place(0x100, [encode("store", a=1, b=2), encode("branch", a=2, imm=-1)])
    machine.engine.run(4)
    decoded = machine.engine.hot[0x100]
    machine.engine.run(10)
    assert machine.engine.hot[0x100] is decoded


def test_what_was_no_instruction_may_become_one() -> None:
    """An interrupt handler puts an instruction where there was none, and goes back."""
    machine = ToyMachine()
    machine.state.write("R", encode("li", a=5, imm=42), 1)
    machine.state.write("R", 0x200, 2)
    machine.state.write("R", 1, 4)
    machine.place(0x4C, [encode("store", a=1, b=2), encode("branch", a=4, imm=(0x200 - 0x50) >> 2)])
    machine.place(0x200, [0xFF000000])
    machine.engine.run(3)
    assert machine.state.pc == 0x200
    machine.engine.run(1)
    assert (machine.state.pc, machine.register(5)) == (0x204, 42)


def test_code_changes_where_more_pages_held_code_than_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was forgotten of a page to make room is forgotten altogether, so that a store to it is not missed."""
    monkeypatch.setattr(fetch, "MAXIMUM_PAGES", 2)
    machine = ToyMachine()
    machine.state.write("R", encode("li", a=5, imm=42), 1)
    machine.state.write("R", 0x1000, 2)
    machine.state.write("R", 1, 4)
    machine.place(0x3000, [encode("store", a=1, b=2), encode("branch", a=4, imm=(0x1000 - 0x3004) >> 2)])
    machine.place(0x2000, [encode("li", a=6, imm=0), encode("branch", a=4, imm=0xFFC >> 2)])
    machine.place(0x1000, [encode("li", a=5, imm=1), encode("branch", a=4, imm=0xFFC >> 2)])
    machine.engine.run(6)
    assert (machine.state.pc, machine.register(5)) == (0x1000, 1)
    machine.engine.run(1)
    assert machine.register(5) == 42


def test_another_vcpus_store_changes_this_ones_code() -> None:
    """Decoded code is dropped in all engines of a machine, and shared registers are shared."""
    machine = ToyMachine()
    other = machine.another("core")
    machine.place(0x100, [encode("li", a=1, imm=1), encode("branch", a=1, imm=-1)])
    machine.engine.run(2)
    machine.place(0x300, [encode("store", a=1, b=2)])
    other.state.write("R", encode("li", a=1, imm=7), 1)
    other.state.write("R", 0x100, 2)
    other.state.pc = 0x300
    other.run(1)
    machine.state.pc = 0x100
    machine.engine.run(1)
    assert machine.register(1) == 7
    other.state.write("SHARED", 5)
    assert (machine.state.read("SHARED"), machine.state.read("R", 2)) == (5, 0)


def test_a_translation_for_the_debugger_has_no_side_effect() -> None:
    """The walk sets no referenced bit, a fault is described and not taken, the registers stay."""
    machine = translating()
    before = machine.state.snapshot()
    assert machine.engine.translate(0x3004) == Translation(0x2004, 12, 5)
    assert machine.engine.translate(0x3004, STORE) == Fault("page_fault", (0x3004, 1))
    assert machine.ram.read_int(0x800C, 4, "big") == 0x2001
    assert machine.state.snapshot() == before


def test_the_debugger_reads_and_writes_effective_memory() -> None:
    """Over page borders, into pages that the guest may only read, and with an error where there is nothing."""
    machine = translating()
    machine.map_page(2, 6)
    machine.engine.write_memory(0x2FFE, b"abcd")
    assert machine.ram.read(0x6FFE, 2) + machine.ram.read(0x2000, 2) == b"abcd"
    assert machine.engine.read_memory(0x2FFE, 4) == b"abcd"
    with pytest.raises(GuestFault, match="page_fault"):
        machine.engine.read_memory(0x4000, 1)
    machine.engine.write_external("TABLE", 0)
    with pytest.raises(MemoryUnavailable, match="0x100000"):
        machine.engine.read_memory(DEVICE, 1)
    assert machine.device.accesses == []


def test_the_debuggers_write_to_code_is_executed() -> None:
    """What was decoded from there is dropped."""
    machine = ToyMachine()
    machine.place(0x100, [encode("li", a=1, imm=1)])
    machine.engine.run(1)
    machine.engine.write_memory(0x100, encode("li", a=1, imm=3).to_bytes(4, "big"))
    machine.state.pc = 0x100
    machine.engine.run(1)
    assert machine.register(1) == 3


def test_external_accesses_go_through_the_description() -> None:
    """Views, `on read`, `on write`; a refusal is a GuestFault and changes nothing."""
    machine = ToyMachine()
    machine.engine.write_external("LOW", 0xBEEF)
    machine.engine.write_external("PAIR", 0x1111111122222222, 1)
    assert machine.engine.read_external("LOW") == 0xBEEF
    assert machine.engine.read_external("PAIR", 1) == 0x1111111122222222
    machine.engine.write_external("TABLE", 0x8123)
    assert machine.engine.read_external("TABLE") == 0x8000
    with pytest.raises(GuestFault, match="denied"):
        machine.engine.read_external("SECRET")


def test_a_failing_device_is_an_engine_error_with_the_guests_pc() -> None:
    """An exception below the engine does not lose the place."""
    machine = ToyMachine()
    machine.place(0x100, [encode("load", a=1, b=2)])
    machine.state.write("R", DEVICE, 2)

    def broken(offset: int, size: int) -> int:
        raise ZeroDivisionError("oops")

    machine.device.read = broken  # type: ignore[method-assign]
    with pytest.raises(EngineError, match=r"at pc 0x100.*oops"):
        machine.engine.run(1)
