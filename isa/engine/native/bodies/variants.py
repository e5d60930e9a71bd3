"""Variants of forms: which values of their fields get handlers of their own, in which whatever these settle is gone.

The description says which: a field's values fall into classes that the form's body, and what it calls, tell apart. A
variant assumes the largest class of each field (a register is not the program counter), of a condition the one that is
always true, and, for single bits, either. Only quick bodies have variants: see `quickness`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ....model import code
from ....model.items import Description, Field, Form
from ...purity import walk
from .effects import EffectsOf
from .fold_bodies import BodyFolder
from .fold_facts import Facts
from .prune import pruned
from .quickness import Quickness
from .usual_ways import UsualWays

_WIDEST = 5
"""Bits of the widest field whose values are told apart."""
_MOST = 12
"""Variants of a form."""
_FEW = 4
"""Values of a field that has a variant for each of them."""
_UNUSUAL = 2
"""Fields of a variant that are not as usual; a condition about which nothing is assumed counts twice."""
_SPECIAL = 2
"""Fields of a form that have one value unlike all others, and variants for that."""
_TINY = 16
"""Nodes of a jump that is so small, but for its condition, that each class of that gets a variant."""
_LARGEST = 620
"""Nodes of the largest body that gets a variant."""

Numbers = tuple[int, ...]
Allowed = dict[str, Numbers]
"""By field, the values that are assumed."""


@dataclass(frozen=True, slots=True)
class Variant:
    """What a form does where each field of `assumed` has a value whose bit is set in the number that stands with it."""

    form: Form
    assumed: tuple[tuple[str, int], ...]
    body: code.Body


class Variants:
    """Chooses and folds a description's variants."""

    def __init__(self, description: Description, effects: EffectsOf, covering: bool) -> None:
        """`covering`: statements stay that do nothing but note that they ran."""
        self._facts = Facts(description, effects)
        self._quickness = Quickness(description, effects)
        self._ways = UsualWays(description)
        self._covering = covering
        self._bodies: dict[tuple[tuple[str, Numbers], ...], code.Body] = {}
        """Of one form, by what is assumed."""
        self._guards: dict[tuple[code.Expression, str, int], bool] = {}

    def of(self, form: Form) -> list[Variant]:
        """A form's variants; of those that fit an instruction the first is the best."""
        self._bodies.clear()
        values = _told_apart(form)
        folder = BodyFolder(self._facts)
        folder.form(form, values)
        classes = {name: _classes(values[name], tables) for name, tables in folder.decisions.items()}
        found: dict[code.Body, Variant] = {}
        for allowed in self._choices(form, classes):
            simple = self._folded(form, allowed)
            if self._quickness.is_quick(simple) and _size(simple) <= _LARGEST:
                assumed = tuple((name, sum(1 << number for number in numbers)) for name, numbers in allowed.items())
                body = self._whole(form, allowed) if self._covering else simple
                found.setdefault(simple, Variant(form, assumed, body))
        return list(found.values())

    def told(self, form: Form, field: str, number: int) -> Variant | None:
        """The variant for one value of a field, of however many; None where that does not make the form quick."""
        self._bodies.clear()
        body = self._folded(form, {field: (number,)})
        if not self._quickness.is_quick(body) or _size(body) > _LARGEST:
            return None
        return Variant(form, ((field, 1 << number),), body)

    def _choices(self, form: Form, classes: Mapping[str, list[Numbers]]) -> Iterator[Allowed]:
        """What to assume: first the most common of everything, then what differs from it in little."""
        options: list[list[Numbers | None]] = []
        equal: list[bool] = []
        special = [name for name, found in classes.items() if len(found) == 2 and sum(map(len, found)) > 2]
        is_special = 0 < len(special) <= _SPECIAL
        takes_rest = is_special and self._quickness.is_quick(self._folded(form, {}))
        whole = True
        for name, found in classes.items():
            ways, alike = self._options(form, name, found, is_special, takes_rest)
            options.append(ways)
            equal.append(alike)
            whole = whole and (None in ways or len(ways) == len(found))
        made: list[tuple[int, tuple[int, ...]]] = []
        for pick in itertools.product(*(range(len(ways)) for ways in options)):
            unusual = sum(at > 0 and not alike for at, alike in zip(pick, equal, strict=True))
            unusual += sum(ways[at] is None and not alike for ways, at, alike in zip(options, pick, equal, strict=True))
            made.append((unusual, pick))
        chosen = [pick for unusual, pick in sorted(made)[:_MOST] if unusual <= _UNUSUAL]
        for pick in chosen:
            numbers = (ways[at] for ways, at in zip(options, pick, strict=True))
            yield {name: assumed for name, assumed in zip(classes, numbers, strict=True) if assumed}
        if takes_rest and not (whole and len(chosen) == len(made)):
            yield {}

    def _options(
        self, form: Form, name: str, classes: list[Numbers], is_special: bool, takes_rest: bool
    ) -> tuple[list[Numbers | None], bool]:
        """What may be assumed of a field, the most common first (None: nothing); whether all are as common.

        `is_special`: one value that differs from all others is worth a variant in any case; `takes_rest`: there is a
        variant for whatever is left.
        """
        largest, count = max(classes, key=len), sum(map(len, classes))
        always: list[Numbers | None] = [numbers for numbers in classes if self._always(form, name, numbers[0])]
        if always and self._only_jumps(form, name, always[0]):
            return [*always, *(numbers for numbers in classes if numbers not in always)], True
        if always:
            return [*always] if takes_rest else [*always, None], False
        if count == 2:
            return [*sorted(classes)], False
        if 2 * len(largest) < count:
            # Where a field of some bits has no two values alike, it is a number, and no choice of ways.
            is_choice = len(classes) <= _MOST and (len(largest) > 1 or count <= _FEW)
            return ([*sorted(classes)], True) if is_choice else ([None], True)
        others = [numbers for numbers in classes if numbers != largest]
        if len(others) == 1 and (is_special or self._is_simpler(form, name, others[0], largest)):
            return [largest, others[0]], False
        return [largest], False

    def _always(self, form: Form, name: str, number: int) -> bool:
        """Whether a form that is one conditional statement always executes where a field has this value."""
        first = form.body[0] if len(form.body) == 1 else None
        if not isinstance(first, code.If) or first.otherwise:
            return False
        key = first.condition, name, number
        if key not in self._guards:
            self._guards[key] = BodyFolder(self._facts).known(form, first.condition, {name: (number,)}) == 1
        return self._guards[key]

    def _whole(self, form: Form, allowed: Allowed) -> code.Body:
        return self._ways.of(BodyFolder(self._facts).form(form, {**_told_apart(form), **allowed}))

    def _folded(self, form: Form, allowed: Allowed) -> code.Body:
        key = tuple(allowed.items())
        if key not in self._bodies:
            self._bodies[key] = pruned(self._facts, self._whole(form, allowed))
        return self._bodies[key]

    def _only_jumps(self, form: Form, name: str, numbers: Numbers | None) -> bool:
        """Whether a form does little but jump where a field has these values."""
        body = self._folded(form, {name: numbers or ()})
        return _size(body) <= _TINY and any(isinstance(node, code.SetNext) for node in walk(body))

    def _is_simpler(self, form: Form, name: str, numbers: Numbers, than: Numbers) -> bool:
        """Whether one class leaves less of the body than another."""
        one, other = (self._folded(form, {name: assumed}) for assumed in (numbers, than))
        return self._quickness.is_quick(one) and _size(one) < _size(other)


def _told_apart(form: Form) -> Allowed:
    """The values of all fields of which some may be told apart."""
    return {field.name: _values(form, field) for field in form.fields if field.fixed < 0 and field.width <= _WIDEST}


def _values(form: Form, field: Field) -> Numbers:
    """The values of a field that the form does not exclude by themselves."""
    excluded = {
        alternative[0].right
        for alternative in form.excludes
        if len(alternative) == 1 and alternative[0].left == field.name and alternative[0].equal
    }
    return tuple(number for number in range(1 << field.width) if number not in excluded)


def _classes(values: Numbers, tables: set[Numbers]) -> list[Numbers]:
    """Values that no table tells apart, together."""
    found: dict[Numbers, list[int]] = {}
    rows: Sequence[Numbers] = list(zip(*sorted(tables), strict=True))
    for number, row in zip(values, rows, strict=True):
        found.setdefault(row, []).append(number)
    return [tuple(numbers) for numbers in found.values()]


def _size(body: code.Body) -> int:
    return sum(1 for _ in walk(body))
