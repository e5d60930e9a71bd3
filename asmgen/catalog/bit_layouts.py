"""Words and structures in memory as `bitstring` values, put together and taken apart by the description's names.

A layout is a form of an instruction, a bit field, or a register with fields. Its bits run from the most significant
to the least significant one, as a book draws them, so that `bits[0:4]` are the first four of the picture.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from ...isa.errors import TraplineError
from ...isa.model.items import BitRange, Description, Form, Piece
from ..text.diagnostics import did_you_mean

if TYPE_CHECKING:
    from bitstring import Bits

Order = Literal["big", "little"]


@dataclass(frozen=True, slots=True)
class FieldPlace:
    """A named field: `pieces` say which bits of the word hold which of its own (counted from the least significant).

    `book` is the range as the book writes it, `fixed` the value that the layout gives it (None where it is free).
    """

    name: str
    width: int
    pieces: tuple[Piece, ...]
    book: str
    title: str = ""
    fixed: int | None = None


@dataclass(frozen=True, slots=True)
class BitLayout:
    """Named fields of `width` bits. `base` has the bits that every value has (an opcode); others begin as zero."""

    name: str
    title: str
    width: int
    fields: tuple[FieldPlace, ...]
    base: int = 0
    _by_name: dict[str, FieldPlace] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._by_name.update({one.name: one for one in self.fields})

    def field(self, name: str) -> FieldPlace:
        """A field by its name.  Raises TraplineError, with the names that there are."""
        if name not in self._by_name:
            known = did_you_mean(name, list(self._by_name)) or "it has: " + ", ".join(self._by_name)
            raise TraplineError(f"{self.name} has no field '{name}'", known)
        return self._by_name[name]

    def compose(self, **values: int) -> Bits:
        """The value with these fields, all others zero or as the layout fixes them.

        A negative number stands for its two's complement.  Raises TraplineError for an unknown field, a value that
        does not fit, or one that contradicts a fixed field.
        """
        from bitstring import BitArray

        bits = BitArray(uint=self.base, length=self.width)
        for name, value in values.items():
            self._put(bits, self.field(name), value)
        return bits.to_immutable()

    def replace(self, bits: Bits | int | bytes, **values: int) -> Bits:
        """A value with some fields changed.  Raises TraplineError as `compose` and `bits` do."""
        changed = self.bits(bits).to_mutable()
        for name, value in values.items():
            self._put(changed, self.field(name), value)
        return changed.to_immutable()

    def take_apart(self, bits: Bits | int | bytes) -> dict[str, int]:
        """All fields of a value by name.  Raises TraplineError if it has another length."""
        whole = self.bits(bits)
        return {one.name: self._get(whole, one) for one in self.fields}

    def get(self, bits: Bits | int | bytes, name: str) -> int:
        """One field of a value.  Raises TraplineError for an unknown field or another length."""
        return self._get(self.bits(bits), self.field(name))

    def bits(self, value: Bits | int | bytes, order: Order = "big") -> Bits:
        """A number, or bytes of memory in `order`, as bits of this layout.  Raises TraplineError for another length."""
        from bitstring import Bits

        if isinstance(value, int):
            if value < 0 or value >> self.width:
                raise TraplineError(f"{value:#x} does not fit {self.name}, which has {self.width} bits")
            return Bits(uint=value, length=self.width)
        if isinstance(value, bytes):
            if len(value) != (self.width + 7) // 8:
                raise TraplineError(f"{self.name} has {self.width} bits, and the value has {8 * len(value)}")
            return self.bits(int.from_bytes(_in_order(value, order), "big"))
        if len(value) != self.width:
            raise TraplineError(f"{self.name} has {self.width} bits, and the value has {len(value)}")
        return value

    def to_bytes(self, bits: Bits | int, order: Order = "big") -> bytes:
        """The value as it stands in memory, each 8 bytes in `order` (a longer structure is made of doublewords)."""
        return _in_order(self.bits(bits).uint.to_bytes((self.width + 7) // 8, "big"), order)

    def _put(self, bits: object, place: FieldPlace, value: int) -> None:
        from bitstring import BitArray, Bits

        assert isinstance(bits, BitArray)
        if not -(1 << (place.width - 1)) <= value < 1 << place.width:
            raise TraplineError(f"{value:#x} does not fit {self.name}.{place.name}, which has {place.width} bits")
        number = value & ((1 << place.width) - 1)
        if place.fixed is not None and number != place.fixed:
            raise TraplineError(f"{self.name}.{place.name} is always {place.fixed:#x}, not {number:#x}")
        whole = Bits(uint=number, length=place.width)
        for piece in place.pieces:
            first = place.width - piece.field_low - piece.width
            at = self.width - piece.word_low - piece.width
            bits.overwrite(at, whole[first : first + piece.width])

    def _get(self, bits: Bits, place: FieldPlace) -> int:
        from bitstring import BitArray

        found = BitArray.from_zeros(place.width)
        for piece in place.pieces:
            at = self.width - piece.word_low - piece.width
            found.overwrite(place.width - piece.field_low - piece.width, bits[at : at + piece.width])
        return int(found.uint)


def _in_order(data: bytes, order: Order) -> bytes:
    """Bytes between the order of a picture and that of memory, which is kept by doublewords."""
    if order == "big":
        return data
    return b"".join(data[at : at + 8][::-1] for at in range(0, len(data), 8))


def layouts_of(description: Description) -> Mapping[str, BitLayout]:
    """The layouts of bit fields, and of registers that have fields, by name."""
    found: dict[str, BitLayout] = {}
    for one in description.bitfields.values():
        found[one.name] = BitLayout(one.name, one.title, one.width, _places(one.fields))
    for register in description.registers.values():
        if register.fields:
            found[register.name] = BitLayout(register.name, register.title, register.width, _places(register.fields))
    return found


def layout_of_form(description: Description, form: Form) -> BitLayout:
    """The layout of an instruction's words: its fields, and what the form fixes."""
    places = tuple(
        FieldPlace(one.name, one.width, one.pieces, _book(description, form.length, one.pieces), "",
                   one.fixed if one.fixed >= 0 else None)
        for one in form.fields)
    return BitLayout(form.name, form.title, form.length, places, form.match | form.should_be)


def _places(ranges: tuple[BitRange, ...]) -> tuple[FieldPlace, ...]:
    return tuple(FieldPlace(one.name, one.width, (Piece(one.low, 0, one.width),), one.book, one.title)
                 for one in ranges)


def _book(description: Description, length: int, pieces: tuple[Piece, ...]) -> str:
    """The bits of a field in the numbering of the architecture's book, the most significant piece first."""
    texts = []
    for piece in sorted(pieces, key=lambda one: -one.field_low):
        low, high = piece.word_low, piece.word_low + piece.width - 1
        ends = (length - 1 - high, length - 1 - low) if description.numbering == "left" else (high, low)
        texts.append(str(ends[0]) if piece.width == 1 else f"{ends[0]}:{ends[1]}")
    return ", ".join(texts)
