"""Objects made into one image that lies anywhere in memory: what a start maps then needs no LLVM.

Only what our own objects have is known: ELF for x86-64, code that reaches its data relative to itself (System V ABI,
AMD64 supplement, chapter 4). For anything else LLVM's own linker stands in.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

_SECTION = struct.Struct("<IIQQQQIIQQ")
_SYMBOL = struct.Struct("<IBBHQQ")
_RELOCATION = struct.Struct("<QQq")
_X86_64, _SYMTAB, _RELA, _NOBITS = 62, 2, 4, 8
_WRITE, _ALLOC, _EXECUTE = 1, 2, 4
_UNDEFINED = 0
_POINTER, _RELATIVE, _CALL, _RELATIVE_64 = 1, 2, 4, 24
_THROUGH_TABLE = (9, 41, 42)
_UNWINDING = ".eh_frame"
"""Nobody walks over our frames."""
_PAGE: Final = 4096
_LARGEST: Final = 1 << 28
"""Bytes of a section."""
_STUB: Final = b"\xff\x25"
"""jmp to the address in a word relative to the next instruction."""
_STUB_SIZE: Final = 8


class CannotLinkError(Exception):
    """The objects have something that is not known here. Never leaves the building."""


class Image(NamedTuple):
    """Code and data to be put anywhere, at a page's start.

    `data` begins with code of `code_size` bytes; behind it, up to `size`, lies what can be written. The words at
    `pointers` are relative to the image's start; those at `imports` get addresses of the process's functions.
    `symbols` gives places in the image.
    """

    data: bytes
    code_size: int
    size: int
    pointers: tuple[int, ...]
    imports: tuple[tuple[int, str], ...]
    symbols: dict[str, int]


class _Section(NamedTuple):
    kind: int
    flags: int
    offset: int
    size: int
    link: int
    info: int
    align: int
    name: str


class ObjectFile:
    """One file, taken apart."""

    def __init__(self, raw: bytes) -> None:
        if raw[:6] != b"\x7fELF\x02\x01" or raw[18:20] != _X86_64.to_bytes(2, "little"):
            raise CannotLinkError("no object for x86-64")
        self.raw = raw
        at = int.from_bytes(raw[40:48], "little")
        count, names_at = struct.unpack_from("<HH", raw, 60)
        heads = [_SECTION.unpack_from(raw, at + number * _SECTION.size) for number in range(count)]
        names = raw[heads[names_at][4] : heads[names_at][4] + heads[names_at][5]]
        self.sections = [
            _Section(kind, flags, offset, size, link, info, align, _text(names, name))
            for name, kind, flags, _, offset, size, link, info, align, _ in heads
        ]
        for section in self.sections:
            missing = section.kind != _NOBITS and section.offset + section.size > len(raw)
            if missing or section.align > _PAGE or section.size > _LARGEST:
                raise CannotLinkError(f"section '{section.name}' makes no sense")
        self.symbols: list[tuple[str, int, int, int]] = []
        """Name, binding, section, value."""
        self.sizes: dict[str, int] = {}
        """Bytes of what symbols name."""
        for section in self.sections:
            if section.kind == _SYMTAB:
                strings = self.sections[section.link]
                texts = raw[strings.offset : strings.offset + strings.size]
                for name, info, _, where, value, size in _SYMBOL.iter_unpack(
                    raw[section.offset : section.offset + section.size]
                ):
                    self.symbols.append((_text(texts, name), info >> 4, where, value))
                    self.sizes[self.symbols[-1][0]] = size

    def relocations(self, section: _Section) -> Iterable[tuple[int, int, int]]:
        """(place, symbol and kind, addend) of a section that has them."""
        return _RELOCATION.iter_unpack(self.raw[section.offset : section.offset + section.size])

    def placed(self) -> Iterable[int]:
        """Numbers of the sections that have a place in memory."""
        return (
            number for number, section in enumerate(self.sections)
            if section.flags & _ALLOC and section.name != _UNWINDING
        )  # fmt: skip


def _text(strings: bytes, at: int) -> str:
    return strings[at : strings.index(b"\0", at)].decode()


class _Linker:
    """Places sections, then settles what refers to them."""

    def __init__(self, objects: Sequence[ObjectFile]) -> None:
        self.objects = objects
        self.data = bytearray()
        self.places: dict[tuple[int, int], int] = {}
        """By object and section."""
        self.symbols: dict[str, int] = {}
        self.pointers: list[int] = []
        self.imports: dict[str, int] = {}
        """The word with each function's address."""
        self._table: dict[str | int, int] = {}
        self._stubs: dict[str, int] = {}

    def link(self) -> int:
        """Fills `data`; the size of the code."""
        self._place(lambda flags: bool(flags & _EXECUTE))
        stubs = len(self.data)
        outside = self._outside()
        self.data += bytes(_STUB_SIZE * len(outside))
        self._place(lambda flags: not flags & (_EXECUTE | _WRITE))
        self._fill_page()
        code_size = len(self.data)
        self._place(lambda flags: bool(flags & _WRITE) and not flags & _EXECUTE)
        self._define()
        for number, name in enumerate(outside):
            stub, word = stubs + number * _STUB_SIZE, self._word()
            self.imports[name], self._stubs[name] = word, stub
            self.data[stub : stub + 6] = _STUB + (word - stub - 6).to_bytes(4, "little", signed=True)
        for number, one in enumerate(self.objects):
            for section in one.sections:
                if section.kind == _RELA and (number, section.info) in self.places:
                    self._settle(number, one, section)
        return code_size

    def _place(self, wanted: Callable[[int], bool]) -> None:
        self._fill_page()
        for number, one in enumerate(self.objects):
            for at in one.placed():
                section = one.sections[at]
                if wanted(section.flags):
                    self.data += bytes(-len(self.data) % max(section.align, 1))
                    self.places[number, at] = len(self.data)
                    empty = section.kind == _NOBITS
                    content = bytes(section.size) if empty else one.raw[section.offset : section.offset + section.size]
                    self.data += content

    def _fill_page(self) -> None:
        self.data += bytes(-len(self.data) % _PAGE)

    def _word(self) -> int:
        """A new word of what can be written."""
        self.data += bytes(-len(self.data) % 8 + 8)
        return len(self.data) - 8

    def _outside(self) -> list[str]:
        defined = {name for one in self.objects for name, binding, where, _ in one.symbols if binding and where}
        used = {name for one in self.objects for name, _, where, _ in one.symbols if where == _UNDEFINED and name}
        return sorted(used - defined)

    def _define(self) -> None:
        for number, one in enumerate(self.objects):
            for name, binding, where, value in one.symbols:
                if binding and (number, where) in self.places:
                    if name in self.symbols:
                        raise CannotLinkError(f"{name} is defined twice")
                    self.symbols[name] = self.places[number, where] + value

    def _settle(self, number: int, one: ObjectFile, section: _Section) -> None:
        base, end = self.places[number, section.info], one.sections[section.info].size
        for offset, info, addend in one.relocations(section):
            name, binding, where, value = one.symbols[info >> 32]
            kind, at = info & 0xFFFF_FFFF, base + offset
            if offset + (8 if kind in (_POINTER, _RELATIVE_64) else 4) > end:
                raise CannotLinkError(f"a relocation outside of '{one.sections[section.info].name}'")
            place = self.symbols.get(name) if binding else self.places.get((number, where))
            if place is None and name not in self.imports:
                raise CannotLinkError(f"nothing is at {name}")
            target = None if place is None else place if binding else place + value
            if kind == _POINTER and target is not None and at % 8 == 0:
                self._put(at, target + addend, 8)
                self.pointers.append(at)
            elif kind in (_RELATIVE, _CALL):
                self._put(at, (self._stubs[name] if target is None else target) + addend - at, 4)
            elif kind == _RELATIVE_64 and target is not None:
                self._put(at, target + addend - at, 8)
            elif kind in _THROUGH_TABLE:
                word = self.imports[name] if target is None else self._entry(target)
                self._put(at, word + addend - at, 4)
            else:
                raise CannotLinkError(f"relocation {kind}")

    def _entry(self, target: int) -> int:
        """A word that holds a place's address."""
        if target not in self._table:
            self._table[target] = word = self._word()
            self._put(word, target, 8)
            self.pointers.append(word)
        return self._table[target]

    def _put(self, at: int, value: int, size: int) -> None:
        try:
            self.data[at : at + size] = value.to_bytes(size, "little", signed=True)
        except OverflowError as error:
            raise CannotLinkError("the image is too large") from error


def link(objects: Iterable[bytes], symbols: Sequence[str] | None = None) -> Image:
    """One image of some objects, with the places of `symbols` (None: of all). Raises CannotLinkError."""
    try:
        linker = _Linker([ObjectFile(raw) for raw in objects])
        code_size = linker.link()
        places = {name: linker.symbols[name] for name in (linker.symbols if symbols is None else symbols)}
    except (struct.error, IndexError, KeyError, ValueError) as error:
        raise CannotLinkError(f"an object that is not whole: {error}") from error
    imports = tuple((word, name) for name, word in linker.imports.items())
    data = bytes(linker.data)
    return Image(data, code_size, len(data), tuple(linker.pointers), imports, places)
