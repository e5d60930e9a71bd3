"""The same guest under host code in hypervisor state and under the hypervisor model: what it leaves for is the same."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import Final

import pytest

from trapline.asmgen import Image
from trapline.firmware.catalogue import Guest, build, find_guest, hosted
from trapline.isa.lang.load import load_core
from trapline.isa.model.items import Description
from trapline.server.boards.devices import UART
from trapline.server.boards.machine import Machine, MachineOptions
from trapline.server.boards.pseries import PseriesMachine
from trapline.server.boards.registry import MACHINES
from trapline.server.machine import events
from trapline.server.machine.elf import parse_elf
from trapline.server.verdict import Outcome

RECORD, RECORDS, TRACE = 24, 1 << 16, 0x0900_0000
"""As in firmware/hoststubs/book3s/layout.s and trace.s."""
BUDGET = 600_000
STORAGE: Final = "hypervisor_data_storage"
"""An access to a device is told as such."""

Step = tuple[str | int, ...]
"""An exit by the interrupt's name, a call with what it got and gave, an access to a device."""
Trace = dict[int, list[Step]]
"""By the number of the vcpu."""


def call(description: Description, number: int, arguments: list[int], results: list[int]) -> Step:
    """A call, with as many arguments and results as it is declared to have."""
    found = next((one for one in description.hypercalls.values() if (one.abi, one.number) == ("papr", number)), None)
    if found is None:
        return ("call", number, results[0])
    returns = max(len(one.values) for one in found.returns) if results[0] == 0 else 0
    return (found.name, *arguments[: len(found.arguments)], *results[: 1 + returns])


@cache
def elf_of(name: str) -> bytes:
    """A guest for the partition, assembled once."""
    return build(find_guest(name)).elf


@cache
def stub_of(core: str) -> Image:
    """A host stub, assembled once: with the longest of its partitions, in whose place another one is put."""
    return build(hosted(find_guest(max(POWER_GUESTS, key=lambda name: len(elf_of(name)))), core))


def machine_of(guest: Guest, elf: bytes, core: str) -> Machine:
    """A machine that is about to run a guest."""
    several = core == "power7" and guest.payload is None
    memory = None if guest.memory is None else guest.memory << 20
    options = MachineOptions(guest.vcpus, threads=guest.threads if several else 1, core=core, ram_size=memory)
    return MACHINES[guest.machine](load_core(core), parse_elf(elf, guest.name), options)


def under_stub(guest: Guest, core: str) -> tuple[Machine, Trace]:
    """Runs a guest as the partition of the host stub, and reads the trace that the stub has kept."""
    image, stub = stub_of(core), hosted(guest, core)
    machine = machine_of(stub, image.elf, core)
    machine.memory.write(image.symbols["payload"], elf_of(guest.name))
    machine.run(BUDGET)
    count = machine.memory.read_int(image.symbols["trace_count"], 8, "big")
    assert 0 < count <= RECORDS
    vectors = {one.vector: name for name, one in reversed(list(machine.description.interrupts.items()))}
    trace: Trace = defaultdict(list)
    for n in range(count):
        data = machine.memory.read(TRACE + n * RECORD * 8, RECORD * 8)
        kind, vcpu, what, *rest = (int.from_bytes(data[at : at + 8], "big") for at in range(0, RECORD * 8, 8))
        match kind:
            case 1 if vectors[what] != STORAGE:
                trace[vcpu].append(("exit", vectors[what]))
            case 2:
                trace[vcpu].append(call(machine.description, what, rest[:9], rest[9:]))
            case 3:
                trace[vcpu].append(("access", what, *rest[:3]))
    return machine, trace


def under_model(guest: Guest, core: str) -> tuple[Machine, Trace]:
    """Runs a guest under the model, which tells of all. It begins with an interrupt of the host's, as the stub does."""
    machine = machine_of(guest, elf_of(guest.name), core)
    assert isinstance(machine, PseriesMachine)
    if core == "power7":
        machine.vm.vcpus[0].host_interrupt()
    trace: Trace = defaultdict(list)

    def exited(one: events.Exit) -> None:
        if one.reason in machine.description.interrupts and one.reason != STORAGE:
            trace[one.vcpu or 0].append(("exit", one.reason))

    def called(one: events.Hcall) -> None:
        trace[one.vcpu or 0].append(call(machine.description, one.number, list(one.arguments), list(one.results)))

    def accessed(one: events.DeviceAccess) -> None:
        trace[one.vcpu or 0].append(("access", UART + one.offset, one.size, int(one.is_write), one.value))

    machine.events.subscribe(events.Exit, exited)
    machine.events.subscribe(events.Hcall, called)
    machine.events.subscribe(events.DeviceAccess, accessed)
    machine.run(BUDGET)
    return machine, trace


POWER_GUESTS = ("power_hcalls", "power_mmio", "power_pages", "power_table", "power_areas", "power_threads")
ON_970 = ("power_hcalls", "power_areas", "power_threads")
"""The 970 has no storage interrupts for the hypervisor, so no devices."""


@pytest.mark.parametrize(
    ("core", "name"), [("power7", name) for name in POWER_GUESTS] + [("ppc970", name) for name in ON_970]
)
def test_a_guest_leaves_for_the_same_under_stub_and_model(core: str, name: str) -> None:
    """It passes under both, and each of its vcpus has the same exits, calls with their answers, and device accesses."""
    guest = find_guest(name)
    stub, by_code = under_stub(guest, core)
    model, by_model = under_model(guest, core)
    for machine in (stub, model):
        assert machine.verdict is not None
        assert machine.verdict.outcome is Outcome.PASSED
    for vcpu in range(guest.vcpus):
        assert by_code[vcpu] == by_model[vcpu]
    assert by_code.keys() == by_model.keys()
    assert len(by_code[0]) > 20
