"""The same guest under the Arm host stub and under the KVM/Arm model: the same exits with the same syndromes."""

from __future__ import annotations

import struct
from functools import cache

import pytest

from trapline.firmware.catalogue import build, find_guest
from trapline.isa.lang.load import load_core
from trapline.server.boards.machine import MachineOptions
from trapline.server.boards.registry import MACHINES
from trapline.server.hv.arm.kvm import ArmKvm
from trapline.server.hv.exits import Halt, Interrupted, Mmio, SystemEvent
from trapline.server.machine import events
from trapline.server.machine.elf import LoadedElf, parse_elf
from trapline.server.machine.physical import MemorySlot
from trapline.server.machine.ram import GuestRam
from trapline.server.verdict import Outcome

BUDGET = 100_000
UART, FLAGS = 0x0900_0000, 0x18
PL011_ID = bytes.fromhex("11101400 0df005b1")
EXIT_OF_TRAP = 7
Taken = tuple[int, int, int]
"""HSR; of an abort the virtual address and HPFAR, else 0."""


@cache
def elf(name: str) -> LoadedElf:
    """A bundled guest."""
    return parse_elf(build(find_guest(name)).elf, name)


def of_abort(hsr: int, address: int, hpfar: int) -> Taken:
    """What an exit has to agree in."""
    return (hsr, address, hpfar) if hsr >> 26 in (0x20, 0x24) else (hsr, 0, 0)


@cache
def under_the_stub(name: str) -> tuple[list[Taken], int, str]:
    """The exits that the host has written down, how often the guest was given VFP, and the console."""
    program = elf(name)
    options = MachineOptions(engine="reference")
    machine = MACHINES["arm-virt"](load_core("armv7ve"), program, options)
    shown = bytearray()
    machine.console.add_sink(shown.extend)
    assert machine.run(BUDGET).outcome is Outcome.PASSED
    memory, symbols = machine.memory, program.symbols
    count = memory.read_int(symbols["exit_count"], 4, "little")
    rows = struct.iter_unpack("<4I", memory.read(symbols["exits"], 16 * count))
    taken = []
    for code, hsr, address, hpfar in rows:
        assert code == EXIT_OF_TRAP
        taken.append(of_abort(hsr, address, hpfar))
    switches = memory.read_int(symbols["vcpu"] + 300, 4, "little")
    return taken, switches, shown.decode()


@cache
def under_the_model(name: str, engine: str) -> tuple[list[Taken], int, str]:
    """The same of the model: the guest's own section, in slots as the stub's host has them."""
    program = elf(name)
    kvm = ArmKvm(load_core("armv7ve"), engine=engine)
    vm = kvm.create_vm()
    table = program.symbols["slots"]
    image = next(one for one in program.segments if one.physical <= table < one.physical + len(one.data))
    rows = struct.iter_unpack("<4I", image.data[table - image.physical :][:48])
    for number, (base, size, _, read_only) in enumerate(rows):
        vm.set_user_memory_region(MemorySlot(number, base, size, GuestRam(size), read_only=bool(read_only)))
    for segment in program.segments:
        if vm.memory.slot_at(segment.physical) is not None:
            vm.memory.write(segment.physical, segment.data)
    vcpu = vm.create_vcpu(0)
    vcpu.init()
    entry = program.symbols["guest_entry"] & ~1
    vcpu.set_one_reg("usr_regs.ARM_pc", entry)
    if name.endswith("_t32"):
        vcpu.set_one_reg("CPSR", vcpu.get_one_reg("CPSR") | 0x20)
    taken: list[Taken] = []
    vfp: list[int] = []

    def told(trap: events.HypTrap) -> None:
        if trap.name == "vfp":
            vfp.append(trap.hsr)
        else:
            taken.append(of_abort(trap.hsr, trap.address, trap.hpfar))

    kvm.events.subscribe(events.HypTrap, told)
    shown = bytearray()
    while not isinstance(left := vcpu.run(BUDGET), SystemEvent):
        match left:
            case Mmio(address, size, False):
                vcpu.complete_mmio(device(address, size))
            case Mmio(address, _, True, data):
                if address == UART:
                    shown.append(data[0])
            case Halt():
                vcpu.kick()
            case Interrupted(kicked=True):
                pass
            case _:
                raise AssertionError(left)
    return taken, len(vfp), shown.decode()


def device(address: int, size: int) -> bytes:
    """A load from the serial port, or from where nothing is."""
    if address == UART + FLAGS:
        value = 0x90
    elif address >> 12 == UART >> 12 and address & 0xFFF >= 0xFE0:
        value = PL011_ID[(address & 0xFFF) - 0xFE0 >> 2]
    else:
        value = 0
    return value.to_bytes(size, "little")


@pytest.mark.parametrize("name", ["arm_world", "arm_world_t32"])
def test_stub_and_model_see_the_same_exits(name: str) -> None:
    """Syndrome by syndrome, with the addresses of aborts; and VFP is given equally often."""
    stub, model = under_the_stub(name), under_the_model(name, "reference")
    for number, (one, other) in enumerate(zip(stub[0], model[0], strict=False)):
        assert [hex(value) for value in one] == [hex(value) for value in other], f"exit {number}"
    assert len(stub[0]) == len(model[0]) > 70
    assert stub[1] == model[1] > 1
    assert model[2] == "PASS arm_world_guest\n"
    assert stub[2].startswith(model[2])


def test_the_exits_cover_what_a_guest_can_trap_for() -> None:
    """Aborts of both kinds, calls, SMC, WFI, system registers of 32 and 64 bits."""
    classes = {hsr >> 26 for hsr, _, _ in under_the_stub("arm_world")[0]}
    assert classes == {0x01, 0x03, 0x04, 0x12, 0x13, 0x20, 0x24}


def test_the_native_engine_agrees() -> None:
    """The same exits of the model on the native engine."""
    assert under_the_model("arm_world", "native") == under_the_model("arm_world", "reference")
