"""Plans for instructions (`target.plans`), made of the one candidate that is certain to take a statement.

Every operand of the candidate that is a name with one number in it, or a number, may be another one in other
statements; each gives its own bits, looked up by its text.  All other numbers have to be those of the first statement.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

from msgspec import Struct, field
from msgspec.structs import replace

from ...expressions.parser import ExpressionReader
from ...expressions.tree import LITERAL_LABEL, Part, SymbolRef
from ...target.plans import CodePlan, LatePlan, Token
from ...text.diagnostics import SourceError
from ..codecs.allowed_bits import AllowedBits
from ..codecs.codecs import Late
from ..codecs.coded_codecs import CodedCodec
from ..codecs.names_codecs import NamesCodec
from ..codecs.number_codecs import NumberCodec
from ..codecs.word_bits import mask_of, placements, put_at
from ..templates.candidates import RESERVED_BITS, UNPREDICTABLE, MnemonicTable
from ..templates.conditional_blocks import ANNOTATION as OPENS_BLOCK
from ..templates.entries import Candidate, Spelling
from ..templates.exchange import ANNOTATION as BRANCH
from ..templates.templates import Binding
from .kinds import Kinds, KindsOfSpellings
from .readings import certain_reading
from .token_bits import PlacedNumbers, TokenBits, name_bits, number_bits
from .word_makers import word_maker

_SIGN = re.compile(r"\s*[#$]?\s*(-?)\s*")
_NUMERIC_LABEL = re.compile(r"\s*(\d+)([bf])")


class _Draft(Struct):
    """A plan in the making; `moving` has, by the number of a binding, its token and what makes bits of its text."""

    candidate: Candidate
    rest: str
    tokens: Sequence[Token]
    moving: dict[int, tuple[int, Callable[[str], int]]] = field(default_factory=dict)
    is_placed: set[int] = field(default_factory=set)
    """Bindings whose bits stand at their places in the word already."""
    negative: set[int] = field(default_factory=set)
    """Bindings that are numbers behind a minus."""
    late: int | None = None
    late_name: tuple[int, int, str] = (0, 0, "")

    def tokens_in(self, start: int, end: int) -> list[int]:
        """The numbers of the tokens in a part of the operands."""
        return [number for number, token in enumerate(self.tokens) if start <= token.start < end]


class StatementPlanner:
    """Makes plans by one description."""

    def __init__(self, table: MnemonicTable) -> None:
        self._table = table
        self._kinds = KindsOfSpellings(table)
        self._expressions = ExpressionReader(None, lambda number, way: SymbolRef(f"{number}\x01{way}"))

    @cached_property
    def _reserved(self) -> frozenset[str]:
        """Words that mean something else than a symbol."""
        lists = {name for codec in self._table.names_codecs() for name in codec.values}
        return self._table.registers | lists | {word.lower() for word in self._table.literal_words()}

    def plan(
        self, spellings: Sequence[Spelling], rest: str, tokens: Sequence[Token], first: int, named: Mapping[int, str]
    ) -> CodePlan | None:
        """See InstructionReader; `spellings` are what the mnemonic may mean with operands of the shape."""
        candidate = certain_reading(rest, spellings, self._expressions, self._table.written_condition)
        if candidate is None:
            return None
        notes, alias = candidate.entry.encoder.form.annotations, candidate.entry.alias
        if OPENS_BLOCK in notes or "stay" in notes.get(BRANCH, ()):
            return None
        if alias is not None and RESERVED_BITS in alias.annotations:
            return None
        draft = _Draft(candidate, rest, tokens)
        kinds = self._kinds.of(spellings)
        for number, binding in enumerate(candidate.bindings):
            if binding.number and not self._add(draft, number, binding, kinds):
                return None
        owners = _owners(draft)
        return None if owners is None else self._finished(draft, owners, first, named)

    def _add(self, draft: _Draft, number: int, binding: Binding, kinds: Kinds) -> bool:
        """Take an operand into the draft; False if there can be no plan with it."""
        codec = binding.slot.codec
        if isinstance(binding.bits, Late):
            return draft.late is None and self._add_late(draft, number, binding, binding.bits)
        _, end = codec.read(draft.rest, binding.offset, self._expressions)
        inside = draft.tokens_in(binding.offset, end)
        if len(inside) != 1:
            return True
        token = draft.tokens[inside[0]]
        before, behind = draft.rest[binding.offset : token.start], draft.rest[token.end : end]
        if isinstance(codec, NamesCodec):
            made = name_bits(codec, before.strip().removeprefix("%").lower(), behind.strip().lower(), kinds,
                              draft.rest[token.start : token.end])
            if made is not None and not token.is_hexadecimal:
                draft.moving[number] = inside[0], made
        elif isinstance(codec, NumberCodec | CodedCodec) and codec.is_plain and not behind:
            sign = _SIGN.fullmatch(before)
            if sign is not None:
                entry = draft.candidate.entry
                draft.is_placed.update({number} if entry.alias is None else ())
                places = None if entry.alias is not None else placements(entry.encoder, binding.slot.fields)
                draft.negative.update({number} if sign.group(1) else ())
                draft.moving[number] = inside[0], number_bits(codec, bool(sign.group(1)), places)
        return True

    def _add_late(self, draft: _Draft, number: int, binding: Binding, late: Late) -> bool:
        expression = late.expression
        reference = expression.operand if isinstance(expression, Part) else expression
        codec = binding.slot.codec
        if not isinstance(reference, SymbolRef) or not isinstance(codec, NumberCodec | CodedCodec):
            return False
        _, end = codec.read(draft.rest, binding.offset, self._expressions)
        label = _NUMERIC_LABEL.fullmatch(draft.rest[binding.offset : end])
        if label is not None:
            start = binding.offset + label.start(1)
            draft.late_name = start, start + len(label.group(1)), label.group(2)
        else:
            name, start = reference.name, reference.offset
            if draft.rest[start : start + len(name)] != name or "\x01" in name or name.startswith(LITERAL_LABEL):
                return False
            draft.late_name = start, start + len(name), ""
            inside = draft.tokens_in(start, start + len(name))
            if inside and self._may_be_reserved(draft, start, start + len(name), inside):
                return False
        draft.late = number
        return True

    def _may_be_reserved(self, draft: _Draft, start: int, end: int, inside: Iterable[int]) -> bool:
        """Whether the name could mean something else with other numbers in it."""
        pattern, at = "", start
        for token in (draft.tokens[number] for number in inside):
            pattern += re.escape(draft.rest[at : token.start].lower()) + "[0-9]+"
            at = token.end
        pattern += re.escape(draft.rest[at:end].lower())
        return any(re.fullmatch(pattern, word) for word in self._reserved)

    def _finished(
        self, draft: _Draft, owners: dict[str, set[int]], first: int, named: Mapping[int, str]
    ) -> CodePlan | None:
        encoder = draft.candidate.entry.encoder
        own = {number: mask_of(placements(encoder, [name for name, by in owners.items()
                                                    if by == {number} and name in encoder.widths]))
               for number in (*draft.moving, draft.late) if number is not None}
        moving = sum(own[number] for number in draft.moving)
        late_bits = own[draft.late] if draft.late is not None else 0
        try:
            sample = self._assembled(draft, None, 0)
        except SourceError:
            return None
        tables: list[Mapping[str, int]] = []
        places: list[int] = []
        for number, (token, make) in draft.moving.items():
            tables.append(self._table_of(draft, number, make, own[number]))
            places.append(first + token)
        taken = {token for token, _ in draft.moving.values()}
        if draft.late is not None:
            taken.update(draft.tokens_in(*draft.late_name[:2]))
        fixed = dict(named)
        fixed.update((first + number, one.text(draft.rest)) for number, one in enumerate(draft.tokens)
                     if number not in taken)
        for number, text in fixed.items():
            tables.append({text: 0})
            places.append(number)
        checked = self._checked_bits(draft)
        if checked & late_bits:
            return None
        allowed: AllowedBits | None = None
        if checked & moving:
            allowed = AllowedBits(self._is_allowed(draft))
        elif checked and not self._is_allowed(draft)(sample & checked):
            return None
        make_word = word_maker(tuple(places), allowed is not None)
        word = make_word(sample & ~moving & ~late_bits, allowed, checked, *tables)
        return CodePlan(encoder.size, word, self._late_plan(draft))

    def _late_plan(self, draft: _Draft) -> LatePlan | None:
        if draft.late is None:
            return None
        binding = draft.candidate.bindings[draft.late]
        late, encoder = binding.bits, draft.candidate.entry.encoder
        assert isinstance(late, Late)
        places = placements(encoder, binding.slot.fields)
        is_part = isinstance(late.expression, Part)
        codec = late.codec
        bits: Callable[[int, int], int]
        if not is_part and isinstance(codec, NumberCodec | CodedCodec):
            bits = codec.placed(places)
        else:
            def bits(value: int, address: int) -> int:
                return put_at(codec.encode(value, address, is_part), places)

        part = late.expression.part if isinstance(late.expression, Part) else ""
        start, end, direction = draft.late_name
        return LatePlan(start, end, direction, part, late.is_relative, BRANCH in encoder.form.annotations, bits,
                        encoder.form.instruction, binding.slot.name, encoder.decode)

    def _assembled(self, draft: _Draft, number: int | None, bits: int) -> int:
        """The word with other bits for one operand, and none for the late one.  Raises SourceError."""
        bindings = list(draft.candidate.bindings)
        for index in (number, draft.late):
            if index is not None:
                bindings[index] = replace(bindings[index], bits=bits if index == number else 0)
        candidate = replace(draft.candidate, bindings=tuple(bindings))
        word = candidate.entry.encoder.assembled(self._table.fields(candidate, None, 0))
        if word is None:
            raise SourceError("the form does not have these fields")
        return word

    def _table_of(self, draft: _Draft, number: int, make: Callable[[str], int], own: int) -> TokenBits:
        """The bits of the word by the text of an operand."""
        bits = self._contribution(draft, number, make, own)
        binding = draft.candidate.bindings[number]
        if number in draft.is_placed and isinstance(binding.slot.codec, NumberCodec):
            encoder = draft.candidate.entry.encoder
            direct = binding.slot.codec.direct(placements(encoder, binding.slot.fields))
            if direct is not None:
                return PlacedNumbers(bits, number in draft.negative, direct)
        return TokenBits(bits)

    def _contribution(
        self, draft: _Draft, number: int, make: Callable[[str], int], own: int
    ) -> Callable[[str], int]:
        """The bits of the word that an operand's text makes."""
        if draft.candidate.entry.alias is not None:
            return lambda text: self._assembled(draft, number, make(text)) & own
        if number in draft.is_placed:
            return make
        places = placements(draft.candidate.entry.encoder, draft.candidate.bindings[number].slot.fields)
        return lambda text: put_at(make(text), places)

    def _checked_bits(self, draft: _Draft) -> int:
        """The bits of a word that the form's exclusions and its notes on what is unpredictable look at."""
        entry = draft.candidate.entry
        form, widths = entry.encoder.form, entry.encoder.widths
        names = {name for clause in form.excludes for one in clause for name in (one.left, one.right)
                 if isinstance(name, str) and name in widths}
        if UNPREDICTABLE in form.annotations and not (entry.alias is not None and entry.alias.input_only):
            names.update(self._table.functions.parameters(str(form.annotations[UNPREDICTABLE]["when"])))
        return mask_of(placements(entry.encoder, names))

    def _is_allowed(self, draft: _Draft) -> Callable[[int], bool]:
        entry = draft.candidate.entry
        encoder, table = entry.encoder, self._table
        is_named_otherwise = entry.alias is not None and entry.alias.input_only

        def is_allowed(bits: int) -> bool:
            if encoder.is_excluded(encoder.decode(bits)):
                return False
            return is_named_otherwise or not table.is_unpredictable(encoder, bits)

        return is_allowed


def _owners(draft: _Draft) -> dict[str, set[int]] | None:
    """By the name of a field or of an alias's operand, the operands that decide its value.

    None if one has several, or a check of the alias has: the operands would not give bits of their own.
    """
    entry = draft.candidate.entry
    changing = {*draft.moving} | ({draft.late} if draft.late is not None else set())
    owners: dict[str, set[int]] = {}
    for number, binding in enumerate(draft.candidate.bindings):
        slot = binding.slot
        for name in slot.fields or (() if slot.is_ambient else (slot.name,)):
            if name in owners and (number in changing or owners[name]):
                return None
            owners[name] = {number} if number in changing else owners.get(name, set())
    if any(owners.get(name) for name, _, _ in draft.candidate.flags):
        return None
    if entry.alias is not None:
        for setting in entry.alias.settings:
            owners[setting.field] = {one for name in setting.arguments for one in owners.get(name, ())}
        asking = {one for name in entry.alias.when_arguments for one in owners.get(name, ())}
        asked = {one for setting in entry.alias.settings for name in setting.arguments for one in owners.get(name, ())}
        is_set = draft.late is not None and not any(draft.late in by for by in owners.values())
        if len(asking) > 1 or draft.late in asking | asked or is_set:
            return None
    return None if any(len(by) > 1 for by in owners.values()) else owners
