"""Fields into words and back, for one form of a description."""

from __future__ import annotations

from collections.abc import Mapping

from ....isa.model.decoder import field_value
from ....isa.model.items import Comparison, Form

Fields = dict[str, int]


class FormEncoder:
    """Puts a form's fields together and takes them apart."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.size = form.length // 8
        self.widths: dict[str, int] = {f.name: f.width for f in form.fields}
        self._base = form.match | form.should_be
        self._free = tuple(f for f in form.fields if f.fixed < 0)
        self._fixed: dict[str, int] = {f.name: f.fixed for f in form.fields if f.fixed >= 0}

    def default(self, field: str, absent: int) -> int:
        """What a field is when the optional part that would make it `absent` is not there."""
        return 1 if absent == 0 and self.widths.get(field) == 1 else 0

    def encode(self, fields: Mapping[str, int], beyond: str = "") -> int | None:
        """The word with these fields (0 where one is not given), or None if the form excludes it.

        Clauses about the field `beyond` alone do not count.
        """
        word = self.assembled(fields)
        if word is None:
            return None
        return None if self.form.excludes and self.is_excluded(self.decode(word), beyond) else word

    def assembled(self, fields: Mapping[str, int]) -> int | None:
        """As `encode`, whatever `except` clauses say."""
        word = self._base
        for field in self._free:
            value = fields.get(field.name, 0)
            for piece in field.pieces:
                part = value >> piece.field_low & ((1 << piece.width) - 1)
                word |= part << piece.word_low
        for name, value in self._fixed.items():
            if fields.get(name, value) != value:
                return None
        return word if word & self.form.mask == self.form.match else None

    def decode(self, word: int) -> Fields:
        """All fields of a word."""
        return {field.name: field_value(field, word) for field in self.form.fields}

    def is_excluded(self, fields: Fields, beyond: str = "") -> bool:
        """Whether an `except` clause of the form, but none about the field `beyond` alone, takes these fields out."""
        return any(all(_holds(c, fields) for c in clause) for clause in self.form.excludes
                   if any(c.left != beyond for c in clause))


def _holds(comparison: Comparison, fields: Fields) -> bool:
    right = comparison.right if isinstance(comparison.right, int) else fields[comparison.right]
    return (fields[comparison.left] == right) == comparison.equal


def join(fields: Mapping[str, int], names: tuple[str, ...], widths: Mapping[str, int]) -> int:
    """The concatenation of fields, the first one most significant."""
    value = 0
    for name in names:
        value = value << widths[name] | fields.get(name, 0)
    return value


def split(value: int, names: tuple[str, ...], widths: Mapping[str, int]) -> Fields:
    """The fields of a concatenation."""
    parts: Fields = {}
    for name in reversed(names):
        parts[name] = value & ((1 << widths[name]) - 1)
        value >>= widths[name]
    return parts
