"""Kinds of words in operands: what two words have in common for all templates that are tried on them.

Statements with the same marks between words of the same kinds meet the same templates in the same order, and are
refused by the same ones; only the values of numbers may make a difference, where one does not fit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..codecs.names_codecs import NamesCodec, SetCodec
from ..templates.candidates import MnemonicTable
from ..templates.entries import Spelling
from ..templates.templates import slots_of, words_of

WORDS = re.compile(r"([\w.]+)")
MAX_KEPT = 50_000
"""Words whose kinds are remembered."""

Signature = tuple[tuple[str, ...], tuple[object, ...]]
"""The marks between the words of a text, and the kinds of the words."""


class Kinds:
    """Kinds as far as certain lists of names can tell them."""

    def __init__(self, codecs: tuple[NamesCodec, ...], registers: frozenset[str], literals: frozenset[str]) -> None:
        numbers = {name for codec in codecs for name in codec.numbers}
        self._sets = (registers, numbers, *(codec.values.keys() for codec in codecs))
        self._literals = literals
        self._known: dict[str, object] = {}

    def of(self, word: str) -> object:
        """The kind: None of a number, the word itself where templates ask for it or nothing knows it."""
        kind = self._known.get(word, self)
        if kind is self:
            lower = word.lower()
            if lower in self._literals:
                kind = lower
            elif lower[0].isdigit():
                kind = None
            else:
                found = tuple(lower in one for one in self._sets)
                kind = found if any(found) else lower
            if len(self._known) < MAX_KEPT:
                self._known[word] = kind
        return kind

    def signature(self, text: str) -> Signature:
        """Marks and kinds of a text."""
        parts = WORDS.split(text)
        return tuple(parts[::2]), tuple(self.of(word) for word in parts[1::2])


class KindsOfSpellings:
    """The kinds that matter to the spellings of a mnemonic; shared by those that look at the same lists."""

    def __init__(self, table: MnemonicTable) -> None:
        self._registers = table.registers
        self._made: dict[tuple[frozenset[int], frozenset[str]], Kinds] = {}

    def of(self, spellings: Iterable[Spelling]) -> Kinds:
        """For these spellings."""
        codecs: dict[int, NamesCodec] = {}
        literals: set[str] = set()
        for spelling in spellings:
            parts = spelling.entry.operands
            literals.update(word.lower() for word in words_of(parts))
            for slot in slots_of(parts):
                for codec in _lists_of(slot.codec):
                    codecs[id(codec)] = codec
        key = frozenset(codecs), frozenset(literals)
        if key not in self._made:
            self._made[key] = Kinds(tuple(codecs.values()), self._registers, key[1])
        return self._made[key]


def _lists_of(codec: object) -> tuple[NamesCodec, ...]:
    if isinstance(codec, NamesCodec):
        return (codec,)
    return codec.lists if isinstance(codec, SetCodec) else ()
