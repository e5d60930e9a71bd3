"""Views of memory: what the addresses mean that a debugger reads and writes at.

`current` is what the selected vcpu's loads would reach now. The others do not depend on the core's state, or on which
vcpu is selected. Each leads from an address to a place in the physical address space of a core; what is there is read
and written without touching devices, as ever.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from ...isa.engine.errors import GuestFault
from ...isa.engine.interface import LOAD
from ...isa.errors import TraplineError
from ...isa.lang.tree.diagnostics import did_you_mean
from ...isa.model.items import Description
from ..boards.machine import Machine
from ..tree.vcpu import MachineVcpu

CURRENT: Final = "current"
_PAGE: Final = 0x1000
REGIME: Final = "regime_"
"""How names of described functions begin that are a translation regime: see `monitor.translate`."""
_STAGE1: Final = "stage1"
"""Of a regime that leads to what the guest calls physical."""

Place = Callable[[MachineVcpu, int], tuple[int, int]]
"""(physical address, bytes from there on that are alike) of an address. Raises TraplineError."""


@dataclass(frozen=True, slots=True)
class View:
    """`vcpu` is whose translation it is, whoever is selected (None: the selected one's); `place` None: as it is now."""

    name: str
    title: str
    vcpu: int | None = None
    place: Place | None = None


def regimes(description: Description) -> list[str]:
    """Names of the translation regimes that a description has."""
    return [name.removeprefix(REGIME) for name in description.functions if name.startswith(REGIME)]


def views_of(machine: Machine) -> dict[str, View]:
    """All that there are on a machine, by name."""
    found = [
        View(CURRENT, "what the selected vcpu's loads reach"),
        View("guest", "what the guest calls physical addresses", place=partial(_guest, machine)),
        View("host", "physical addresses of the cores: the host's, where the guest is a partition", place=_host),
    ]
    for name in regimes(machine.description):
        title = machine.description.functions[REGIME + name].title or f"the regime {name}"
        found.append(View(name, title, place=partial(_regime, machine, name)))
    for vcpu in machine.vcpus:
        found.append(View(f"vcpu={vcpu.number}", f"what loads of vcpu {vcpu.number} reach", vcpu.number))
    return {view.name: view for view in found}


def view_called(machine: Machine, name: str) -> View:
    """Raises TraplineError with those that there are."""
    known = views_of(machine)
    aliases = {"guest-physical": "guest", "host-physical": "host", "phys": "host", "real": "host"}
    found = known.get(aliases.get(name, name))
    if found is None:
        there = f"there are {', '.join(known)}"
        raise TraplineError(f"there is no view {name[:40]!r}", did_you_mean(name, known) or there)
    return found


def _guest(machine: Machine, vcpu: MachineVcpu, address: int) -> tuple[int, int]:
    if machine.memory.slot_at(address) is None:
        raise TraplineError(f"the guest has no memory at {address:#x}")
    return machine.core_address(address), _PAGE - address % _PAGE


def _host(vcpu: MachineVcpu, address: int) -> tuple[int, int]:
    return address, _PAGE - address % _PAGE


def _regime(machine: Machine, name: str, vcpu: MachineVcpu, address: int) -> tuple[int, int]:
    core = vcpu.core
    fields = {one.name: one for one in core.description.bitfields["translation"].fields}
    try:
        (value,) = core.call(REGIME + name, address, LOAD)
    except GuestFault as fault:
        raise TraplineError(f"{address:#x} in {name}: {fault.interrupt}") from fault

    def part(which: str) -> int:
        return value >> fields[which].low & (1 << fields[which].width) - 1

    if part("FAULT"):
        missing = _unmapped(machine, value >> fields["FAULT"].low)
        if missing is None:
            hint = f"`monitor translate {address:#x} {name}` says why"
            raise TraplineError(f"{address:#x} is not translated in {name}", hint)
        return _guest(machine, vcpu, missing | address & _PAGE - 1)
    served = min(1 << min(part("SIZE"), 63), _PAGE)
    physical = part("PA")
    if name == _STAGE1:
        physical = _guest(machine, vcpu, physical)[0]
    return physical, served - address % served


def _unmapped(machine: Machine, fault: int) -> int | None:
    """The guest's page that stage 2 lacks, which a model maps when the guest comes there; None for another fault."""
    fields = {one.name: one for one in machine.description.bitfields["fault"].fields}

    def part(which: str) -> int:
        return fault >> fields[which].low & (1 << fields[which].width) - 1

    ipa = part("IPA") & -_PAGE
    if not part("STAGE2") or part("S1PTW") or machine.memory.slot_at(ipa) is None:
        return None
    return ipa if machine.core_address(ipa) != ipa else None
