"""What is asked of whoever writes a region, and what comes back: both without references to the engine, so that they
go from one process to another, and what comes back into a file.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ....model.decoder import Decoder
from ...layout import SCOPES, StateLayout
from ..shared import cpu_layout as cpu

if TYPE_CHECKING:
    from ..copies import Kit, Wanted
    from ..regions import Instruction, Piece, Plan, Surroundings

_ENTRY = struct.Struct("<QIH")
_PAGE = 4096
_LONG_LOOP = 24
"""Instructions of a loop that other regions go to."""
Mode = tuple[str, int, int, int, int]
"""A piece of a register (name, element, first bit, width), and what it is taken to hold."""


class Request(msgspec.Struct, frozen=True):
    """A region that is entered at `pc`, an address in the guest page at `address`.

    `entries` are the page's, `special` the handlers among them that no region can contain, `state` the registers
    (see `State.snapshot`). `stops` are offsets that must not be contained, `apart` those that are to be left out;
    `landed` are addresses in the page that indirect branches often lead to, the most often first.
    """

    set_name: str
    address: int
    pc: int
    unit: int
    entries: bytes
    special: frozenset[int]
    state: bytes
    stops: frozenset[int]
    apart: frozenset[int]
    volatile: frozenset[Mode]
    landed: tuple[int, ...] = ()

    def without(self, offsets: Iterable[int]) -> Request:
        """The same that leaves out more."""
        return msgspec.structs.replace(self, apart=self.apart.union(offsets))


class StencilRequest(msgspec.Struct, frozen=True):
    """Stencils for some instructions, where `registers` hold the modes; they are kept in a folder. `known` has what
    there is to know without them."""

    wanted: tuple[Wanted, ...]
    registers: dict[str, int]
    folder: Path | None
    known: Kit | None


class Facts(msgspec.Struct, frozen=True):
    """What a region is: where it is entered, its instructions (offset in the page, word, length), what it takes its
    modes to be; whether it has a way back to where it is entered; for `Request.volatile`, what did not hold.
    """

    set_name: str
    pc: int
    instructions: tuple[tuple[int, int, int], ...]
    assumed: tuple[Mode, ...]
    loops: bool
    volatile: tuple[Mode, ...]

    @property
    def is_long_loop(self) -> bool:
        """Whether other regions go to it, instead of containing it."""
        return self.loops and len(self.instructions) >= _LONG_LOOP


class Made(msgspec.Struct, frozen=True):
    """A region that can be loaded."""

    facts: Facts
    image: bytes

    def packed(self) -> bytes:
        """As bytes."""
        import json

        head = json.dumps(msgspec.structs.asdict(self.facts)).encode()
        return struct.pack("<I", len(head)) + head + self.image

    @classmethod
    def unpacked(cls, data: bytes) -> Made:
        """What `packed` gave. Raises ValueError, KeyError or TypeError for anything else."""
        import json

        if len(data) < 4:
            raise ValueError("too short")
        end = 4 + int.from_bytes(data[:4], "little")
        raw = json.loads(data[4:end])
        instructions = tuple((int(offset), int(word), int(length)) for offset, word, length in raw["instructions"])
        assumed, volatile = (tuple(_read_mode(*one) for one in raw[name]) for name in ("assumed", "volatile"))
        facts = Facts(str(raw["set_name"]), int(raw["pc"]), instructions, assumed, bool(raw["loops"]), volatile)
        return cls(facts, data[end:])


Source = Callable[[int], tuple[int, int, int] | None]
"""(handler, word, length) of the entry at an offset, where a region may contain it."""


def source_of(request: Request) -> Source:
    """What the request knows of the page."""

    def found(offset: int) -> tuple[int, int, int] | None:
        if offset in request.stops:
            return None
        handler, word, length = _ENTRY.unpack_from(request.entries, offset // request.unit * cpu.CODE_ENTRY)
        return None if handler in request.special else (handler, word, length & cpu.CODE_LENGTH_MASK)

    return found


def write(
    surroundings: Surroundings, decoder: Decoder, request: Request, source: Source
) -> tuple[Facts, str] | None:
    """A region and its IR; None where its first instruction cannot be in one."""
    from ..regions import Instruction, Modes, Page, grow

    page = Page(request.address, request.unit)
    volatile = {_piece(mode) for mode in request.volatile}
    known = set(volatile)
    modes = Modes(surroundings.pieces, _reader(surroundings.unit.layout, request.state), volatile)

    def instruction(pc: int) -> Instruction | None:
        place = page.entry(pc)
        entry = None if place is None else source(pc - page.address)
        if place is None or entry is None:
            return None
        _, word, length = entry
        form = decoder.decode(word, length * 8)
        return None if form is None else Instruction(form, pc, word, length, place)

    def is_apart(pc: int) -> bool:
        return pc - page.address in request.apart

    grown = grow(surroundings, instruction, page, request.pc, volatile, modes, is_apart, request.landed)
    if grown is None:
        return None
    plan, text = grown
    return _facts(request, plan, tuple(_mode(*one) for one in sorted(volatile - known))), text


def _facts(request: Request, plan: Plan, volatile: tuple[Mode, ...]) -> Facts:
    contained = [one for block in plan.blocks.values() for one in block.instructions]
    instructions = sorted({(one.pc - request.address, one.word, one.length) for one in contained})
    assumed = tuple(_mode(piece, held) for piece, held in sorted(plan.assumed.items()))
    return Facts(request.set_name, request.pc, tuple(instructions), assumed, plan.loops, volatile)


def _read_mode(name: str, element: int, low: int, width: int, held: int) -> Mode:
    return str(name), int(element), int(low), int(width), int(held)


def _mode(piece: Piece, held: int) -> Mode:
    return (*piece, held)


def _piece(mode: Mode) -> tuple[Piece, int]:
    from ..regions import Piece

    return Piece(*mode[:4]), mode[4]


def _reader(layout: StateLayout, state: bytes) -> Callable[[str, int], int]:
    """Reads registers from a snapshot."""
    starts: dict[str, int] = {}
    end = 0
    for scope in SCOPES:
        starts[scope] = end
        end += layout.blocks[scope].size

    def read(register: str, index: int) -> int:
        scope, slot = layout.places[register]
        first = starts[scope] + slot.offset + index * slot.size
        return int.from_bytes(state[first : first + slot.size], "little")

    return read
