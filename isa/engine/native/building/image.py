"""An image (see `linking`) in this process's memory."""

from __future__ import annotations

import ctypes
import mmap
import os
from collections.abc import Mapping
from functools import cached_property

from ...errors import EngineError
from .linking import Image

_PROTECT = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, use_errno=True)


class LoadedImage:
    """Code that stays while this lives. Like `LoadedObject`, which LLVM links."""

    def __init__(self, image: Image, outside: Mapping[str, int] | None = None) -> None:
        """`outside` are the values of symbols that the image refers to; others are functions of the process.

        Raises EngineError where the host refuses memory for code, or lacks a function that code calls."""
        process = ctypes.CDLL(None)
        self._places = image.symbols
        try:
            self._memory = mmap.mmap(-1, image.size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        except OSError as error:
            raise EngineError(f"no memory for native code: {error}", hint="--engine reference") from error
        self._memory[: len(image.data)] = image.data
        self._base = ctypes.addressof(ctypes.c_char.from_buffer(self._memory))
        words = memoryview(self._memory)[: image.size & -8].cast("Q")
        for at in image.pointers:
            words[at >> 3] += self._base
        for at, name in image.imports:
            if outside is not None and name in outside:
                words[at >> 3] = outside[name]
                continue
            try:
                function = process[name]
            except AttributeError as error:
                raise EngineError(f"this host has no function '{name}'", hint="--engine reference") from error
            words[at >> 3] = ctypes.cast(function, ctypes.c_void_p).value or 0
        protect = _PROTECT(("mprotect", process))
        if protect(self._base, image.code_size, mmap.PROT_READ | mmap.PROT_EXEC):
            reason = os.strerror(ctypes.get_errno())
            raise EngineError(f"this host refuses to execute native code: {reason}", hint="--engine reference")

    def address(self, symbol: str) -> int:
        """Where a symbol is."""
        return self._base + self._places[symbol]

    @cached_property
    def symbols(self) -> dict[str, int]:
        """Where all of them are."""
        return {name: self._base + place for name, place in self._places.items()}

    def bytes_at(self, symbol: str, count: int) -> bytes:
        """What stands at a symbol now."""
        return ctypes.string_at(self.address(symbol), count)

    def pointers(self, symbol: str, count: int) -> tuple[int, ...]:
        """The addresses in a table of code pointers."""
        return tuple((ctypes.c_uint64 * count).from_address(self.address(symbol)))
