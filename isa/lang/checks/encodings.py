"""Checks encodings against each other: words that would be two instructions, forms that can never match."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ...model import items as model
from ...model.decoder import exclusion_of
from ..tree import Span
from ..tree.diagnostics import Note, Problems

ENUMERATED_BITS = 14
"""Fields that exclusions name are tried out value by value up to this many free bits; beyond, the first ones are."""


@dataclass(frozen=True, slots=True)
class Clash:
    """Two forms that share a word."""

    first: model.Form
    second: model.Form
    word: int


def field_value(form: model.Form, name: str, word: int) -> int:
    """A field's value in a word."""
    field = next(field for field in form.fields if field.name == name)
    return sum((word >> piece.word_low & ((1 << piece.width) - 1)) << piece.field_low for piece in field.pieces)


def _holds(form: model.Form, term: model.Comparison, word: int) -> bool:
    right = field_value(form, term.right, word) if isinstance(term.right, str) else term.right
    return (field_value(form, term.left, word) == right) == term.equal


def _excluded_bits(form: model.Form) -> int:
    bits = 0
    names = {term.left for alternative in form.excludes for term in alternative}
    names |= {term.right for alternative in form.excludes for term in alternative if isinstance(term.right, str)}
    for field in form.fields:
        if field.name in names:
            for piece in field.pieces:
                bits |= ((1 << piece.width) - 1) << piece.word_low
    return bits


def _wholly_excluded(form: model.Form, mask: int, match: int) -> bool:
    """Whether the fixed bits alone make one of the form's exclusions hold."""
    return any(
        all(_decided(form, term, mask) and _holds(form, term, match) for term in alternative)
        for alternative in form.excludes
    )


def _decided(form: model.Form, term: model.Comparison, mask: int) -> bool:
    names = (term.left, term.right) if isinstance(term.right, str) else (term.left,)
    return all(
        field_value(form, name, mask) == (1 << field.width) - 1
        for name in names
        for field in form.fields
        if field.name == name
    )


class _Exclusions:
    """Whether forms exclude words: compiled when a form is asked for first."""

    def __init__(self) -> None:
        self._compiled: dict[str, Callable[[int], bool]] = {}

    def of(self, form: model.Form) -> Callable[[int], bool]:
        """`is_excluded` of a form."""
        found = self._compiled.get(form.name)
        if found is None:
            found = self._compiled[form.name] = exclusion_of(form)
        return found


def surviving_word(forms: Sequence[model.Form], mask: int, match: int, exclusions: _Exclusions) -> int | None:
    """A word with the given fixed bits that none of the forms excludes, or None if there is none."""
    if not any(form.excludes for form in forms):
        return match
    if any(_wholly_excluded(form, mask, match) for form in forms):
        return None
    free = 0
    for form in forms:
        free |= _excluded_bits(form)
    free &= ~mask
    places = [bit for bit in range(32) if free >> bit & 1]
    if len(places) > ENUMERATED_BITS:
        places = places[:ENUMERATED_BITS]
    tests = [exclusions.of(form) for form in forms if form.excludes]
    for values in itertools.product((0, 1), repeat=len(places)):
        word = match
        for place, value in zip(places, values, strict=True):
            word |= value << place
        if not any(test(word) for test in tests):
            return word
    return None


def clashes(forms: Iterable[model.Form], exclusions: _Exclusions, new: Container[str]) -> list[Clash]:
    """All pairs of forms of one instruction set and length, one of them `new`, that share a word which neither
    excludes.

    Forms of one instruction do not clash: its operands' cases are tried in order.
    """
    groups: dict[tuple[str, int], list[model.Form]] = {}
    for form in forms:
        groups.setdefault((form.instruction_set, form.length), []).append(form)
    found: list[Clash] = []
    for group in groups.values():
        found += _group_clashes(group, exclusions, new)
    return found


def _group_clashes(group: list[model.Form], exclusions: _Exclusions, new: Container[str]) -> list[Clash]:
    found: list[Clash] = []
    if not any(form.name in new for form in group):
        return found
    common = group[0].mask
    for form in group:
        common &= form.mask
    buckets: dict[int, list[model.Form]] = {}
    for form in group:
        buckets.setdefault(form.match & common, []).append(form)
    for bucket in buckets.values():
        if len(bucket) > 1 and len(bucket) < len(group):
            found += _group_clashes(bucket, exclusions, new)
            continue
        for position, first in enumerate(bucket):
            first_mask, first_match, is_new = first.mask, first.match, first.name in new
            for second in bucket[position + 1 :]:
                if not is_new and second.name not in new:
                    continue
                if (first_match ^ second.match) & first_mask & second.mask or first.instruction == second.instruction:
                    continue
                mask, match = first_mask | second.mask, first_match | second.match
                word = surviving_word((first, second), mask, match, exclusions)
                if word is not None:
                    found.append(Clash(first, second, word))
    return found


def check_encodings(
    forms: Mapping[str, model.Form], spans: Mapping[str, Span], problems: Problems, new: Container[str]
) -> None:
    """Reports clashes, each with both names, and forms whose exclusions leave nothing. Forms that are not `new` have
    been looked at before, also beside each other."""
    exclusions = _Exclusions()
    for form in forms.values():
        if form.name in new and surviving_word((form,), form.mask, form.match, exclusions) is None:
            problems.add(
                "never-matches",
                f"'{form.name}' can never match: its `except` clauses leave no encoding",
                spans[form.instruction],
                "remove a value from `except`",
            )
    together: dict[tuple[str, str], Clash] = {}
    for clash in clashes(forms.values(), exclusions, new):
        together.setdefault((clash.first.instruction, clash.second.instruction), clash)
    for (first, second), clash in together.items():
        digits = clash.first.length // 4
        message = (
            f"encodings of '{clash.first.name}' and '{clash.second.name}' overlap: {clash.word:#0{digits + 2}x} is both"
        )
        if clash.second.mask | clash.first.mask == clash.second.mask and clash.second.mask != clash.first.mask:
            hint = f"exclude it: `except …` on '{first}', whose encoding is the more general one"
        else:
            hint = "fix another field's value in one of them, or exclude the common words with `except`"
        problems.add("overlap", message, spans[second], hint, [Note(f"'{first}' is here", spans[first])])
