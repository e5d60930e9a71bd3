"""The same guest under host code in hypervisor state and under the hypervisor model: what it leaves for is the same."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from functools import cache
from typing import Final

import pytest

from trapline.asmgen import Image
from trapline.firmware.catalogue import GUESTS, Guest, build, find_guest, hosted
from trapline.isa.lang.load import load_core
from trapline.isa.model.items import Description
from trapline.server.boards.devices import UART
from trapline.server.boards.machine import Machine, MachineOptions
from trapline.server.boards.power.pseries import PseriesMachine
from trapline.server.boards.registry import MACHINES
from trapline.server.machine import events
from trapline.server.machine.elf import parse_elf
from trapline.server.verdict import Outcome

RECORD, RECORDS, TRACE = 24, 1 << 16, 0x0900_0000
"""As in firmware/hoststubs/book3s/layout.s and trace.s."""
BUDGET = 3_000_000
UNTOLD: Final = ("hypervisor_data_storage", "hypervisor_decrementer")
"""An access to a device is told as such; turns of its vcpus are a host's own business."""

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
def stub_of(core: str, rma: bool = False) -> Image:
    """A host stub, assembled once: with the longest of its partitions, in whose place another one is put."""
    longest = find_guest(max(POWER_GUESTS, key=lambda name: len(elf_of(name))))
    return build(hosted(replace(longest, rma=rma), core))


def machine_of(guest: Guest, elf: bytes, core: str) -> Machine:
    """A machine that is about to run a guest. The 970 has one thread a core."""
    memory = None if guest.memory is None else guest.memory << 20
    threads = guest.threads if core == "power7" else 1
    options = MachineOptions(guest.vcpus, threads=threads, core=core, ram_size=memory, rma=guest.rma)
    return MACHINES[guest.machine](load_core(core), parse_elf(elf, guest.name), options)


def under_stub(guest: Guest, core: str, threads: int) -> tuple[Machine, Trace, Counter[int]]:
    """Runs a guest as the partition of the host stub on so many threads, and reads the trace that the stub has kept.

    Also how many calls of each vcpu were too hard for real mode.
    """
    image, stub = stub_of(core, guest.rma), replace(hosted(guest, core), vcpus=threads, threads=threads)
    machine = machine_of(stub, image.elf, core)
    machine.memory.write(image.symbols["payload"], elf_of(guest.name))
    machine.run(BUDGET)
    count = machine.memory.read_int(image.symbols["trace_count"], 8, "big")
    assert 0 < count <= RECORDS
    vectors = {one.vector: name for name, one in reversed(list(machine.description.interrupts.items()))}
    trace: Trace = defaultdict(list)
    passed_on: Counter[int] = Counter()
    for n in range(count):
        data = machine.memory.read(TRACE + n * RECORD * 8, RECORD * 8)
        kind, vcpu, what, *rest = (int.from_bytes(data[at : at + 8], "big") for at in range(0, RECORD * 8, 8))
        match kind:
            case 0:
                passed_on[vcpu] += 1
            case 1 if vectors[what] not in UNTOLD:
                trace[vcpu].append(("exit", vectors[what]))
            case 2:
                trace[vcpu].append(call(machine.description, what, rest[:9], rest[9:]))
            case 3:
                trace[vcpu].append(("access", what, *rest[:3]))
    return machine, trace, passed_on


def under_model(guest: Guest, core: str) -> tuple[Machine, Trace]:
    """Runs a guest under the model, which tells of all. It begins with an interrupt of the host's, as the stub does."""
    machine = machine_of(guest, elf_of(guest.name), core)
    assert isinstance(machine, PseriesMachine)
    if core == "power7":
        machine.vm.vcpus[0].host_interrupt()
    trace: Trace = defaultdict(list)

    def exited(one: events.Exit) -> None:
        if one.reason in machine.description.interrupts and one.reason not in UNTOLD:
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


# Random numbers are the platform's, and a mode is a processor's: the stub's user space has neither.
POWER_GUESTS = [
    one.name for one in GUESTS if one.machine == "pseries" and one.core == "power7" and one.name != "power_modes"
]
CASES = [
    *[("power7", name, find_guest(name).threads) for name in POWER_GUESTS],
    # One thread, of which the vcpus have turns.
    ("power7", "power_threads", 1),
    ("power7", "power_naps", 1),
    # The 970 has no storage interrupts for the hypervisor, so no devices.
    ("ppc970", "power_hcalls", 1),
    ("ppc970", "power_areas", 1),
    ("ppc970", "power_threads", 1),
    ("ppc970", "power_rma", 1),
]


@pytest.mark.parametrize(("core", "name", "threads"), CASES)
def test_a_guest_leaves_for_the_same_under_stub_and_model(core: str, name: str, threads: int) -> None:
    """It passes under both, and each of its vcpus has the same exits, calls with answers, and device accesses."""
    guest = find_guest(name)
    stub, by_code, _ = under_stub(guest, core, threads)
    model, by_model = under_model(guest, core)
    for machine in (stub, model):
        assert machine.verdict is not None
        assert machine.verdict.outcome is Outcome.PASSED
    for vcpu in range(guest.vcpus):
        assert by_code[vcpu] == by_model[vcpu]
    assert by_code.keys() == by_model.keys()
    assert len(by_code[0]) >= 20


def test_threads_of_a_stub_nap_in_the_partition() -> None:
    """Most of their cedes do not leave: real mode naps, and the decrementer wakes them there."""
    guest = find_guest("power_naps")
    _, trace, passed_on = under_stub(guest, "power7", guest.threads)
    for n in range(1, guest.vcpus):
        cedes = sum(step[0] == "H_CEDE" for step in trace[n])
        assert cedes == 7
        assert 2 * passed_on[n] < cedes


def test_a_stub_that_forgets_who_had_its_thread_loses_its_registers() -> None:
    """The host's flag matters: SRR1 speaks of the last doze, which kept everything. Without it the host says so."""
    guest = find_guest("power_naps")
    image, stub = stub_of("power7"), replace(hosted(guest), vcpus=guest.threads, threads=guest.threads)
    machine = machine_of(stub, image.elf, "power7")
    machine.memory.write(image.symbols["payload"], elf_of(guest.name))
    machine.memory.write(image.symbols["flag_state_lost"], bytes.fromhex("60000000"))
    shown = bytearray()
    machine.console.add_sink(shown.extend)
    machine.run(BUDGET)
    assert machine.verdict is not None
    assert machine.verdict.outcome is Outcome.FAILED
    assert b"PASS power_naps\nFAIL host: a secondary thread has lost its registers" in shown
