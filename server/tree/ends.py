"""Ways in which a slice of a machine's run ends while its guests go on."""

from __future__ import annotations

import msgspec

from ..hv.exits import DebugStop
from .vcpu import MachineVcpu


class Used(msgspec.Struct, frozen=True):
    """The slice's instructions are used up."""


class Waits(Used, frozen=True):
    """The slice ended early: every vcpu waits, and guest time goes on at the pace of the host's clock."""


class Idle(msgspec.Struct, frozen=True):
    """Every vcpu waits, and no timer is going to change that."""


class Strayed(msgspec.Struct, frozen=True):
    """`vcpu` runs wild; `row` as `RanWild` has it."""

    vcpu: MachineVcpu
    row: int


class Stopped(msgspec.Struct, frozen=True):
    """A breakpoint or watchpoint stopped `vcpu`."""

    vcpu: MachineVcpu
    stop: DebugStop


End = Used | Idle | Stopped | Strayed
"""Ways in which a slice ends while the guest goes on."""
