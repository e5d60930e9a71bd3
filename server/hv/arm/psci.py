"""PSCI: starts and stops vcpus, switches the machine off. 0.1 with KVM's function numbers, and 0.2.

ARM DEN 0022, chapter 5; Linux, arch/arm/kvm/psci.c. Functions and results go by the description's names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Protocol

from ...core import Core
from ..exits import Exit, MpState, SystemEvent, SystemEventKind

VERSION_0_2: Final = 2
"""PSCI_VERSION: major 0 at 31:16, minor 2 at 15:0."""
NO_TRUSTED_OS: Final = 2
"""PSCI_MIGRATE_INFO_TYPE: nothing has to be migrated."""
VIRTUAL_INTERFACE: Final = (
    "VIRTUAL_INTERFACE_BASE",
    "ACCESSES_ARE_TOLD",
    "MAINTENANCE",
    "MAINTENANCE_OUTPUT",
    "GICH_HCR",
    "GICH_APR",
    "GICH_LR",
    "GICV_CTLR",
    "GICV_PMR",
    "GICV_BPR",
    "GICV_ABPR",
)
"""The interrupt controller's part of a processor, which a processor's reset leaves alone."""
KEPT_BY_RESET: Final = (
    "IRQ_PENDING",
    "FIQ_PENDING",
    "VIRTUAL_IRQ_PENDING",
    "VIRTUAL_FIQ_PENDING",
    "TIMER_OUTPUTS",
    "COUNTER_OFFSET",
    *VIRTUAL_INTERFACE,
)
"""What others drive, or have been told, and guest time: a processor that is switched on finds it as it is."""
_AFFINITY: Final = 0x00FF_FFFF


class PsciVcpu(Protocol):
    """What PSCI needs of a vcpu."""

    @property
    def number(self) -> int:
        """Its Aff0."""

    @property
    def core(self) -> Core:
        """Its core."""

    mp_state: MpState

    def start(self, entry: int, context: int) -> None:
        """Begins at `entry` (bit 0: Thumb) after a reset, with `context` in r0."""


class _Registers:
    """How calls and results pass on one core, looked up once."""

    def __init__(self, core: Core) -> None:
        abi = core.description.abis["psci"]
        self.read = core.reader((abi.number, *abi.arguments))
        self.write = core.writer(abi.results[:1])
        self.codes = {name: core.return_code("psci", name) for name in abi.return_codes}
        self.functions = {
            call.number: _FUNCTIONS[call.name]
            for call in core.description.hypercalls.values()
            if call.abi == "psci" and call.name in _FUNCTIONS
        }


class Psci:
    """The interface of one machine."""

    def __init__(self, vcpus: Sequence[PsciVcpu]) -> None:
        self._vcpus = vcpus
        self._registers: dict[int, _Registers] = {}
        self.on_unknown: Callable[[int], None] = lambda number: None
        """Told of a call that there is not."""

    def call(self, vcpu: PsciVcpu) -> tuple[bool, Exit | None]:
        """Performs the call in `vcpu`'s registers: whether there is such a function, and what the run ends with."""
        registers = self._registers.get(vcpu.number)
        if registers is None:
            registers = self._registers[vcpu.number] = _Registers(vcpu.core)
        number, *arguments = registers.read()
        handler = registers.functions.get(number)
        if handler is None:
            self.on_unknown(number)
            return False, None
        result, left = handler(self, vcpu, tuple(arguments))
        registers.write((registers.codes[result] if isinstance(result, str) else result,))
        return True, left

    def target(self, affinity: int) -> PsciVcpu | None:
        """The vcpu with those affinity fields, or None."""
        return next((vcpu for vcpu in self._vcpus if vcpu.number == affinity & _AFFINITY), None)

    def reject(self, vcpu: PsciVcpu) -> None:
        """Answers a call that there is not."""
        abi = vcpu.core.description.abis["psci"]
        vcpu.core.write_ref(abi.results[0], vcpu.core.return_code("psci", "PSCI_NOT_SUPPORTED"))


Answer = tuple[str | int, Exit | None]


def _cpu_on(psci: Psci, vcpu: PsciVcpu, arguments: tuple[int, ...]) -> Answer:
    target = psci.target(arguments[0])
    if target is None:
        return "PSCI_INVALID_PARAMETERS", None
    if target.mp_state is not MpState.STOPPED:
        return "PSCI_ALREADY_ON", None
    target.start(arguments[1], arguments[2])
    target.core.on_input()
    return "PSCI_SUCCESS", None


def _kvm_cpu_on(psci: Psci, vcpu: PsciVcpu, arguments: tuple[int, ...]) -> Answer:
    # 0.1 knows no context argument, and only one way to fail.
    target = psci.target(arguments[0])
    if target is None or target.mp_state is not MpState.STOPPED:
        return "PSCI_INVALID_PARAMETERS", None
    target.start(arguments[1], 0)
    target.core.on_input()
    return "PSCI_SUCCESS", None


def _cpu_off(psci: Psci, vcpu: PsciVcpu, arguments: tuple[int, ...]) -> Answer:
    vcpu.mp_state = MpState.STOPPED
    return "PSCI_SUCCESS", None


def _cpu_suspend(psci: Psci, vcpu: PsciVcpu, arguments: tuple[int, ...]) -> Answer:
    # A state that keeps everything is allowed for every request: the processor waits as in WFI.
    vcpu.mp_state = MpState.HALTED
    return "PSCI_SUCCESS", None


def _affinity_info(psci: Psci, vcpu: PsciVcpu, arguments: tuple[int, ...]) -> Answer:
    target = psci.target(arguments[0])
    if target is None or arguments[1] != 0:
        return "PSCI_INVALID_PARAMETERS", None
    return int(target.mp_state is MpState.STOPPED), None


def _features(psci: Psci, vcpu: PsciVcpu, arguments: tuple[int, ...]) -> Answer:
    function = vcpu.core.hypercall("psci", arguments[0])
    known = function is not None and function.name in _FUNCTIONS
    return "PSCI_SUCCESS" if known else "PSCI_NOT_SUPPORTED", None


def _not_supported(psci: Psci, vcpu: PsciVcpu, arguments: tuple[int, ...]) -> Answer:
    return "PSCI_NOT_SUPPORTED", None


_FUNCTIONS: Final[dict[str, Callable[[Psci, PsciVcpu, tuple[int, ...]], Answer]]] = {
    "KVM_PSCI_CPU_SUSPEND": _not_supported,
    "KVM_PSCI_CPU_OFF": _cpu_off,
    "KVM_PSCI_CPU_ON": _kvm_cpu_on,
    "KVM_PSCI_MIGRATE": _not_supported,
    "PSCI_VERSION": lambda psci, vcpu, arguments: (VERSION_0_2, None),
    "PSCI_CPU_SUSPEND": _cpu_suspend,
    "PSCI_CPU_OFF": _cpu_off,
    "PSCI_CPU_ON": _cpu_on,
    "PSCI_AFFINITY_INFO": _affinity_info,
    "PSCI_MIGRATE": _not_supported,
    "PSCI_MIGRATE_INFO_TYPE": lambda psci, vcpu, arguments: (NO_TRUSTED_OS, None),
    "PSCI_SYSTEM_OFF": lambda psci, vcpu, arguments: ("PSCI_SUCCESS", SystemEvent(SystemEventKind.SHUTDOWN)),
    "PSCI_SYSTEM_RESET": lambda psci, vcpu, arguments: ("PSCI_SUCCESS", SystemEvent(SystemEventKind.RESET)),
    "PSCI_FEATURES": _features,
}
