"""VMIDs of a host's VMs: given out one after the other, all anew when they are used up.

Linux, arch/arm/kvm/arm.c (update_vttbr, need_new_vmid_gen). 0 is the host's. A VM asks before each entry; one of an
older generation gets a new number. With a new generation all translations of all VMs are dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final


class VmidAllocator:
    """The numbers of one host."""

    def __init__(self, bits: int, flush: Callable[[], None]) -> None:
        """`bits`: of a VMID; `flush` drops all translations of all VMs."""
        self._most: Final = 1 << bits
        self._flush = flush
        self.generation = 1
        self.following = 1
        """The number that is given out next; 0: none is left."""

    def is_current(self, generation: int) -> bool:
        """Whether a VMID of that generation may be used."""
        return generation == self.generation

    def take(self) -> tuple[int, int]:
        """(VMID, generation) for a VM that has none of this generation."""
        if self.following == 0:
            self.generation += 1
            self.following = 1
            self._flush()
        vmid = self.following
        self.following = (vmid + 1) % self._most
        return vmid, self.generation
