"""Units: stencils copied one behind the other for a run of instructions, in the place of the first one's handler.

A unit goes on where a branch is not taken, and leaves where one is. It counts all its instructions where it is
entered, and whoever leaves it earlier gives the rest back; so a cut falls where it does in the interpreter tier.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import msgspec

from ..copies import Copy, Shelf, Wanted
from ..shared import CodePage, Host, MadeOf
from .arena import Arena
from .unit import Ledger, Unit
from .unit_text import UnitText, most_bytes

Run = tuple[list[tuple[int, Copy]], int | None, int]
"""Instructions' offsets and copies; the offset of one that has no stencil and so ends them, if that is why; the offset
behind the last."""
_PAGE = 4096
_MOST_MISSING = 8
"""Stencils that are asked for at once for a run of instructions: behind so many it is seldom worth going on."""
_LONGEST = 200
"""Instructions of a unit."""


class Register(msgspec.Struct, frozen=True):
    """One that holds modes: where it is behind `cpu`, and its bits."""

    name: str
    place: int
    bits: int


class UnitMaker:
    """Makes the units of one engine."""

    def __init__(
        self,
        host: Host,
        shelf: Shelf,
        registers: Mapping[str, Register],
        read: Callable[[str, int], int],
        address_width: int,
    ) -> None:
        """`registers` hold modes; `read` gives the present value of one."""
        self._host = host
        self._shelf = shelf
        self._registers = registers
        self._read = read
        self._mask = (1 << address_width) - 1
        self._arena = Arena()
        self.ledger = Ledger()
        self._variants = host.variants
        self._handlers = host.handlers
        self._special = frozenset(host.special.values())

    def modes(self) -> dict[str, int]:
        """The registers that hold modes, as they are now."""
        return {name: self._read(name, 0) for name in self._registers}

    def make(
        self, page: CodePage, first: int, limit: int, made: MadeOf, found: Run | None = None
    ) -> Unit | None:
        """The unit of the instructions from an offset on, in place, which is told as hot after `limit` instructions;
        None where the first has no stencil. `found` is what `run` gave. Raises EngineError without memory."""
        address = made.address
        modes = self.modes()
        copies, stop, offset = found or self.run(page, address, first)
        if not copies:
            return None
        ends = stop is None
        chunk = self._arena.chunk(most_bytes(copies))
        text = UnitText(self, (page, address, first), copies, modes, chunk)
        goes_on = copies[-1][1].goes_on
        if goes_on and stop is not None:
            text.leave(stop)
        elif goes_on:
            text.go_on(offset)
        behind = None if not goes_on else offset if stop is None else stop + page.entry(stop)[2]
        return text.installed(limit, behind, self.ledger, not ends, made)

    def run(self, page: CodePage, address: int, first: int) -> Run:
        """Instructions with their copies, as far as they follow each other, and where that ends."""
        modes = self.modes()
        copies: list[tuple[int, Copy]] = []
        offset = first
        for at, length, copy in self._run(page, address, first, modes):
            if copy is None:
                return copies, at, offset
            copies.append((at, copy))
            offset = at + length
        return copies, None, offset

    def _run(
        self, page: CodePage, address: int, offset: int, modes: Mapping[str, int]
    ) -> Iterator[tuple[int, int, Copy | None]]:
        """Offset, length and copy of the instructions; no copy of one that has no stencil."""
        first = offset
        for _ in range(_LONGEST):
            if offset >= _PAGE or (offset != first and (offset in page.regions or offset in page.units)):
                return
            handler, word, length = page.entry(offset)
            if handler in self._special or offset in page.stops:
                return
            known = page.handler_behind(offset, handler)
            copy = self.copy(known, word, length, address + offset, modes)
            yield offset, length, copy
            if copy is None or not copy.goes_on:
                return
            offset += length

    def copy(self, handler: int, word: int, length: int, pc: int, modes: Mapping[str, int]) -> Copy | None:
        """The copy for an entry."""
        form, variant = self._variants.get(handler, ("", -1))
        return self._shelf.copy(form, variant, word, length, pc, modes) if form else None

    def missing(self, page: CodePage, address: int, first: int) -> list[Wanted]:
        """What has no stencil yet among the instructions from an offset on."""
        modes = self.modes()
        found: list[Wanted] = []
        offset = first
        for _ in range(_LONGEST):
            if offset >= _PAGE or offset in page.stops or len(found) >= _MOST_MISSING:
                break
            handler, word, length = page.entry(offset)
            if handler in self._special:
                break
            form, variant = self._variants.get(page.handler_behind(offset, handler), ("", -1))
            pc = address + offset
            copy = None
            if form:
                copy = self._shelf.copy(form, variant, word, length, pc, modes)
                if copy is None and not self._shelf.refuses(form, variant):
                    found.append(Wanted(form, variant, word, length, pc))
            if copy is not None and not copy.goes_on:
                break
            offset += length
        return found

    # What the text of a unit needs

    def own(self, handler: int) -> int:
        """The handler of the whole form, for that of a variant."""
        return self._handlers[self._variants[handler][0]]

    def special(self, name: str) -> int:
        """The address of a special handler."""
        return self._host.special[name]

    def piece(self, name: str, numbers: Mapping[str, int], falls: bool = True) -> bytearray:
        """A piece with its numbers; `falls`: what it goes on with stands behind it."""
        return self._shelf.pieces[name, falls].filled(numbers)

    def piece_jumps(self, name: str, falls: bool = True) -> tuple[tuple[int, str], ...]:
        """Where a piece goes: (place, way out)."""
        return tuple((jump.at, jump.to) for jump in self._shelf.pieces[name, falls].jumps)

    def register(self, name: str) -> Register:
        """One that holds modes."""
        return self._registers[name]

    def wrapped(self, address: int) -> int:
        """Within what addresses have."""
        return address & self._mask
