"""Operands that are floating-point constants, of which an encoding holds a few."""

from __future__ import annotations

import math
import re
import struct

from ....isa.model.items import Codec
from ...expressions.parser import ExpressionReader
from ...text.diagnostics import SourceError
from .codecs import Bits, Misfit
from .functions import DescribedFunctions

_NUMBER = re.compile(
    r"\s*#?\s*(?:(?P<bits>0[xX][0-9a-fA-F]{8})|(?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?))(?![\w.])")
_SHOWN = 3
"""How many of the constants that lie next are named in an error."""


class FloatCodec:
    """A single-precision number, which two functions of the description turn into bits and back."""

    def __init__(self, codec: Codec, functions: DescribedFunctions) -> None:
        self._codec = codec
        self._functions = functions
        self._width = functions.parameter_width(codec.decode)

    def read(self, text: str, position: int, expressions: ExpressionReader) -> tuple[Bits, int]:
        """See OperandCodec.  Eight hexadecimal digits are the bits of the number, as GNU as takes them."""
        hit = _NUMBER.match(text, position)
        if hit is None:
            raise SourceError("expected a floating-point constant", position, "write #1.0, #-0.5, #2")
        if hit["bits"] is not None:
            number = struct.unpack(">f", int(hit["bits"], 16).to_bytes(4, "big"))[0]
        else:
            number = float(hit["number"])
        try:
            single = struct.pack(">f", number)
        except OverflowError:
            single = b""
        if single and struct.unpack(">f", single)[0] == number:
            fits, bits = self._functions.call(self._codec.encode, int.from_bytes(single, "big"))
            if fits:
                return bits, hit.end()
        raise Misfit(f"{hit.group().strip().lstrip('#')} has no encoding as %s", self._nearest(number))

    def _nearest(self, number: float) -> str:
        known = [self._number(bits) for bits in range(1 << self._width)]
        if not math.isfinite(number):
            number = math.copysign(max(known), number)
        near = sorted(known, key=lambda one: abs(one - number))[:_SHOWN]
        return "the nearest are " + ", ".join(f"{one:g}" for one in sorted(near)) + "; load others from memory"

    def _number(self, bits: int) -> float:
        single = self._functions.call(self._codec.decode, bits)[0]
        number: float = struct.unpack(">f", single.to_bytes(4, "big"))[0]
        return number

    def write(self, bits: int, address: int) -> str | None:
        """See OperandCodec."""
        return repr(self._number(bits))
