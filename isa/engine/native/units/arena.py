"""Memory for copied code: the same pages twice, once to be written and once to be executed."""

from __future__ import annotations

import ctypes
import functools
import mmap
import os

from ...errors import EngineError
from ..shared import Area

_CHUNK = 1 << 18
_COUNTERS = 2048
_ALIGNMENT = 32


@functools.cache
def _c_library() -> ctypes.CDLL:
    """One for all: each new one would stay for good."""
    return ctypes.CDLL(None, use_errno=True)


class Chunk:
    """Some of it. It goes with the last unit that lies in it."""

    def __init__(self, size: int) -> None:
        """Raises EngineError where the host lets no memory be executed."""
        try:
            file = os.memfd_create("trapline units", os.MFD_CLOEXEC)
            try:
                os.ftruncate(file, size)
                self._written = mmap.mmap(file, size, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)
                # Python asks for a buffer that can be written where it is asked for an address.
                self._executed = mmap.mmap(file, size, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)
            finally:
                os.close(file)
        except (OSError, AttributeError, ValueError) as error:
            raise EngineError(f"there is no memory for copied code: {error}") from error
        self.address = ctypes.addressof(ctypes.c_char.from_buffer(self._executed))
        if _c_library().mprotect(ctypes.c_void_p(self.address), ctypes.c_size_t(size), mmap.PROT_READ | mmap.PROT_EXEC):
            raise EngineError("this host lets no memory be executed")
        self._size = size
        self._used = 0
        self._counters = Area(8 * _COUNTERS)
        self._counted = 0

    def counter(self) -> int:
        """The number of a new counter, for which there is room."""
        self._counted += 1
        return self._counted - 1

    def counter_address(self, number: int) -> int:
        """Where a counter is: 64 bits."""
        return self._counters.address + 8 * number

    def count(self, number: int) -> int:
        """A counter's value."""
        return self._counters.words[number]

    def set_count(self, number: int, value: int) -> None:
        """Sets a counter."""
        self._counters.words[number] = value

    def has_room(self, size: int) -> bool:
        """For so many bytes and a counter."""
        return self._used + size <= self._size and self._counted < _COUNTERS

    def put(self, code: bytes | bytearray) -> int:
        """Where code now stands; it must not have said where it was before."""
        at = self._used
        self._written[at : at + len(code)] = bytes(code)
        self._used += len(code) + -len(code) % _ALIGNMENT
        return self.address + at


class Arena:
    """The chunk that is being filled."""

    def __init__(self) -> None:
        self._chunk: Chunk | None = None
        self.chunks = 0

    def chunk(self, size: int) -> Chunk:
        """One with room for so many bytes. Raises EngineError."""
        if self._chunk is None or not self._chunk.has_room(size):
            self._chunk = Chunk(max(_CHUNK, size + -size % mmap.PAGESIZE))
            self.chunks += 1
        return self._chunk
