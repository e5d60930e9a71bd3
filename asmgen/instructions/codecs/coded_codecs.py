"""Operands that are numbers, coded by functions of the description."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ....isa.model.items import Codec
from ...expressions.parser import ExpressionReader
from .codecs import Bits, Misfit
from .functions import DescribedFunctions
from .number_codecs import read_number, relative_base, signed_address
from .word_bits import Placement, put_at


class CodedCodec:
    """A number that two functions of the description turn into bits and back."""

    def __init__(
        self, codec: Codec, functions: DescribedFunctions, address_width: int, registers: frozenset[str] = frozenset()
    ) -> None:
        self._registers = registers
        self.is_plain = not codec.relative
        self._codec = codec
        self._functions = functions
        self._address_mask = (1 << address_width) - 1
        self._width = functions.parameter_width(codec.encode)
        self._result_width = functions.result_width(codec.decode)

    def read(self, text: str, position: int, expressions: ExpressionReader) -> tuple[Bits, int]:
        """See OperandCodec."""
        return read_number(self, self._codec, text, position, expressions, self._registers)

    def encode(self, value: int, address: int, is_part: bool, is_literal: bool = False) -> int:
        """The bits for a number.  Raises Misfit if the description has none."""
        codec = self._codec
        number = value - relative_base(codec, address)
        if codec.relative:
            number = signed_address(number, self._address_mask)
        number, rest = divmod(number, codec.scale)
        if not rest and abs(number) < 1 << self._width:
            # Also `~(1 << 31)` is a word: its bits count.
            fits, bits = self._functions.call(codec.encode, number & ((1 << self._width) - 1))
            if fits:
                return bits
        if codec.relative:
            raise Misfit(f"{value:#x} is {number * codec.scale + rest} bytes away, which %s cannot encode",
                         "bring the two nearer, or go through a register")
        shown = hex(value) if abs(value) > 0xFFFF else str(value)
        raise Misfit(f"{shown} has no encoding as %s", "load it from memory, or put it together in two steps")

    def placed(self, places: Sequence[Placement]) -> Callable[[int, int], int]:
        """As of NumberCodec."""
        return lambda value, address: put_at(self.encode(value, address, False), places)

    def write(self, bits: int, address: int) -> str | None:
        """See OperandCodec."""
        codec = self._codec
        number = self._functions.call(codec.decode, bits)[0]
        if (codec.signed_text or codec.relative) and number >> (self._result_width - 1):
            number -= 1 << self._result_width
        value = number * codec.scale + relative_base(codec, address)
        if codec.relative:
            return hex(value & self._address_mask)
        return str(value) if value < 0x10000 else hex(value)

    def place(self, bits: int, address: int) -> int | None:
        """As of NumberCodec."""
        text = self.write(bits, address)
        return None if text is None else int(text, 0)
