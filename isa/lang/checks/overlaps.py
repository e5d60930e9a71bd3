"""Instructions of one format whose texts differ in names lists only, and these have names in common."""

from __future__ import annotations

import itertools
from collections.abc import Container, Iterator, Mapping, Sequence

from ...model import items as model
from ..tree import Span
from ..tree.diagnostics import Note, Problems
from .shapes import Spelled, excludes_differ, shape_of

_Lists = tuple[tuple[tuple[int, ...], tuple[str, ...]], ...]
"""Of each group of operands that write the same fields: which operands of the text they are, and their names lists."""


def check_overlaps(
    forms: Mapping[str, model.Form],
    names: Mapping[str, model.NamesList],
    spans: Mapping[str, Span],
    problems: Problems,
    new: Container[str],
) -> None:
    """Reports the second of two instructions, one of them `new`, that some text can be."""
    groups: dict[tuple[str, str, str, tuple[str, ...]], list[tuple[model.Form, _Lists]]] = {}
    spelled, texts = Spelled(names), _Texts(names)
    for form in forms.values():
        for template in form.templates:
            lists = _lists(template.operands)
            if not lists:
                continue
            rest = tuple("<names>" if part.startswith("<names:") else part for part in shape_of(template.operands))
            for mnemonic in spelled.mnemonics(template.mnemonic):
                key = (mnemonic, form.instruction_set, form.format, rest)
                groups.setdefault(key, []).append((form, lists))
    for (mnemonic, _, _, _), found in groups.items():
        if len(found) < 2 or not any(form.name in new for form, _ in found):
            continue
        for (first, own), (other, theirs) in itertools.combinations(found, 2):
            if first.name not in new and other.name not in new:
                continue
            if other.instruction == first.instruction or own == theirs or excludes_differ(first, other):
                continue
            if [places for places, _ in own] != [places for places, _ in theirs]:
                continue
            shared = [texts.common(a, b) for (_, a), (_, b) in zip(own, theirs, strict=True)]
            if all(shared):
                problems.add(
                    "ambiguous",
                    f"'{mnemonic} {', '.join(shared)}' can be '{first.instruction}' and '{other.instruction}': "
                    "they cannot be told apart when assembled",
                    spans[other.instruction],
                    "change one's mnemonic, or make one's text an `input_only` alias",
                    [Note(f"'{first.instruction}' is here", spans[first.instruction])],
                )


def _lists(parts: Sequence[model.TemplatePart]) -> _Lists:
    operands = [part for part in parts if isinstance(part, model.Operand)]
    groups: dict[tuple[str, ...], list[int]] = {}
    for place, part in enumerate(operands):
        if part.codec.kind == "names":
            groups.setdefault(part.fields, []).append(place)
    return tuple(
        (tuple(places), tuple(operands[place].codec.names for place in places)) for places in groups.values()
    )


class _Texts:
    """What operands of names lists are written as; each two lists are compared once."""

    def __init__(self, names: Mapping[str, model.NamesList]) -> None:
        self._names = names
        self._common: dict[tuple[tuple[str, ...], tuple[str, ...]], str] = {}

    def common(self, first: tuple[str, ...], second: tuple[str, ...]) -> str:
        """A text that operands of either lists can have together; "" if there is none."""
        known = self._common.get((first, second))
        if known is None:
            theirs = set(_texts(self._names, second))
            found = next((", ".join(text) for text in _texts(self._names, first) if text in theirs), "")
            known = self._common[first, second] = found
        return known


def _texts(names: Mapping[str, model.NamesList], lists: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """What the operands of the lists are written as, value by value: each list's spelling of it."""
    tables = [names[one].spellings for one in lists]
    for value in range(min(map(len, tables))):
        spelled = [[text for text in table[value] if text] for table in tables]
        if len(tables) == 1:
            yield from ((text,) for text in spelled[0])
        elif all(spelled):
            yield tuple(texts[0] for texts in spelled)
