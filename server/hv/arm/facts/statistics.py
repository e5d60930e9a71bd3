"""What the model counts of a vcpu: every trap by what it was, and what became of it.

Linux of the time (arch/arm/kvm/guest.c, debugfs_entries) counts nothing; the names are those of its trace events and of
later versions (hvc_exit_stat, wfi_exit_stat, mmio_exit_user).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class ArmStatistics:
    """`traps` by name: wfi, hvc, cp15_32, vfp, data_abort, irq ... ; the sum is the number of world switches."""

    traps: Counter[str] = field(default_factory=Counter)
    mmio_exits: int = 0
    """Accesses that user space performed."""
    mmio_kernel: int = 0
    """Accesses to devices of the model's own."""
    signal_exits: int = 0
    """Runs that a kick ended."""
    injected: Counter[str] = field(default_factory=Counter)
    """Exceptions that the model gave to the guest: undefined_instruction, data_abort, prefetch_abort."""
    mapped: int = 0
    """Blocks and pages that a fault has mapped."""

    @property
    def sum_exits(self) -> int:
        """All traps."""
        return self.traps.total()

    def named(self) -> dict[str, int]:
        """All figures by name, those of traps with `trap` before."""
        found = {f"trap {name}": count for name, count in self.traps.items()}
        found |= {f"injected {name}": count for name, count in self.injected.items()}
        return found | self.plain()

    def plain(self) -> dict[str, int]:
        """The single figures by name."""
        return {name: getattr(self, name) for name in ("mmio_exits", "mmio_kernel", "signal_exits", "mapped")}
