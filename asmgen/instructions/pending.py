"""Instructions that wait for values, and words as bytes."""

from __future__ import annotations

from msgspec import Struct

from ..expressions.tree import Expression
from ..target.seam import Evaluate, LateOperand, OpenInstruction
from ..text.diagnostics import SourceError
from .codecs.codecs import Late
from .templates.candidates import MnemonicTable
from .templates.entries import Candidate, is_optional


class WordWriter(Struct, frozen=True):
    """Turns words into bytes: units of `unit` bytes, the first unit most significant, unless `low_first`."""

    unit: int
    big_endian: bool
    low_first: bool = False

    def bytes_of(self, word: int, size: int) -> bytes:
        """`size` bytes for a word."""
        units = word.to_bytes(size, "big")
        if self.big_endian and not self.low_first:
            return units
        if self.big_endian:
            return b"".join(units[i : i + self.unit] for i in reversed(range(0, size, self.unit)))
        if self.low_first:
            return units[::-1]
        return b"".join(units[i : i + self.unit][::-1] for i in range(0, size, self.unit))

    def word_of(self, data: bytes) -> int:
        """The word that bytes stand for."""
        return int.from_bytes(self.bytes_of(int.from_bytes(data, "big"), len(data)), "big")


class PendingInstruction(Struct, frozen=True):
    """Candidates that wait for the value of a symbol or for their address."""

    table: MnemonicTable
    candidates: tuple[Candidate, ...]
    writer: WordWriter
    sizes: tuple[int, ...]

    @property
    def is_relative(self) -> bool:
        """See Pending."""
        return all(b.bits.is_relative for c in self.candidates for b in c.bindings if isinstance(b.bits, Late))

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """See Pending."""
        return tuple(b.bits.expression for b in self.candidates[0].bindings if isinstance(b.bits, Late))

    def encode(self, address: int, value: Evaluate, minimum: int) -> bytes:
        """See Pending."""
        candidate, word = self._chosen(address, value, minimum)
        return self.writer.bytes_of(word, candidate.entry.encoder.size)

    def encode_open(self, address: int, value: Evaluate, minimum: int) -> OpenInstruction:
        """See Pending."""
        candidate, word = self._chosen(address, value, minimum)
        encoder = candidate.entry.encoder
        late = tuple(LateOperand(b.slot.name, b.bits.expression, b.bits.is_relative, b.offset)
                     for b in candidate.bindings if isinstance(b.bits, Late))
        return OpenInstruction(self.writer.bytes_of(word, encoder.size), encoder.form.instruction,
                               encoder.decode(word), late)

    def _chosen(self, address: int, value: Evaluate, minimum: int) -> tuple[Candidate, int]:
        """The first candidate of at least `minimum` bytes that fits, and its word.  Raises SourceError."""
        failure: SourceError | None = None
        is_usual = False
        for candidate in self.candidates:
            size = candidate.entry.encoder.size
            if size < minimum:
                continue
            try:
                chosen = self.table.exchanged(candidate, value)
                return chosen, self.table.word(chosen, value, address)
            except SourceError as error:
                # Why the usual encoding does not do says more than why the short one of an option does not.
                usual = not is_optional(candidate.entry)
                if failure is None or error.offset > failure.offset or (usual and not is_usual):
                    failure, is_usual = error, usual
        raise failure or SourceError("no encoding is long enough")
