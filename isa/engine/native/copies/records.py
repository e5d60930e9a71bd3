"""What a stencil is once it has been compiled: bytes, what is to be put into them, and how to go on behind them."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from ....model.code import Expression
from .numbers import Mode

Modes = tuple[tuple[str, int, int], ...]
"""What modes are taken to be: (register, mask, the bits that are set under it)."""


class Hole(msgspec.Struct, frozen=True, array_like=True):
    """A number that the instruction settles, taken modulo `elements` where that is not 0, times `scale`, and `base`.

    It is at least `low` and at most `last`: the code that it goes into holds for nothing else.
    """

    value: Expression
    elements: int
    scale: int
    base: int
    low: int
    last: int


class Fix(msgspec.Struct, frozen=True, array_like=True):
    """`size` bytes of code at `at` that get the number of a hole, by its place among the stencil's, and `more`; it has
    to fit as one with a sign if they are `signed`, and else as one without."""

    at: int
    size: int
    signed: bool
    hole: int
    more: int


class Cell(msgspec.Struct, frozen=True, array_like=True):
    """A fix, by its place among the stencil's, of an instruction that a register can stand in for memory in: its ModRM
    stands 2 bytes before the fix. `extension` is the byte whose lowest bit (in VEX bit 5, turned round) belongs to the
    register; `end` is behind the instruction."""

    fix: int
    extension: int
    is_vex: bool
    end: int
    writes: bool


class Jump(msgspec.Struct, frozen=True, array_like=True):
    """4 bytes of code at `at` that get the distance to a way out, by its name, from the byte behind them."""

    at: int
    to: str


class Constant(msgspec.Struct, frozen=True, array_like=True):
    """4 bytes of code at `at` that get the distance to a place in the stencil's constants, and `more`."""

    at: int
    place: int
    more: int


class Stencil(msgspec.Struct, frozen=True, array_like=True):
    """An instruction's code. It fits where the modes are as `modes` says, and where the numbers in `chosen` are what
    the instruction settles. `ways` are the addresses of its ways `way.0` and so on."""

    form: str
    variant: int
    modes: Modes
    chosen: tuple[tuple[Expression, int], ...]
    holes: tuple[Hole, ...]
    ways: tuple[Expression, ...]
    code: bytes
    fixes: tuple[Fix, ...]
    jumps: tuple[Jump, ...]
    constants: bytes
    uses: tuple[Constant, ...]
    cells: tuple[Cell, ...]
    rigid: bool
    """Whether it has jumps within itself, so that nothing can be left out."""
    apart: tuple[tuple[int, int], ...]
    """Where arrays of registers are, behind `cpu`, whose elements are accessed otherwise: (first byte, end)."""
    near: bool
    """Whether some of its numbers depend on the instruction's address."""


class Piece(msgspec.Struct, frozen=True, array_like=True):
    """Code that belongs to no instruction: what begins units and leaves them. Its numbers have names."""

    code: bytes
    fixes: tuple[tuple[int, int, bool, str, int], ...]
    """(place, bytes, whether it has a sign, name, more)."""
    jumps: tuple[Jump, ...]


Accesses = tuple[tuple[str, int, int | str], ...]
"""Kinds of accesses to memory: see `needed_accesses`."""


class Kit(msgspec.Struct, frozen=True, array_like=True):
    """What copying takes: a description's modes and pieces by name, and stencils, packed by form and variant: of
    thousands a guest needs some dozens. `accesses` are what whoever makes more would have to look for; `refused` are
    the forms' variants that were asked for and have none, called as in `groups`."""

    modes: tuple[Mode, ...]
    accesses: Accesses
    pieces: dict[str, Piece]
    groups: dict[str, msgspec.Raw]
    refused: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        modes: tuple[Mode, ...],
        accesses: Accesses,
        pieces: dict[str, Piece],
        stencils: Iterable[Stencil],
        asked: Iterable[Wanted] = (),
    ) -> Kit:
        """One with these stencils, which were made because some instructions were asked for."""
        groups: dict[str, list[Stencil]] = {}
        for stencil in stencils:
            groups.setdefault(_group(stencil.form, stencil.variant), []).append(stencil)
        packed = {name: msgspec.Raw(msgspec.msgpack.encode(group)) for name, group in groups.items()}
        refused = {_group(one.form, one.variant) for one in asked if one.variant >= 0} - packed.keys()
        return cls(modes, accesses, pieces, packed, tuple(sorted(refused)))

    def refuses(self, form: str, variant: int) -> bool:
        """Whether a form's variant was asked for in vain."""
        return _group(form, variant) in self.refused

    def of_variant(self, form: str, variant: int) -> list[Stencil]:
        """The stencils of a form's variant; none if they cannot be read."""
        packed = self.groups.get(_group(form, variant))
        try:
            return [] if packed is None else msgspec.msgpack.decode(packed, type=list[Stencil])
        except ValueError:
            return []

    def packed(self) -> bytes:
        """As bytes."""
        return msgspec.msgpack.encode(self)

    @classmethod
    def unpacked(cls, data: bytes) -> Kit:
        """What `packed` gave. Raises ValueError for anything else."""
        return msgspec.msgpack.decode(data, type=cls)


def _group(form: str, variant: int) -> str:
    return f"{form} {variant}"


class Wanted(msgspec.Struct, frozen=True, array_like=True):
    """An instruction that has no stencil yet."""

    form: str
    variant: int
    word: int
    length: int
    pc: int


NEXT, OWN, INDIRECT, WAY, MISS, HOT = "next", "own", "indirect", "way.", "miss", "hot"
"""Ways out of stencils: to the next instruction; to the form's own handler, with nothing done; to an address that was
computed; to one that is settled; past the whole unit; to whoever wants to know what is hot."""
HOSTS = (13, 14, 6, 8, 9, 11)
"""The host's registers that stencils leave as they are, by their numbers: r13, r14, rsi, r8, r9, r11 (LLVM's convention
`preserve_none`, in which stencils pass them on)."""
LONGEST_CODE = 1024
"""Bytes of the longest stencil: what is longer gains little."""


def way_number(name: str) -> int | None:
    """Of a way out to an address that is settled."""
    return int(name.removeprefix(WAY)) if name.startswith(WAY) else None
