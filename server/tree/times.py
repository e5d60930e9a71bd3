"""What each core of a machine knows of guest time while others execute, or nobody does."""

from __future__ import annotations

from collections.abc import Sequence

from ..guest_time import CoreTime
from .levels import Partition
from .shares import core_shares
from .vcpu import MachineVcpu


class Times:
    """`of` has each vcpu's place in guest time, `shares` what deals out the time of cores that threads share."""

    def __init__(self, partitions: Sequence[Partition[MachineVcpu]]) -> None:
        self.of = {vcpu: CoreTime(vcpu.core) for partition in partitions for vcpu in partition.vcpus}
        self.shares = core_shares(partitions)

    def begins(self, vcpu: MachineVcpu, now: int) -> None:
        """`vcpu` is about to execute: it is shown the present time."""
        shares = self.shares.get(vcpu)
        if shares is not None:
            shares.begins(now)
        self.of[vcpu].bring_to(now)

    def ended(self, vcpu: MachineVcpu, now: int) -> None:
        """`vcpu` has executed until `now`."""
        self.of[vcpu].executed(now)
        shares = self.shares.get(vcpu)
        if shares is not None:
            shares.ended(vcpu, now)

    def show_all(self, now: int) -> None:
        """Also who does not execute is shown the present time."""
        for time in self.of.values():
            time.bring_to(now)
        for shares in self.shares.values():
            shares.begins(now)
