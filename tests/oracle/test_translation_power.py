"""Claims: translation is that of the book, as a model in Python has it; in random states, on both engines."""

from __future__ import annotations

import os
import random
from fractions import Fraction
from functools import cache

import pytest

from trapline.isa.engine.errors import GuestFault
from trapline.isa.engine.native.running.engine import NativeEngine
from trapline.isa.engine.reference import ReferenceEngine
from trapline.isa.engine.state import State
from trapline.isa.lang.load import load_core
from trapline.server.machine.bus import Bus
from trapline.server.machine.clock import GuestClock
from trapline.server.machine.events import EventStream
from trapline.server.machine.physical import MemorySlot, PhysicalMemory
from trapline.server.machine.ram import GuestRam

from .power_translation import FETCH, LOAD, STORE, Real, Refused, World, place, translate
from .power_worlds import CODE, TABLE, Access, draw, enter_code

CORES = ("power7", "ppc970")
RAM = 64 << 20
CODE_AT = 0x30000
"""Real address of the instruction where fetches go through a table."""
VECTORS = {
    "data_storage": 0x300,
    "data_segment": 0x380,
    "instruction_storage": 0x400,
    "instruction_segment": 0x480,
    "hypervisor_data_storage": 0xE00,
    "hypervisor_instruction_storage": 0xE20,
}
WORDS = {LOAD: 0xE8A40000, STORE: 0xF8A40000, FETCH: 0x60000000}
"""ld r5, 0(r4); std r5, 0(r4); nop."""
TOKEN = 0x1122334455667788
OTHER = 0x99AABBCCDDEEFF00


class Machine:
    """An engine with 64 MB of memory."""

    def __init__(self, core: str, kind: type[ReferenceEngine]) -> None:
        description = load_core(core)
        self.ram = GuestRam(RAM)
        memory = PhysicalMemory()
        memory.add(MemorySlot(0, 0, RAM, self.ram))
        self.state = State(description)
        self.engine = kind(description, self.state, memory, Bus(EventStream(), GuestClock(description_rate())))
        self.engine.reset()
        self._written: list[int] = []
        self.entries = description.constants["SLB_ENTRIES"].value

    def put(self, address: int, value: int, size: int = 8) -> None:
        """A value in memory, gone with the next world."""
        self.ram.write(address, value.to_bytes(size, "big"))
        self._written.append(address)

    def get(self, address: int) -> int:
        """A doubleword in memory."""
        return int.from_bytes(self.ram.read(address, 8), "big")

    def enter(self, world: World) -> None:
        """The engine's state is the world's; memory has its page table."""
        for address in self._written:
            self.ram.write(address, bytes(8))
        self._written.clear()
        write = self.state.write
        write("MSR", world.msr)
        write("SDR1", world.sdr1)
        if world.core == "power7":
            for name, value in (("LPCR", world.lpcr), ("RMOR", world.rmor), ("HRMOR", world.hrmor), ("AMR", world.amr)):
                write(name, value)
        else:
            write("HID4", world.hid4)
            write("TLB_INVALIDATIONS", self.state.read("TLB_INVALIDATIONS") + 1)
        for n in range(self.entries):
            first, second = world.slb[n] if n < len(world.slb) else (0, 0)
            write("SLB_ESID", first, n)
            write("SLB_VSID", second, n)
        for address, value in world.table.items():
            self.put(address, value)
        self.engine.state_changed()
        self.engine.flush_tlb()


def description_rate() -> Fraction:
    """Instructions a tick; no clock is looked at here."""
    return Fraction(2)


@cache
def machine(core: str, natively: bool) -> Machine:
    """One of each, used again."""
    return Machine(core, NativeEngine if natively else ReferenceEngine)


def told(machine: Machine, access: Access) -> Real | Refused:
    """What the description's translation says, called as a function."""
    try:
        real, _, _ = machine.engine.call("translate_address", access.address, access.kind)
    except GuestFault as fault:
        status = fault.arguments[0] if "segment" not in fault.interrupt else 0
        return Refused(VECTORS[fault.interrupt], status)
    entry = next(
        (at for at in access.world.table if at % 16 == 0 and machine.get(at + 8) != access.world.table[at + 8]), 0
    )
    return Real(real, entry, machine.get(entry + 8) if entry else 0)


def same(found: Real | Refused, expected: Real | Refused, world: World) -> bool:
    """An entry counts where the access has changed it."""
    if isinstance(found, Real) and isinstance(expected, Real):
        changed = expected.entry and world.table[expected.entry + 8] != expected.second
        entry = (expected.entry, expected.second) if changed else (0, 0)
        return found.address == expected.address and (found.entry, found.second) == entry
    return found == expected


def executed(core: str, natively: bool, access: Access) -> str:
    """Executes one instruction that makes the access; what is wrong with how it ended, or nothing."""
    world = access.world
    if not enter_code(world, CODE_AT):
        return "no code"
    expected = translate(world, access.address, access.kind)
    start = access.address if access.kind == FETCH else CODE
    if not world.msr >> 63:
        start &= 0xFFFFFFFF
    code = translate(world, start, FETCH)
    if access.kind != FETCH and not (isinstance(code, Real) and code.address + 8 <= RAM):
        return "no code"
    if isinstance(expected, Real) and expected.address + 8 > RAM:
        return "no memory"
    own = machine(core, natively)
    own.enter(world)
    if isinstance(expected, Real) and TABLE <= expected.address < 2 * TABLE:
        return "the table"
    if isinstance(code, Real):
        beside = code.address & ~7
        over_code = access.kind != FETCH and isinstance(expected, Real) and expected.address == beside
        if TABLE <= beside < 2 * TABLE or over_code:
            return "the table"
    if isinstance(expected, Real) and access.kind != FETCH:
        own.put(expected.address, TOKEN)
    if isinstance(code, Real):
        own.put(code.address, WORDS[access.kind], 4)
        own.engine.invalidate_code(code.address, 4)
    own.state.write("GPR", access.address, 4)
    own.state.write("GPR", OTHER, 5)
    own.state.pc = start
    own.engine.state_changed()
    own.engine.run(1)
    state = own.state
    if isinstance(expected, Real):
        value = {LOAD: lambda: state.read("GPR", 5), STORE: lambda: own.get(expected.address), FETCH: lambda: TOKEN}
        wanted = {LOAD: TOKEN, STORE: OTHER, FETCH: TOKEN}[access.kind]
        after = start + 4 if world.msr >> 63 else start + 4 & 0xFFFFFFFF
        if state.pc != after or value[access.kind]() != wanted:
            return f"pc {state.pc:#x}, r5 {state.read('GPR', 5):#x}, expected {expected}"
        if expected.entry and own.get(expected.entry + 8) != expected.second:
            return f"entry {own.get(expected.entry + 8):#x}, expected {expected}"
        return ""
    vector = expected.vector
    name = "HDSISR" if vector == 0xE00 else "DSISR" if vector == 0x300 else "HSRR1" if vector == 0xE20 else "SRR1"
    bits = state.read(name) & (0xFFFFFFFF if "DSISR" in name else 0x78000000)
    if state.pc != vector or (expected.status and bits != expected.status):
        return f"pc {state.pc:#x}, {name} {bits:#x}, expected {expected}"
    return ""


def as_function(core: str, seed: int, count: int) -> tuple[int, list[str]]:
    """How many accesses went through, and the differences, of `count` states."""
    rng, own = random.Random(f"{core} {seed}"), machine(core, natively=False)
    through, wrong = 0, []
    for number in range(count):
        access = draw(rng, core)
        own.enter(access.world)
        expected, found = translate(access.world, access.address, access.kind), told(own, access)
        through += isinstance(expected, Real)
        if not same(found, expected, access.world):
            wrong.append(f"{core}, seed {seed}, number {number}: {found}, expected {expected}; {access}")
    return through, wrong


def by_instructions(core: str, natively: bool, seed: int, count: int) -> tuple[int, list[str]]:
    """How many states were executed, and the differences."""
    rng = random.Random(f"{core} {seed} executed")
    done, wrong = 0, []
    for number in range(count):
        access = draw(rng, core)
        found = executed(core, natively, access)
        done += found == "" or found.startswith(("pc", "entry"))
        if found.startswith(("pc", "entry")):
            wrong.append(f"{core}, seed {seed}, number {number}: {found}; {access}")
    return done, wrong


@pytest.mark.parametrize("core", CORES)
def test_translation_is_the_models(core: str) -> None:
    """800 random states of each core: real address, changed entry, or interrupt with its status."""
    through, wrong = as_function(core, 1, 800)
    assert wrong == []
    assert 160 < through < 640


@pytest.mark.parametrize("natively", [False, True], ids=["reference", "native"])
@pytest.mark.parametrize("core", CORES)
def test_accesses_of_instructions_are_the_models(core: str, natively: bool) -> None:
    """Loads, stores and fetches in 300 random states, on both engines."""
    done, wrong = by_instructions(core, natively, 2, 300)
    assert wrong == []
    assert done > 120


@pytest.mark.parametrize("natively", [False, True], ids=["reference", "native"])
@pytest.mark.parametrize("core", CORES)
def test_a_fetch_tells_nothing_of_data_where_one_alone_is_relocated(core: str, natively: bool) -> None:
    """Code and data of one page, MSR.IR = 0 and DR = 1: the load goes through the table all the same."""
    own, real = machine(core, natively), 0x1001000
    vsid = 0x123 << 12
    world = World(core, msr=1 << 63 | 1 << 60 | 1 << 4, sdr1=TABLE, slb=[(1 << 27, vsid)])
    groups, ava = place(world, CODE, vsid)
    world.table[groups[0][0]], world.table[groups[0][0] + 8] = ava << 7 | 1, real | 0x182
    own.enter(world)
    own.put(CODE, WORDS[LOAD], 4)
    own.put(CODE + 0x100, OTHER)
    own.put(real + 0x100, TOKEN)
    own.engine.invalidate_code(CODE, 4)
    own.state.write("GPR", CODE + 0x100, 4)
    own.state.pc = CODE
    own.engine.state_changed()
    own.engine.run(1)
    assert (own.state.pc, own.state.read("GPR", 5)) == (CODE + 4, TOKEN)


@pytest.mark.soak
@pytest.mark.parametrize("core", CORES)
def test_translation_is_the_models_in_many_states(core: str) -> None:
    """100,000 states as a function and as many executed by each engine; the seed is told."""
    seed = int(os.environ.get("TRAPLINE_SEED", random.SystemRandom().getrandbits(32)))
    print(f"seed {seed}")
    assert as_function(core, seed, 100_000)[1] == []
    for natively in (False, True):
        assert by_instructions(core, natively, seed, 100_000)[1] == []
