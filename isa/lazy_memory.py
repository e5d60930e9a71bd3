"""Zeroed memory of the host that costs address space when it is made, and memory where it has been written only."""

from __future__ import annotations

import mmap
import os
import sys
from typing import Final
from weakref import WeakSet

# Python 3.11's mmap module does not name MAP_NORESERVE; without it a host that does not overcommit
# refuses blocks larger than its own memory. The number is Linux's on these machines.
_NORESERVE: Final = 0x4000 if sys.platform == "linux" and os.uname().machine in ("x86_64", "aarch64") else 0

_blocks: WeakSet[mmap.mmap] = WeakSet()


def lazy_memory(size: int) -> mmap.mmap:
    """`size` bytes. Raises OSError, ValueError or OverflowError where they cannot be had."""
    memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _NORESERVE)
    _blocks.add(memory)
    return memory


def give_up_lazy_memory() -> None:
    """In a process that was forked and needs none of it: all blocks are zero there, and the other process, which goes
    on writing to its own, keeps no copies for this one."""
    for memory in _blocks:
        memory.madvise(mmap.MADV_DONTNEED)
