"""The texts of an operand by its bits, each of them made and read back once."""

from __future__ import annotations

from collections.abc import Callable

from ..expressions.parser import ExpressionReader
from ..instructions.codecs.codecs import Misfit, OperandCodec
from ..instructions.codecs.coded_codecs import CodedCodec
from ..instructions.codecs.number_codecs import NumberCodec
from ..instructions.plans.kinds import Kinds
from ..text.diagnostics import SourceError

MAX_TEXTS = 1 << 17
"""Texts of one operand that are kept."""


class OperandTexts(dict[int, str]):
    """What an operand's bits are written as, where that reads back as the same bits and has a certain signature.

    Asking for others raises KeyError: they are written, and looked at, one by one.
    """

    def __init__(
        self, codec: OperandCodec, decode: Callable[[int], int] | None, kinds: Kinds, first: str,
        expressions: ExpressionReader
    ) -> None:
        """`decode` makes the operand's bits of those of the fields; `first` is a text of the signature."""
        super().__init__()
        self._codec = codec
        self._decode = decode
        self._kinds = kinds
        self._is_number = isinstance(codec, NumberCodec | CodedCodec)
        self._signature: object = first[:1] == "-" if self._is_number else kinds.signature(first)
        self._expressions = expressions
        self._refused: set[int] = set()

    def __missing__(self, raw: int) -> str:
        if raw in self._refused:
            raise KeyError(raw)
        bits = raw if self._decode is None else self._decode(raw)
        text = self._codec.write(bits, 0)
        if text is None or not self._is_alike(text) or not self._reads_back(text, bits):
            if len(self._refused) < MAX_TEXTS:
                self._refused.add(raw)
            raise KeyError(raw)
        if len(self) >= MAX_TEXTS:
            self.clear()
        self[raw] = text
        return text

    def _is_alike(self, text: str) -> bool:
        if self._is_number:
            # All numbers are of one kind; only a sign is a mark of its own.
            return (text[:1] == "-") == self._signature
        return self._kinds.signature(text) == self._signature

    def _reads_back(self, text: str, bits: int) -> bool:
        codec = self._codec
        try:
            if isinstance(codec, NumberCodec | CodedCodec):
                return codec.encode(int(text, 0), 0, False) == bits and text != "-0"
            return codec.read(text, 0, self._expressions) == (bits, len(text))
        except (SourceError, Misfit, ValueError):
            return False
