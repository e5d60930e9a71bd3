"""Statements of a shape that has been read before: only registers and numbers of the operands are looked at anew.

The shape of `addi r3, r4, -5` is its mnemonic, the marks between the words, and the kinds of the words: two registers
of one kind and a number.  Statements of one shape meet the same templates in the same order, so that the first one
which took the first statement takes the others, too; only values may not fit, and then it is read the long way.
"""

from __future__ import annotations

import re
from functools import cached_property

from msgspec import Struct

from ....isa.model.items import Comparison
from ...expressions.parser import ExpressionReader
from ...text.diagnostics import SourceError
from ..codecs.codecs import Misfit
from ..codecs.coded_codecs import CodedCodec
from ..codecs.encoding import FormEncoder
from ..codecs.names_codecs import NamesCodec
from ..codecs.number_codecs import NumberCodec
from ..templates.candidates import UNPREDICTABLE, MnemonicTable
from ..templates.conditional_blocks import ANNOTATION, check_condition
from ..templates.entries import Candidate, Spelling
from ..templates.templates import Attempt, Binding, match_parts

MAX_SHAPES = 50_000
MAX_WORDS = 12
"""Words of an operand text that has a shape."""
_WORDS = re.compile(r"([\w.]+)")
_MARKS = re.compile(r"[\s,()\[\]#!%]*(?:-(?=$))?")
"""What may stand between words; a sign belongs to the number behind it."""

Placement = tuple[int, int, int]
"""Bits of a value: how far down they stand in it, a mask for them, and how far up they stand in the instruction."""


class _Operand(Struct, frozen=True):
    """Word `index` of the text becomes bits at `places`; a name by `names`, a number by `codec`."""

    index: int
    names: dict[str, int] | None
    codec: NumberCodec | CodedCodec | None
    is_negative: bool
    places: tuple[Placement, ...]


class _Shape(Struct, frozen=True):
    """What a shape makes: the fixed bits of its word, and its operands."""

    base: int
    size: int
    operands: tuple[_Operand, ...]
    encoder: FormEncoder | None
    """Given where the fields together may be excluded or unpredictable."""
    alias: Candidate | None = None
    """Given where an alias computes fields from its operands: it is filled in and encoded as a whole."""
    moving: tuple[int, ...] = ()
    """Of an alias, the places among its bindings of what the operands give."""


Key = tuple[str, str, int | None, tuple[str, ...], tuple[object, ...]]


class Shapes:
    """The shapes of one description's statements so far."""

    def __init__(self, table: MnemonicTable) -> None:
        self._table = table
        self._known: dict[Key, _Shape | None] = {}
        self._met: set[Key] = set()
        self._kinds: dict[str, object] = {}

    @cached_property
    def _codecs(self) -> list[NamesCodec]:
        return self._table.names_codecs()

    @cached_property
    def _literals(self) -> set[str]:
        return {text.lower() for text in self._table.literal_words()}

    def _key(self, word: str, rest: str, instruction_set: str, condition: int | None) -> tuple[Key, list[str]]:
        parts = _WORDS.split(rest)
        words = parts[1::2]
        kinds = self._kinds
        try:
            found = tuple([kinds[one] for one in words])
        except KeyError:
            found = tuple(self._kind(one) for one in words)
        return (word, instruction_set, condition, tuple(parts[::2]), found), words

    def _kind(self, text: str) -> object:
        """What kind of word it is: a number (None), a word of templates (itself), or a name of certain lists."""
        kind = self._kinds.get(text, self)
        if kind is self:
            lower = text.lower()
            kind = None if lower[0].isdigit() else lower
            if lower not in self._literals and kind is not None:
                lists = tuple(n for n, codec in enumerate(self._codecs) if lower in codec.values)
                kind = lists or lower
            if len(self._kinds) < MAX_SHAPES:
                self._kinds[text] = kind
        return kind

    def read(self, word: str, rest: str, instruction_set: str, condition: int | None) -> tuple[int, int] | None:
        """The instruction and its size in bytes; None if the shape is not known, or a value does not fit."""
        key, words = self._key(word, rest, instruction_set, condition)
        shape = self._known.get(key)
        if shape is None:
            return None
        if shape.alias is not None:
            return self._by_alias(shape, shape.alias, words)
        made = shape.base
        try:
            for operand in shape.operands:
                text = words[operand.index]
                names, codec = operand.names, operand.codec
                if names is not None:
                    bits = names[text] if text in names else names[text.lower()]
                elif codec is not None:
                    number = int(text, 0)
                    if operand.is_negative:
                        if not number:
                            # Minus zero is another encoding where the sign has a bit of its own.
                            return None
                        number = -number
                    bits = codec.encode(number, 0, False)
                for low, mask, up in operand.places:
                    made |= (bits >> low & mask) << up
        except (KeyError, ValueError, Misfit):
            return None
        encoder = shape.encoder
        if encoder is not None and (encoder.is_excluded(encoder.decode(made))
                                    or self._table.is_unpredictable(encoder, made)):
            return None
        return made, shape.size

    def _by_alias(self, shape: _Shape, alias: Candidate, words: list[str]) -> tuple[int, int] | None:
        bindings = list(alias.bindings)
        try:
            for operand, place in zip(shape.operands, shape.moving, strict=True):
                text, was = words[operand.index], bindings[place]
                if operand.names is not None:
                    bits = operand.names[text.lower()]
                else:
                    assert operand.codec is not None
                    number = int(text, 0)
                    if operand.is_negative and not number:
                        return None
                    bits = operand.codec.encode(-number if operand.is_negative else number, 0, False)
                bindings[place] = Binding(was.slot, bits, was.offset, was.number)
            return self._table.word(Candidate(alias.entry, tuple(bindings), alias.flags), None, 0), shape.size
        except (KeyError, ValueError, Misfit, SourceError):
            return None

    def learn(
        self,
        word: str,
        rest: str,
        instruction_set: str,
        condition: int | None,
        spellings: tuple[Spelling, ...],
        expressions: ExpressionReader,
    ) -> None:
        """Remember the shape of a statement that has been read, if others of its shape can be read by it."""
        key, words = self._key(word, rest, instruction_set, condition)
        if key in self._known or len(self._known) >= MAX_SHAPES or len(words) > MAX_WORDS:
            return
        if key not in self._met:
            # A shape takes longer to make than a few statements are read in: one that comes but once is not worth it.
            if len(self._met) < MAX_SHAPES:
                self._met.add(key)
            return
        self._known[key] = None
        if not all(_MARKS.fullmatch(mark) for mark in key[3]):
            return
        hits = list(_WORDS.finditer(rest))
        numbers = (hit.start() for hit, kind in zip(hits, key[4], strict=True) if kind is None)
        first_number = next(numbers, len(rest) + 1)
        candidate = self._first(rest, condition, spellings, expressions, first_number)
        if candidate is not None:
            self._known[key] = self._shape(candidate, rest, key, [hit.start() for hit in hits])

    def _first(
        self, rest: str, condition: int | None, spellings: tuple[Spelling, ...], expressions: ExpressionReader,
        first_number: int,
    ) -> Candidate | None:
        """The first candidate, if what stands before it is refused whatever the numbers are."""
        for spelling in spellings:
            try:
                check_condition(spelling.bindings, condition, self._table.written_condition)
            except SourceError:
                continue
            attempt = Attempt(rest, expressions)
            for bindings, flags, end in match_parts(spelling.entry.operands, attempt, 0):
                if rest[end:].strip():
                    return None
                return Candidate(spelling.entry, (*spelling.bindings, *bindings), spelling.flags + flags)
            if attempt.failure is None or attempt.is_misfit or attempt.failure.offset >= first_number:
                return None
        return None

    def _shape(self, candidate: Candidate, rest: str, key: Key, starts: list[int]) -> _Shape | None:
        encoder = candidate.entry.encoder
        is_alias = candidate.entry.alias is not None
        if candidate.is_late or ANNOTATION in encoder.form.annotations:
            return None
        try:
            word = self._table.word(candidate, None, 0)
        except SourceError:
            return None
        operands: list[_Operand] = []
        used: set[str] = set()
        moving = 0
        places_of: list[int] = []
        for place, binding in enumerate(candidate.bindings):
            if not binding.number:
                used.update(binding.slot.fields)
                continue
            codec, slot = binding.slot.codec, binding.slot
            index = next((i for i, start in enumerate(starts) if start >= binding.offset), None)
            if index is None or any(o.index == index for o in operands):
                return None
            if not is_alias and (not slot.fields or used & set(slot.fields)):
                return None
            used.update(slot.fields)
            places_of.append(place)
            places = () if is_alias else _places(encoder, slot.fields)
            is_negative = key[3][index].endswith("-")
            if isinstance(codec, NamesCodec) and not is_negative:
                operands.append(_Operand(index, codec.values, None, False, places))
            elif isinstance(codec, NumberCodec | CodedCodec) and codec.is_plain and key[4][index] is None:
                operands.append(_Operand(index, None, codec, is_negative, places))
            else:
                return None
            moving |= sum(mask << up for _, mask, up in places)
        taken = {operand.index for operand in operands}
        if any(i not in taken and kind not in self._literals for i, kind in enumerate(key[4])):
            return None
        if is_alias:
            return _Shape(0, encoder.size, tuple(operands), None, candidate, tuple(places_of))
        flagged = {name for name, _, _ in candidate.flags}
        bound = {name for b in candidate.bindings if b.number for name in b.slot.fields}
        if moving & encoder.form.mask or flagged & bound:
            return None
        excludes = (UNPREDICTABLE in encoder.form.annotations
                    or any(_may_hold(clause, encoder, word, moving) for clause in encoder.form.excludes))
        return _Shape(word & ~moving, encoder.size, tuple(operands), encoder if excludes else None)


def _places(encoder: FormEncoder, names: tuple[str, ...]) -> tuple[Placement, ...]:
    """Where the bits of the concatenation of fields stand in the instruction."""
    fields = {field.name: field for field in encoder.form.fields}
    places: list[Placement] = []
    below = 0
    for name in reversed(names):
        places += [(below + piece.field_low, (1 << piece.width) - 1, piece.word_low) for piece in fields[name].pieces]
        below += fields[name].width
    return tuple(places)


def _may_hold(clause: tuple[Comparison, ...], encoder: FormEncoder, word: int, moving: int) -> bool:
    """Whether an exclusion can hold for some values of the operands."""
    now = encoder.decode(word)
    fields = {field.name: field for field in encoder.form.fields}

    def is_fixed(name: str) -> bool:
        return not any(((1 << p.width) - 1) << p.word_low & moving for p in fields[name].pieces)

    for one in clause:
        names = [one.left, *([one.right] if isinstance(one.right, str) else [])]
        right = one.right if isinstance(one.right, int) else now[one.right]
        if all(map(is_fixed, names)) and (now[one.left] == right) != one.equal:
            return False
    return True
