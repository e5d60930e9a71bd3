"""The exits of a guest under a Power host stub, and of the same guest under the Book3S HV model.

The stub's host writes its trace down (hoststubs/book3s/trace.s); the model tells of its own by events.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from functools import cache
from typing import Final

from ..asmgen import Image
from ..isa.lang.load import load_core
from ..isa.model.items import Description
from ..server.boards.devices import UART
from ..server.boards.machine import Machine, MachineOptions
from ..server.boards.power.pseries import PseriesMachine
from ..server.boards.registry import MACHINES
from ..server.machine import events
from ..server.machine.elf import parse_elf
from .catalogue import GUESTS, Guest, build, find_guest, hosted

_RECORD, _RECORDS, _TRACE = 24, 1 << 16, 0x0900_0000
"""As in hoststubs/book3s/layout.s and trace.s."""
BUDGET: Final = 3_000_000
_UNTOLD: Final = ("hypervisor_data_storage", "hypervisor_decrementer")
"""An access to a device is told as such; turns of its vcpus are a host's own business."""

Step = tuple[str | int, ...]
"""An exit by the interrupt's name, a call with what it got and gave, an access to a device."""
Trace = dict[int, list[Step]]
"""By the number of the vcpu."""


# Random numbers are the platform's, and a mode is a processor's: the stub's user space has neither.
POWER_GUESTS: Final = [
    one.name for one in GUESTS if one.machine == "pseries" and one.core == "power7" and one.name != "power_modes"
]
"""Those that run as a stub's partition."""


def _call(description: Description, number: int, arguments: list[int], results: list[int]) -> Step:
    """A call, with as many arguments and results as it is declared to have."""
    found = next((one for one in description.hypercalls.values() if (one.abi, one.number) == ("papr", number)), None)
    if found is None:
        return ("call", number, results[0])
    returns = max(len(one.values) for one in found.returns) if results[0] == 0 else 0
    return (found.name, *arguments[: len(found.arguments)], *results[: 1 + returns])


@cache
def _elf_of(name: str) -> bytes:
    """A guest for the partition, assembled once."""
    return build(find_guest(name)).elf


@cache
def stub_of(core: str, rma: bool = False) -> Image:
    """A host stub, assembled once: with the longest of its partitions, in whose place another one is put."""
    longest = find_guest(max(POWER_GUESTS, key=lambda name: len(_elf_of(name))))
    return build(hosted(replace(longest, rma=rma), core))


def _machine_of(guest: Guest, elf: bytes, core: str, engine: str | None) -> Machine:
    """A machine that is about to run a guest. The 970 has one thread a core."""
    memory = None if guest.memory is None else guest.memory << 20
    threads = guest.threads if core == "power7" else 1
    options = MachineOptions(
        guest.vcpus, threads=threads, core=core, ram_size=memory, rma=guest.rma, engine=engine
    )
    return MACHINES[guest.machine](load_core(core), parse_elf(elf, guest.name), options)


def stub_machine(guest: Guest, core: str, threads: int, engine: str | None = None) -> tuple[Machine, Image]:
    """The machine on whose threads, so many, the host stub is about to run a guest; and the stub."""
    image, stub = stub_of(core, guest.rma), replace(hosted(guest, core), vcpus=threads, threads=threads)
    machine = _machine_of(stub, image.elf, core, engine)
    machine.memory.write(image.symbols["payload"], _elf_of(guest.name))
    return machine, image


def under_stub(
    guest: Guest, core: str, threads: int, engine: str | None = None
) -> tuple[Machine, Trace, Counter[int]]:
    """Runs a guest as the partition of the host stub on so many threads, and reads the trace that the stub has kept.

    Also how many calls of each vcpu were too hard for real mode.
    """
    machine, image = stub_machine(guest, core, threads, engine)
    machine.run(BUDGET)
    count = min(machine.memory.read_int(image.symbols["trace_count"], 8, "big"), _RECORDS)
    vectors = {one.vector: name for name, one in reversed(list(machine.description.interrupts.items()))}
    trace: Trace = defaultdict(list)
    passed_on: Counter[int] = Counter()
    for n in range(count):
        data = machine.memory.read(_TRACE + n * _RECORD * 8, _RECORD * 8)
        kind, vcpu, what, *rest = (int.from_bytes(data[at : at + 8], "big") for at in range(0, _RECORD * 8, 8))
        match kind:
            case 0:
                passed_on[vcpu] += 1
            case 1 if vectors[what] not in _UNTOLD:
                trace[vcpu].append(("exit", vectors[what]))
            case 2:
                trace[vcpu].append(_call(machine.description, what, rest[:9], rest[9:]))
            case 3:
                trace[vcpu].append(("access", what, *rest[:3]))
    return machine, trace, passed_on


def under_model(guest: Guest, core: str, engine: str | None = None) -> tuple[Machine, Trace]:
    """Runs a guest under the model, which tells of all. It begins with an interrupt of the host's, as the stub does."""
    machine = _machine_of(guest, _elf_of(guest.name), core, engine)
    assert isinstance(machine, PseriesMachine)
    if core == "power7":
        machine.vm.vcpus[0].host_interrupt()
    trace: Trace = defaultdict(list)

    def exited(one: events.Exit) -> None:
        if one.reason in machine.description.interrupts and one.reason not in _UNTOLD:
            trace[one.vcpu or 0].append(("exit", one.reason))

    def called(one: events.Hcall) -> None:
        trace[one.vcpu or 0].append(_call(machine.description, one.number, list(one.arguments), list(one.results)))

    def accessed(one: events.DeviceAccess) -> None:
        trace[one.vcpu or 0].append(("access", UART + one.offset, one.size, int(one.is_write), one.value))

    machine.events.subscribe(events.Exit, exited)
    machine.events.subscribe(events.Hcall, called)
    machine.events.subscribe(events.DeviceAccess, accessed)
    machine.run(BUDGET)
    return machine, trace


def difference(by_code: Trace, by_model: Trace) -> str:
    """Where two traces part, in words; empty where they do not."""
    for vcpu in sorted(by_code.keys() | by_model.keys()):
        ours, theirs = by_code.get(vcpu, []), by_model.get(vcpu, [])
        at = next((n for n, pair in enumerate(zip(ours, theirs, strict=False)) if pair[0] != pair[1]), None)
        if at is not None:
            return f"vcpu {vcpu}, step {at}: {ours[at]} under the stub, {theirs[at]} under the model"
        if len(ours) != len(theirs):
            return f"vcpu {vcpu}: {len(ours)} steps under the stub, {len(theirs)} under the model"
    return ""
