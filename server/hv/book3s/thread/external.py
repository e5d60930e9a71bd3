"""External interrupts: the host's own, and those that a partition is to take.

The hardware gives all of them to the hypervisor (LPES0 = 0). One that is the partition's waits in the model;
LPCR.MER has the hardware leave as soon as the partition enables interrupts, and the model enters its interrupt then
(book3s_hv_rmhandlers.S). The 970 has no such bit: there the hypervisor sends itself an interprocessor interrupt,
which MSR.EE holds off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...terms import Interrupt

if TYPE_CHECKING:
    from ....core import Core
    from .statistics import VcpuStatistics


class ExternalInterrupts:
    """KVM_INTERRUPT of one vcpu, and the host's interrupts."""

    core: Core
    counted: VcpuStatistics
    ceded: bool
    external = Interrupt.UNSET
    """The external interrupt that the partition is to take: none, once, or as long as the line is up."""

    def _has_mediated(self) -> bool:
        return self.core.has_feature("ISA206")

    def interrupt(self, request: Interrupt) -> None:
        """KVM_INTERRUPT: the partition takes an external interrupt once, as long as the line is up, or no more."""
        if self.external is request:
            return
        self.external = request
        self._request_exit(request is not Interrupt.UNSET)
        if request is not Interrupt.UNSET:
            self.counted.queue_intr += 1
            if self.ceded:
                self.counted.halt_wakeup += 1
        self.core.on_input()

    def _request_exit(self, wanted: bool) -> None:
        """LPCR.MER, which leaves for the hypervisor when the partition enables interrupts; on the 970, which has none,
        an IPI to oneself, which EE holds off."""
        core = self.core
        if self._has_mediated():
            low, _ = core.bits("LPCR", "MER")
            before = core.read("LPCR")
            after = before | 1 << low if wanted else before & ~(1 << low)
            if after != before:
                core.put("LPCR", after)
        else:
            core.set_input("EXTERNAL_PENDING", int(wanted))

    def host_interrupt(self) -> None:
        """An external interrupt of the host's reaches the core: the partition is left, and never knows."""
        self.host_pending = True
        self.core.set_input("EXTERNAL_PENDING", 1)

    host_pending = False

    def host_interrupted(self) -> bool:
        """Whether the external interrupt that was taken is the host's, which has it then."""
        to_oneself = not self._has_mediated() and self.external is not Interrupt.UNSET
        pending = self.host_pending or (self.core.read("EXTERNAL_PENDING") == 1 and not to_oneself)
        self.host_pending = False
        if pending:
            self.core.set_input("EXTERNAL_PENDING", int(to_oneself))
        return pending

    def deliver_external(self) -> None:
        """Gives the partition the external interrupt that it waits for, if it can take one."""
        if self.external is Interrupt.UNSET:
            # Somebody set the request from outside (LPCR.MER): it would come again and again.
            self._request_exit(False)
            return
        if not self.core.field("MSR", "EE"):
            return
        self.core.enter("partition_external")
        if self.external is Interrupt.SET:
            self.interrupt(Interrupt.UNSET)
