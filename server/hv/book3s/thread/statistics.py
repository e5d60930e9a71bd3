"""What KVM counts of a vcpu: the files below /sys/kernel/debug/kvm, as far as Book3S HV writes them."""

from __future__ import annotations

from typing import Final

import msgspec


class VcpuStatistics(msgspec.Struct):
    """By KVM's names. What ends in real mode (a page table call, a fault that is retried) counts nowhere, as there.

    `mmio_exits` is the one that the original of the time has and does not count on HV.
    """

    sum_exits: int = 0
    """Exits that left real mode, whatever became of them."""
    mmio_exits: int = 0
    signal_exits: int = 0
    """Runs that a kick ended."""
    dec_exits: int = 0
    """The hypervisor decrementer's: at the end of a time slice, and when a sibling has left the core."""
    ext_intr_exits: int = 0
    """External interrupts of the host's."""
    halt_wakeup: int = 0
    """A blocked vcpu that an interrupt or a prod woke."""
    queue_intr: int = 0
    """Interrupts queued for the guest."""


KVM_STATISTICS: Final = VcpuStatistics.__struct_fields__
"""The names."""
