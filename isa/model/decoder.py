"""The decoder: a decision tree over the forms of one instruction set.

A node looks at the bits that all forms left at it fix, or, where they fix none in common, at the one bit that tells
most of them apart. A leaf's few forms are tried one after the other, the one with most fixed bits first.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import msgspec

from .items import Comparison, Description, Field, Form

_LEAF = 3
"""A node with this many forms or fewer is not divided further by single bits."""


def field_value(field: Field, word: int) -> int:
    """A field's value in an instruction word."""
    value = 0
    for piece in field.pieces:
        value |= (word >> piece.word_low & ((1 << piece.width) - 1)) << piece.field_low
    return value


def is_excluded(form: Form, word: int) -> bool:
    """Whether one of the form's `except` alternatives holds for a word that matches its mask."""
    return any(all(_holds(form, comparison, word) for comparison in alternative) for alternative in form.excludes)


def _holds(form: Form, comparison: Comparison, word: int) -> bool:
    fields = {field.name: field for field in form.fields}
    left = field_value(fields[comparison.left], word)
    right = comparison.right
    other = right if isinstance(right, int) else field_value(fields[right], word)
    return (left == other) == comparison.equal


class Leaf(msgspec.Struct, frozen=True):
    """Forms to try in order: (mask, match, form)."""

    forms: tuple[tuple[int, int, Form], ...]


class Node(msgspec.Struct, frozen=True):
    """Children by the value of `word & mask`."""

    mask: int
    children: dict[int, Node | Leaf]


_EMPTY = Leaf(())


class Decoder:
    """Finds the form of an instruction word of one instruction set."""

    def __init__(self, description: Description, set_name: str) -> None:
        """Raises KeyError where there is no such set. Forms are looked at when the first word is decoded."""
        self.instruction_set = description.instruction_sets[set_name]
        self._description = description
        self._exclusions: dict[str, Callable[[int], bool]] = {}

    @functools.cached_property
    def roots(self) -> dict[int, Node | Leaf]:
        """The trees, one for each length in bits."""
        by_length: dict[int, list[Form]] = {}
        for form in self._description.forms.values():
            if form.instruction_set == self.instruction_set.name:
                by_length.setdefault(form.length, []).append(form)
        return {length: _build(_by_precision(forms), 0) for length, forms in by_length.items()}

    def decode(self, word: int, length: int) -> Form | None:
        """The form of a word of `length` bits, or None where no encoding matches."""
        node = self.roots.get(length, _EMPTY)
        while isinstance(node, Node):
            node = node.children.get(word & node.mask, _EMPTY)
        for mask, match, form in node.forms:
            if word & mask == match:
                if not form.excludes:
                    return form
                exclusion = self._exclusions.get(form.name)
                if exclusion is None:
                    exclusion = self._exclusions[form.name] = exclusion_of(form)
                if not exclusion(word):
                    return form
        return None


def exclusion_of(form: Form) -> Callable[[int], bool]:
    """`is_excluded` of a form, compiled."""
    fields = {field.name: field for field in form.fields}

    def bits(name: str) -> str:
        return " | ".join(f"(word >> {piece.word_low} & {(1 << piece.width) - 1:#x}) << {piece.field_low}"
                          for piece in fields[name].pieces)

    def comparison(one: Comparison) -> str:
        right = str(one.right) if isinstance(one.right, int) else f"({bits(one.right)})"
        return f"({bits(one.left)}) {'==' if one.equal else '!='} {right}"

    text = " or ".join(f"({' and '.join(map(comparison, alternative)) or 'True'})" for alternative in form.excludes)
    made: Callable[[int], bool] = eval(f"lambda word: {text}", {})
    return made


def _by_precision(forms: Sequence[Form]) -> list[Form]:
    return sorted(forms, key=lambda form: -form.mask.bit_count())


def _build(forms: list[Form], used: int) -> Node | Leaf:
    common = ~used
    for form in forms:
        common &= form.mask
    if len(forms) <= 1 or (len(forms) <= _LEAF and not common):
        return Leaf(tuple((form.mask, form.match, form) for form in forms))
    if common:
        groups: dict[int, list[Form]] = {}
        for form in forms:
            groups.setdefault(form.match & common, []).append(form)
        if len(groups) == 1 and len(forms) <= _LEAF:
            return Leaf(tuple((form.mask, form.match, form) for form in forms))
        return Node(common, {value: _build(group, used | common) for value, group in groups.items()})
    bit = _best_bit(forms, used)
    if not bit:
        return Leaf(tuple((form.mask, form.match, form) for form in forms))
    halves = {value: [form for form in forms if not form.mask & bit or form.match & bit == value] for value in (0, bit)}
    return Node(bit, {value: _build(half, used | bit) for value, half in halves.items()})


def _best_bit(forms: list[Form], used: int) -> int:
    """The unused bit whose larger half is smallest; 0 where no bit makes both halves smaller."""
    best, best_size = 0, len(forms)
    for position in range(max(form.length for form in forms)):
        bit = 1 << position
        if bit & used:
            continue
        fixed = [form for form in forms if form.mask & bit]
        ones = sum(1 for form in fixed if form.match & bit)
        size = len(forms) - len(fixed) + max(ones, len(fixed) - ones)
        if size < best_size:
            best, best_size = bit, size
    return best
