"""The exits of a guest under the Arm host stub, and of the same guest under the KVM/Arm model.

The stub's host writes its exits down (hoststubs/arm/host.s, `exits`); the model tells of its own by events. Both have
the same slots of memory (`slots`), and a PL011.
"""

from __future__ import annotations

import struct
from typing import Final

import msgspec

from ..isa.engine.devices import DescribedDevice, DevicePorts
from ..isa.lang.load import load_core
from ..server.boards.machine_options import MachineOptions
from ..server.boards.registry import MACHINES
from ..server.hv.arm.kvm import ArmKvm
from ..server.hv.arm.vm import ArmOptions
from ..server.hv.exits import Halt, Interrupted, Mmio, SystemEvent
from ..server.machine import events
from ..server.machine.elf import LoadedElf, parse_elf
from ..server.machine.physical import MemorySlot
from ..server.machine.ram import GuestRam
from ..server.machine.virt_fdt import VirtMap
from .catalogue import Guest, build

BUDGET: Final = 100_000
_MOST_EXITS: Final = 10_000
_UART: Final = VirtMap().uart
_ABORTS: Final = ("EC_DATA_ABORT_LOWER", "EC_PREFETCH_ABORT_LOWER")

Taken = tuple[int, int, int]
"""HSR; of an abort the virtual address and HPFAR, else 0."""


class Exits(msgspec.Struct, frozen=True):
    """What a guest has left for, how often it was given VFP (which is no exit), and what it has printed."""

    taken: list[Taken]
    vfp: int
    console: str


class _Reader:
    """What of an exit has to agree."""

    def __init__(self, guest: Guest) -> None:
        description = load_core(guest.core)
        self._class = next(one.low for one in description.registers["HSR"].fields if one.name == "EC")
        self._aborts = {description.constants[name].value for name in _ABORTS}

    def taken(self, hsr: int, address: int, hpfar: int) -> Taken:
        """The addresses belong to aborts alone."""
        return (hsr, address, hpfar) if hsr >> self._class in self._aborts else (hsr, 0, 0)


def under_stub(guest: Guest, engine: str) -> Exits:
    """On its machine, under the host that it is linked with."""
    program = parse_elf(build(guest).elf, guest.name)
    machine = MACHINES[guest.machine](load_core(guest.core), program, MachineOptions(engine=engine))
    shown = bytearray()
    machine.console.add_sink(shown.extend)
    machine.run(BUDGET)
    memory, symbols, reader = machine.memory, program.symbols, _Reader(guest)
    count = memory.read_int(symbols["exit_count"], 4, "little")
    rows = struct.iter_unpack("<4I", memory.read(symbols["exits"], 16 * count))
    switches = memory.read_int(symbols["vcpu"] + symbols["VCPU_VFP_SWITCHES"], 4, "little")
    return Exits([reader.taken(*row[1:]) for row in rows], switches, shown.decode(errors="replace"))


def under_model(guest: Guest, engine: str) -> Exits:
    """Without its host, in a VM of the model's."""
    program = parse_elf(build(guest).elf, guest.name)
    kvm = ArmKvm(load_core(guest.core), engine=engine)
    # Where KVM_RUN would fail, the exits end, too: that is a difference.
    vm = kvm.create_vm(ArmOptions(failures_are_exits=True))
    for number, (base, size, _, read_only) in enumerate(_slots(program)):
        vm.set_user_memory_region(MemorySlot(number, base, size, GuestRam(size), read_only=bool(read_only)))
    for segment in program.segments:
        if vm.memory.slot_at(segment.physical) is not None:
            vm.memory.write(segment.physical, segment.data)
    vcpu = vm.create_vcpu(0)
    vcpu.init()
    vcpu.start(program.symbols["guest_entry"] & ~1 | dict(guest.definitions).get("T32", 0), 0)
    reader, taken, vfp = _Reader(guest), list[Taken](), list[int]()

    def told(trap: events.HypTrap) -> None:
        if trap.name == "vfp":
            vfp.append(trap.hsr)
        else:
            taken.append(reader.taken(trap.hsr, trap.address, trap.hpfar))

    kvm.events.subscribe(events.HypTrap, told)
    shown = bytearray()
    (stream,) = (port.name for port in kvm.description.devices["pl011"].ports if port.kind == "stream")
    ports = DevicePorts(streams={stream: lambda value: shown.append(value & 0xFF)})
    port = DescribedDevice(kvm.description, "pl011", ports)
    while not isinstance(left := vcpu.run(BUDGET), SystemEvent) and len(taken) < _MOST_EXITS:
        match left:
            case Mmio(address, size, False):
                vcpu.complete_mmio(_load(port, address, size).to_bytes(size, "little"))
            case Mmio(address, size, True, data):
                if _is_of(address):
                    port.write(address - _UART.base, size, int.from_bytes(data[:size], "little"))
            case Halt():
                vcpu.kick()
            case Interrupted(kicked=True):
                pass
            case _:
                break
    return Exits(taken, len(vfp), shown.decode(errors="replace"))


def _slots(program: LoadedElf) -> list[tuple[int, ...]]:
    """Rows of `slots`, up to the one without bytes."""
    table = program.symbols["slots"]
    image = next(one for one in program.segments if one.physical <= table < one.physical + len(one.data))
    data = image.data[table - image.physical :]
    found: list[tuple[int, ...]] = []
    for row in struct.iter_unpack("<4I", data[: len(data) & ~15]):
        if row[1] == 0:
            break
        found.append(row)
    return found


def _is_of(address: int) -> bool:
    return _UART.base <= address < _UART.base + _UART.size


def _load(port: DescribedDevice, address: int, size: int) -> int:
    """A load from the serial port; zero from where nothing is."""
    found = port.read(address - _UART.base, size) if _is_of(address) else 0
    return found if isinstance(found, int) else 0


def difference(stub: Exits, model: Exits) -> str:
    """The first one in words; "" where both saw the same."""
    for number, (one, other) in enumerate(zip(stub.taken, model.taken, strict=False)):
        if one != other:
            both = (" ".join(f"{value:#x}" for value in each) for each in (one, other))
            return "exit {} is {} under the stub, {} under the model".format(number, *both)
    if len(stub.taken) != len(model.taken):
        return f"{len(stub.taken)} exits under the stub, {len(model.taken)} under the model"
    if stub.vfp != model.vfp:
        return f"VFP is given {stub.vfp} times under the stub, {model.vfp} times under the model"
    said = model.console.splitlines()
    if not said or not said[-1].startswith("PASS") or said != stub.console.splitlines()[: len(said)]:
        return f"the guest says {said[-1:]} under the model"
    return ""
