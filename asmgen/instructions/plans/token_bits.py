"""Bits of the word by the text of a number in the statement."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...text.diagnostics import SourceError
from ..codecs.codecs import Misfit
from ..codecs.coded_codecs import CodedCodec
from ..codecs.names_codecs import NamesCodec
from ..codecs.number_codecs import NumberCodec
from ..codecs.word_bits import Placement
from .kinds import Kinds

MAX_TEXTS = 1 << 16


class TokenBits(dict[str, int]):
    """What each text makes, found out once; asking for one that makes nothing raises KeyError."""

    def __init__(self, make: Callable[[str], int]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, text: str) -> int:
        try:
            bits = self._make(text)
        except (SourceError, ValueError) as error:
            raise KeyError(text) from error
        if len(self) >= MAX_TEXTS:
            self.clear()
        self[text] = bits
        return bits


class PlacedNumbers(TokenBits):
    """What plain numbers make at their places in a word, by arithmetic; others as of TokenBits."""

    def __init__(self, make: Callable[[str], int], is_negative: bool, direct: tuple[int, int, int, int, int, int, int],
                 ) -> None:
        """`direct`: see NumberCodec."""
        super().__init__(make)
        self._sign = -1 if is_negative else 1
        self._direct = direct

    def __missing__(self, text: str) -> int:
        if text[0] in "123456789" and text.isdigit():
            lowest, highest, rest, down, mask, up, bias = self._direct
            number = int(text) * self._sign - bias
            if lowest <= number <= highest and not number & rest:
                if len(self) >= MAX_TEXTS:
                    self.clear()
                bits = self[text] = (number >> down & mask) << up
                return bits
        return super().__missing__(text)


def name_bits(codec: NamesCodec, before: str, behind: str, kinds: Kinds, first: str) -> Callable[[str], int] | None:
    """The value of a name around a number; names of other kinds than the first one are refused."""
    if before + first + behind not in codec.values:
        return None
    wanted = kinds.of(before + first + behind)

    def bits(text: str) -> int:
        name = before + text + behind
        value = codec.values[name]
        if kinds.of(name) != wanted:
            raise KeyError(text)
        return value

    return bits


def number_bits(
    codec: NumberCodec | CodedCodec, is_negative: bool, places: Sequence[Placement] | None
) -> Callable[[str], int]:
    """The bits for a number with or without a minus; at their places in the word where these are given."""
    encoded = (lambda value, address: codec.encode(value, address, False)) if places is None else codec.placed(places)

    def bits(text: str) -> int:
        value = int(text, 0)
        if is_negative:
            if not value:
                # Minus zero is another encoding where the sign has a bit of its own.
                raise KeyError(text)
            value = -value
        try:
            return encoded(value, 0)
        except Misfit as error:
            raise KeyError(text) from error

    return bits
