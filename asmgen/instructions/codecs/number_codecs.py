"""Operands that are numbers, plain or relative to the instruction."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from ....isa.model.items import Codec
from ...expressions.evaluation import evaluate_number
from ...expressions.parser import ExpressionReader
from ...expressions.tree import Number, Part, SymbolRef
from ...expressions.values import NotKnownYet
from ...text.diagnostics import SourceError
from .codecs import Bits, Late, LateCodec, Misfit, no_symbols
from .word_bits import Placement, put_at

_MINUS = re.compile(r"\s*#?\s*-")


class NumberCodec:
    """A number: signed, unsigned, or a sign and a magnitude, with a scale and a bias.

    A relative one counts from the instruction's address plus the bias, rounded down to the alignment.
    """

    def __init__(
        self,
        codec: Codec,
        width: int,
        address_width: int,
        registers: frozenset[str] = frozenset(),
        numbers_are_distances: bool = False,
        subtracted_literal: int = 0,
    ) -> None:
        """`registers` are names that can be no number; `numbers_are_distances`: a plain number is no address, but the
        distance itself (branches of Power). `subtracted_literal`: see `literal_minus` in described.py.
        """
        self._subtracted_literal = subtracted_literal
        self._registers = registers
        self.is_distance = codec.relative and numbers_are_distances
        self.is_plain = not codec.relative
        """Whether a number has the same bits wherever the instruction stands."""
        self._codec = codec
        self._width = width
        self._address_width = address_width
        self._has_sign = codec.kind == "sign_magnitude"
        if codec.kind == "unsigned":
            self._low, self._high = 0, (1 << width) - 1
        elif self._has_sign:
            self._low, self._high = -(1 << (width - 1)) + 1, (1 << (width - 1)) - 1
        else:
            self._low, self._high = -(1 << (width - 1)), (1 << (width - (not codec.or_number))) - 1

    def read(self, text: str, position: int, expressions: ExpressionReader) -> tuple[Bits, int]:
        """See OperandCodec."""
        bits, end = read_number(self, self._codec, text, position, expressions, self._registers, self.is_distance)
        if self._has_sign and bits == 1 << (self._width - 1) and _MINUS.match(text, position) is not None:
            # A zero that is written with a minus is the other one.
            bits = 0
        return bits, end

    def encode(self, value: int, address: int, is_part: bool, is_literal: bool = False) -> int:
        """The bits for a number as written.  Raises Misfit with the range."""
        codec = self._codec
        number = value - relative_base(codec, address)
        if codec.relative:
            number = signed_address(number, (1 << self._address_width) - 1)
        elif codec.target and number >> (self._address_width - 1) == 1:
            number -= 1 << self._address_width
        elif is_part and (self._high + 1) * codec.scale <= number < 1 << 16:
            # A part of an address is 16 bits whatever sign the instruction gives them.
            number -= 1 << 16
        field, rest = divmod(number, codec.scale)
        if rest:
            if codec.relative:
                raise Misfit(f"{value:#x} is {number} bytes away, not a multiple of {codec.scale}")
            raise Misfit(f"{value} is not a multiple of {codec.scale}" + f" plus {codec.bias}" * bool(codec.bias))
        if not self._low <= field <= self._high:
            low, high = self._low * codec.scale, self._high * codec.scale
            if codec.relative:
                raise Misfit(f"{value:#x} is {number} bytes away, and the range is {low}..{high}",
                             "bring the two nearer (a .ltorg for a literal), or go through a register")
            raise Misfit(f"{value} does not fit %s ({low + codec.bias}..{high + codec.bias})")
        if self._has_sign:
            # A literal to which there is nothing to add has the sign for subtracting, as GNU as writes it.
            is_added = field > 0 or (not field and not (is_literal and codec.bias == self._subtracted_literal))
            return is_added << (self._width - 1) | abs(field)
        return field & ((1 << self._width) - 1)

    def direct(self, places: Sequence[Placement]) -> tuple[int, int, int, int, int, int, int] | None:
        """How numbers become bits at places by arithmetic alone; None where that takes more, or the address counts.

        Lowest and highest number less the bias, bits that have to be zeros in it, how far down, mask, how far up; bias.
        """
        codec = self._codec
        scale = codec.scale
        if self._has_sign or codec.relative or codec.target or len(places) != 1 or scale & (scale - 1):
            return None
        down, mask, up = places[0]
        return (self._low * scale, self._high * scale, scale - 1, down + scale.bit_length() - 1, mask, up, codec.bias)

    def placed(self, places: Sequence[Placement]) -> Callable[[int, int], int]:
        """What `encode` gives for a value and an address, at places of a word.  Raises Misfit."""
        codec = self._codec
        scale, bias, is_relative = codec.scale, codec.bias, codec.relative

        def at_length(value: int, address: int) -> int:
            return put_at(self.encode(value, address, False), places)

        if self._has_sign or codec.align > 1 or len(places) != 1 or scale & (scale - 1) or (
                codec.target and not is_relative):
            return at_length
        lowest, highest = self._low * scale, self._high * scale
        down, mask, up = places[0]
        down += scale.bit_length() - 1
        sign, rest = 1 << (self._address_width - 1), scale - 1

        def at_once(value: int, address: int) -> int:
            number = (value - address - bias + sign & 2 * sign - 1) - sign if is_relative else value - bias
            if number & rest or not lowest <= number <= highest:
                return at_length(value, address)
            return (number >> down & mask) << up

        return at_once

    def write(self, bits: int, address: int) -> str | None:
        """See OperandCodec."""
        codec = self._codec
        field = self._field(bits)
        if self._has_sign and not bits:
            # Of the two zeros only one is written for an address; of numbers the other has a text of its own.
            return None if codec.relative else "-0"
        if self.is_distance:
            return f".{field * codec.scale + codec.bias:+#x}"
        number = field * codec.scale + relative_base(codec, address)
        if codec.relative or codec.target:
            return f"{number & ((1 << self._address_width) - 1):#x}"
        return str(number)

    def place(self, bits: int, address: int) -> int | None:
        """The address that an instruction at `address` names with the bits; None where they have no text."""
        codec = self._codec
        field = self._field(bits)
        if self._has_sign and codec.relative and not bits:
            return None
        if self.is_distance:
            return address + field * codec.scale + codec.bias
        return field * codec.scale + relative_base(codec, address) & ((1 << self._address_width) - 1)

    def _field(self, bits: int) -> int:
        """The number in the bits, before scale and bias."""
        if self._has_sign:
            field = bits & ((1 << (self._width - 1)) - 1)
            return field if bits >> (self._width - 1) else -field
        if self._codec.kind == "signed" and bits >> (self._width - 1):
            return bits - (1 << self._width)
        return bits

    def expression(self, bits: str) -> str | None:
        """A Python expression that formats to the text of the bits that the expression `bits` gives.

        None where the text is more than the number in them times the scale.
        """
        codec = self._codec
        if codec.relative or codec.target or codec.bias or self._has_sign:
            return None
        return self._scaled(bits)

    def place_expression(self, bits: str) -> str | None:
        """A Python expression for `place`, of the bits that `bits` gives and of `address`.

        None where the sign is a bit of its own.
        """
        if self._has_sign:
            return None
        codec = self._codec
        if self.is_distance:
            return f"address + {self._scaled(bits)} + {codec.bias}"
        base = f"(address + {codec.bias} & {-codec.align})" if codec.relative else str(codec.bias)
        return f"({self._scaled(bits)} + {base}) & {(1 << self._address_width) - 1:#x}"

    def place_piece(self, bits: str) -> str | None:
        """What stands in an f-string for a relative operand: the text that `write` gives for the bits at `address`."""
        if self._has_sign or not self._codec.relative:
            return None
        if self.is_distance:
            return f".{{{self._scaled(bits)} + {self._codec.bias}:+#x}}"
        return f"{{{self.place_expression(bits)}:#x}}"

    def _scaled(self, bits: str) -> str:
        """The number in the bits times the scale, as Python."""
        codec = self._codec
        sign = 1 << (self._width - 1)
        number = f"((({bits}) ^ {sign:#x}) - {sign:#x})" if codec.kind == "signed" else f"({bits})"
        return number if codec.scale == 1 else f"({number} * {codec.scale})"

    @property
    def sign_bit(self) -> int | None:
        """Which of the bits tells whether the number is written with a minus; None where it never is."""
        return None if self._codec.kind == "unsigned" else self._width - 1

    @property
    def always_reads_back(self) -> bool:
        """Whether a relative number is read as the bits that it was written for, wherever the instruction stands.

        Of one whose sign is a bit of its own zero is not; a distance with a bias changes its sign elsewhere.
        """
        codec = self._codec
        is_whole = codec.scale << self._width <= 1 << self._address_width
        return not self._has_sign and is_whole and not (self.is_distance and codec.bias)


def read_number(
    encoder: LateCodec,
    codec: Codec,
    text: str,
    position: int,
    expressions: ExpressionReader,
    registers: frozenset[str],
    numbers_are_distances: bool = False,
) -> tuple[Bits, int]:
    """The bits for the expression at `position`, or what makes them once its value is known; and its end."""
    tree, end = expressions.read(text, skip_hash(text, position))
    if isinstance(tree, SymbolRef) and not codec.relative and tree.name.lower() in registers:
        error = SourceError(f"expected a number, found the register '{tree.name}'", position)
        error.is_form = True
        raise error
    if numbers_are_distances and isinstance(tree, Number):
        return encoder.encode(tree.value + codec.bias, 0, False), end
    if codec.relative:
        return Late(tree, encoder, True), end
    try:
        value = evaluate_number(tree, no_symbols, None)
    except NotKnownYet:
        return Late(tree, encoder), end
    return encoder.encode(value, 0, isinstance(tree, Part) and tree.rule is None), end


def skip_hash(text: str, position: int) -> int:
    """The position behind blanks and the `#` that may stand in front of a number."""
    while position < len(text) and text[position] in " \t":
        position += 1
    return position + 1 if text[position : position + 1] == "#" else position


def relative_base(codec: Codec, address: int) -> int:
    """What is added to the number in the bits: the bias, and for a relative codec the aligned address."""
    return (address + codec.bias) & -codec.align if codec.relative else codec.bias


def signed_address(number: int, mask: int) -> int:
    """A difference of addresses, which wraps around at the end of the address space."""
    number &= mask
    return number - mask - 1 if number > mask >> 1 else number
