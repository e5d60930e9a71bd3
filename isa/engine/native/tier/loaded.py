"""Regions' objects in this process: placed and bound here, which takes a hundred microseconds where LLVM's linker
takes a millisecond; on processors whose relocations are not known here, by that linker.
"""

from __future__ import annotations

import ctypes
import functools
import itertools
import mmap
import os
import struct
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from ...errors import EngineError
from ..building import LoadedObject, new_linker

if TYPE_CHECKING:
    from llvmlite.binding import LLJIT

_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
_SECTION = struct.Struct("<IIQQQQIIQQ")
_SYMBOL = struct.Struct("<IBBHQQ")
_RELOCATION = struct.Struct("<QQq")
_MAGIC = b"\x7fELF\x02\x01\x01"
_SYMBOLS, _ADDENDS, _NO_BITS = 2, 4, 8
_ALLOCATED = 2
_ABSOLUTE_64, _RELATIVE_32, _CALL_32 = 1, 2, 4
"""R_X86_64_64, _PC32, _PLT32 (System V ABI for x86-64, table 4.9)."""
_LINKED = 256
"""Objects of one of LLVM's linkers."""
_UNWINDING = b".eh_frame"
_numbers = itertools.count()


class LoadedRegion:
    """A region that can be entered at `address`; its memory goes with it."""

    def __init__(self, image: bytes, entry: str, outside: Mapping[str, int]) -> None:
        """`outside` are the values of symbols. Raises EngineError where the object cannot be loaded."""
        if os.uname().machine == "x86_64":
            self._memory, self.address = _placed(image, entry, outside)
            return
        number = next(_numbers)
        self._linker = _linker(number // _LINKED)
        self._object = LoadedObject(f"trapline-region-{number}", [image], (entry,), self._linker, outside)
        self.address = self._object.address(entry)

    def __del__(self) -> None:
        """The code goes first, then perhaps, with its last object, the linker."""
        linked = getattr(self, "_object", None)
        if linked is not None:
            linked.close()


@functools.lru_cache(maxsize=1)
def _linker(_: int) -> LLJIT:
    # A linker keeps some kilobytes of every library that it ever had, so it is replaced now and then.
    return new_linker()


class _Section(NamedTuple):
    name: bytes
    kind: int
    flags: int
    offset: int
    size: int
    link: int
    info: int
    alignment: int


def _placed(image: bytes, entry: str, outside: Mapping[str, int]) -> tuple[mmap.mmap, int]:
    try:
        return _place(image, entry, outside)
    except (struct.error, IndexError, ValueError, OSError) as error:
        raise EngineError(f"a region cannot be loaded: {error}", hint="this is a fault of the engine") from error


def _place(image: bytes, entry: str, outside: Mapping[str, int]) -> tuple[mmap.mmap, int]:
    if not image.startswith(_MAGIC):
        raise ValueError("no object")
    sections = _sections(image)
    starts: dict[int, int] = {}
    end = 0
    for number, section in enumerate(sections):
        if section.flags & _ALLOCATED and section.size and section.name != _UNWINDING:
            end += -end % max(section.alignment, 1)
            starts[number] = end
            end += section.size
    memory = mmap.mmap(-1, max(end, 1), flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    base = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    for number, start in starts.items():
        section = sections[number]
        if section.kind != _NO_BITS:
            memory[start : start + section.size] = image[section.offset : section.offset + section.size]
    found = -1
    for table in sections:
        if table.kind == _SYMBOLS:
            names = _content(image, sections[table.link])
            values = []
            for name, _, _, owner, value, _ in _SYMBOL.iter_unpack(_content(image, table)):
                text = names[name : names.index(b"\0", name)].decode()
                values.append((text, base + starts[owner] + value if owner in starts else None))
                if text == entry and owner in starts:
                    found = base + starts[owner] + value
            bound = [_outside(outside, text) if value is None else value for text, value in values]
            for relocations in sections:
                if relocations.kind == _ADDENDS and relocations.info in starts:
                    _bind(memory, base, starts[relocations.info], _content(image, relocations), bound, values)
    if found < 0:
        raise ValueError(f"there is no {entry}")
    _seal(base, len(memory))
    return memory, found


def _outside(outside: Mapping[str, int], name: str) -> int | None:
    if name in outside or not name:
        return outside.get(name)
    # What LLVM calls by itself: memcpy, say.
    found = getattr(_libc(), name, None)
    return None if found is None else ctypes.cast(found, ctypes.c_void_p).value


def _bind(
    memory: mmap.mmap,
    base: int,
    start: int,
    relocations: bytes,
    bound: list[int | None],
    named: list[tuple[str, int | None]],
) -> None:
    for place, what, addend in _RELOCATION.iter_unpack(relocations):
        value = bound[what >> 32]
        if value is None:
            raise ValueError(f"nobody knows {named[what >> 32][0]}")
        kind = what & 0xFFFF_FFFF
        if kind == _ABSOLUTE_64:
            struct.pack_into("<Q", memory, start + place, value + addend & (1 << 64) - 1)
        elif kind in (_RELATIVE_32, _CALL_32):
            struct.pack_into("<i", memory, start + place, value + addend - (base + start + place))
        else:
            raise ValueError(f"relocations of kind {kind} are not known")


def _sections(image: bytes) -> list[_Section]:
    header = _HEADER.unpack_from(image)
    offset, size, count, names_at = header[6], header[11], header[12], header[13]
    raw = [_SECTION.unpack_from(image, offset + size * number) for number in range(count)]
    names = image[raw[names_at][4] : raw[names_at][4] + raw[names_at][5]]
    return [
        _Section(names[one[0] : names.index(b"\0", one[0])], one[1], one[2], *one[4:9]) for one in raw
    ]


def _content(image: bytes, section: _Section) -> bytes:
    return image[section.offset : section.offset + section.size]


def _seal(base: int, size: int) -> None:
    """Lets memory be executed, and written no more."""
    if _libc().mprotect(ctypes.c_void_p(base), ctypes.c_size_t(size), mmap.PROT_READ | mmap.PROT_EXEC):
        raise OSError(ctypes.get_errno(), "this host lets no memory be executed")


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
