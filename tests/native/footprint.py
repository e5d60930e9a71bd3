"""What a process holds, counted: objects, blocks of memory in use, mappings, native libraries, files and threads.

Resident pages say something else: allocators take them for their pools and give them back when they like, so they grow
where nothing is held, after other tests most of all.
"""

from __future__ import annotations

import ctypes
import gc
import sys
import threading
from dataclasses import dataclass, fields
from pathlib import Path

from trapline.isa.engine.native.building import LoadedObject


class _MallocInfo(ctypes.Structure):
    """glibc's struct mallinfo2 (malloc.h)."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in (
            "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"
        )
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Footprint:
    """Counts at one moment, or what they have grown by."""

    objects: int
    """That Python's collector knows."""
    blocks: int
    """Of Python's allocator (up to 512 bytes each)."""
    malloc_bytes: int
    """In use, of the C library's allocator; 0 where it does not tell."""
    mappings: int
    """That are executable, shared or of a file. Those that are none of it run into each other and are cut in pieces as
    allocators come and go beside them: their number says nothing, their bytes do."""
    anonymous_bytes: int
    """Of private, writable mappings of no file: guests' RAM, tables, and the allocators' pools."""
    libraries: int
    """Of native code that have not been unloaded."""
    files: int
    threads: int

    @classmethod
    def now(cls) -> Footprint:
        """After all that can be collected has been."""
        gc.collect()
        gc.collect()
        objects = gc.get_objects()
        libraries = sum(type(one) is LoadedObject for one in objects)
        others, anonymous = mappings()
        count = len(objects)
        del objects
        files, threads = len([*Path("/proc/self/fd").iterdir()]), threading.active_count()
        return cls(count, sys.getallocatedblocks(), _malloc_bytes(), others, anonymous, libraries, files, threads)

    def __sub__(self, before: Footprint) -> Footprint:
        return Footprint(*(getattr(self, one.name) - getattr(before, one.name) for one in fields(self)))


def least(grown: list[Footprint]) -> Footprint:
    """The least growth of each kind: a leak is seen in every round, a table that doubles once is not."""
    return Footprint(*(min(getattr(one, field.name) for one in grown) for field in fields(Footprint)))


def mappings() -> tuple[int, int]:
    """(how many are not plain memory, bytes of those that are)"""
    others = plain = 0
    for line in Path("/proc/self/maps").read_text().splitlines():
        addresses, rights, _, _, inode, *name = line.split(None, 5)
        if rights == "rw-p" and inode == "0" and not name:
            first, end = (int(one, 16) for one in addresses.split("-"))
            plain += end - first
        else:
            others += 1
    return others, plain


def _malloc_bytes() -> int:
    library = ctypes.CDLL(None)
    if not hasattr(library, "mallinfo2"):
        return 0
    library.mallinfo2.restype = _MallocInfo
    info = library.mallinfo2()
    return int(info.uordblks) + int(info.hblkhd)
