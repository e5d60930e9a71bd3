"""What becomes of each interrupt that leaves a partition, as a table.

Linux, arch/powerpc/kvm/book3s_hv.c (kvmppc_handle_exit). What a row does happens after the return to the partition:
pc and MSR are its again. An interrupt without a row ends in a register dump and KVM_EXIT_UNKNOWN.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from .....isa.model.items import Description
from ...exits import Exit
from ..thread.thread import Book3sThread
from .faults import is_data_fault, storage_fault

_FARTHEST: Final = 0x7FFFFFFF


class Row(msgspec.Struct, frozen=True):
    """An interrupt: where the hardware saved pc and MSR, and what the model does about it (None lets the guest go
    on)."""

    interrupt: str
    saved: str
    act: Callable[[Book3sThread, int], Exit | None]
    """Gets what stood in SRR1 or HSRR1."""


def _hypervisor_decrementer(vcpu: Book3sThread, reason: int) -> Exit | None:
    vcpu.counted.dec_exits += 1
    # The model has no use for it: budgets bound a run. It is put off as far as it goes.
    vcpu.core.put("HDEC", _FARTHEST)
    return None


def _external(vcpu: Book3sThread, reason: int) -> Exit | None:
    """The host's: it has been told. One that the partition waits for is given to it."""
    if vcpu.host_interrupted():
        vcpu.counted.ext_intr_exits += 1
    vcpu.deliver_external()
    return None


def _performance_monitor(vcpu: Book3sThread, reason: int) -> Exit | None:
    return None


def _program(vcpu: Book3sThread, reason: int) -> Exit | None:
    vcpu.queue_program(reason & vcpu.core.constant("PROGRAM_FLAGS"))
    return None


def _emulation_assistance(vcpu: Book3sThread, reason: int) -> Exit | None:
    illegal = vcpu.core.description.enums["program_reason"].members["illegal"]
    (flags,) = vcpu.core.call("program_flags", illegal)
    vcpu.queue_program(flags)
    return None


def _data_storage(vcpu: Book3sThread, reason: int) -> Exit | None:
    return storage_fault(vcpu, data=is_data_fault("hypervisor_data_storage"))


def _instruction_storage(vcpu: Book3sThread, reason: int) -> Exit | None:
    return storage_fault(vcpu, data=False)


_ROWS: Final = (
    Row("hypervisor_decrementer", "HSRR", _hypervisor_decrementer),
    Row("external", "HSRR", _external),
    Row("performance_monitor", "SRR", _performance_monitor),
    Row("program", "SRR", _program),
    Row("hypervisor_emulation_assistance", "HSRR", _emulation_assistance),
    Row("hypervisor_data_storage", "HSRR", _data_storage),
    Row("hypervisor_instruction_storage", "HSRR", _instruction_storage),
)


def exit_table(description: Description) -> dict[int, Row]:
    """The rows by vector, as far as the core has the interrupts. The 970 saves external interrupts in SRR0 and SRR1."""
    table = {}
    for row in _ROWS:
        if row.interrupt not in description.interrupts:
            continue
        vector = description.interrupts[row.interrupt].vector
        is_970 = "ISA206" not in description.features
        table[vector] = Row(row.interrupt, "SRR", row.act) if is_970 and row.interrupt == "external" else row
    return table
