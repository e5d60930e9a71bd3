"""Stencils that are wanted, made here: by whoever needs some, or all that are usual."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from ....model import code
from ....model.decoder import field_value
from ....model.items import Description, Form
from ...purity import walk
from ..bodies import Variant
from ..copies import OWN, Given, Kit, Piece, Shelf, Stencil, Wanted
from .compiling import compile_glue, compile_stencils
from .writing import Draft, Writer

_AT_ONCE = 48
"""Stencils of a module."""
_MOST_TOLD = 10
"""Bits of a field of which all values are tried."""
_USUAL = 3
"""Variants of a form that have stencils made ahead, the best ones; of jumps all have, one for each condition."""
_MOST_CHOICES = 16
"""Stencils of one variant that are made ahead."""


class Maker:
    """Makes stencils of one description."""

    def __init__(self, description: Description, known: Kit | None = None) -> None:
        """`known` is what an earlier one gave: a second of looking through a description is spared."""
        self.writer = Writer(description, known)
        self._numbers = Shelf(description, Kit(self.writer.modes, (), {}, {}))
        self._pieces: dict[str, Piece] = {} if known is None else dict(known.pieces)

    def kit(self, stencils: Iterable[Stencil] = (), asked: Iterable[Wanted] = ()) -> Kit:
        """What copying takes, with some stencils, and what was asked for in vain. Raises EngineError."""
        if not self._pieces:
            self._pieces = compile_glue(self.writer)
        return Kit.of(self.writer.modes, self.writer.accesses, self._pieces, stencils, asked)

    def make(self, wanted: Iterable[Wanted], registers: Mapping[str, int]) -> list[Stencil]:
        """Those of some instructions that can be made. Raises EngineError."""
        drafts: dict[tuple[str, int], list[Draft | None]] = {}
        for one in wanted:
            choose = self._numbers.number_of(one.form, one.word, one.length, one.pc, registers)
            known = drafts.setdefault((one.form, one.variant), [])
            if any(draft is not None and all(choose(e) == number for e, number in draft.chosen) for draft in known):
                continue
            form = self.writer.unit.description.forms[one.form]
            fields = {field.name: field_value(field, one.word) for field in form.fields}
            if one.variant < 0:
                told = self.writer.told(form, fields)
                if told is not None:
                    known.append(self.writer.write(told, -1, registers, choose, fields))
            elif None not in known:
                found = self.writer.variants(form)[one.variant]
                known.append(self.writer.write(found, one.variant, registers, choose, {}))
        return list(self._compiled(draft for known in drafts.values() for draft in known if draft is not None))

    def usual(self, forms: Collection[str], registers: Mapping[str, int]) -> list[Stencil]:
        """Those of the usual variants of some forms, without floating point and vectors: for the modes that `registers`
        hold, and for what does nothing in these for modes in which it does something. Raises EngineError."""
        described = self.writer.unit.description
        found: list[Stencil] = []
        for name in described.instruction_sets:
            present = self._for_set(name, registers)
            own = (form for form in forms if described.forms[form].instruction_set == name)
            made = list(self._compiled(draft for form in own for draft in self._all(form, present)))
            idle = [stencil for stencil in made if _is_idle(stencil)]
            others = self._compiled(draft for stencil in idle for draft in self._other_modes(stencil, present))
            found += [stencil for stencil in (*made, *others) if not _is_idle(stencil)]
        return found

    def _for_set(self, name: str, registers: Mapping[str, int]) -> Mapping[str, int]:
        """The registers with the mode that selects an instruction set."""
        description = self.writer.unit.description
        if not description.set_state or not self.writer.settled.is_pure(description.set_state):
            return registers
        state = code.Call(description.set_state, (), description.functions[description.set_state].results[0])
        flipped = [
            {**registers, mode.register: registers[mode.register] ^ mode.mask}
            for mode in self.writer.modes if mode.width == 1
        ]  # fmt: skip
        for tried in (registers, *flipped):
            if self.writer.settled.number(state, Given({}, {}, tried)) == description.instruction_sets[name].code:
                return tried
        return registers

    def _other_modes(self, idle: Stencil, registers: Mapping[str, int]) -> Iterator[Draft]:
        """The same for modes of which one is different."""
        form = self.writer.unit.description.forms[idle.form]
        chosen = dict(idle.chosen)
        variant = self.writer.variants(form)[idle.variant]
        for mode in self.writer.modes_read(variant):
            if mode.width == 1:
                tried = {**registers, mode.register: registers[mode.register] ^ mode.mask}
                draft = self.writer.write(variant, idle.variant, tried, lambda e: chosen.get(e, 0), {})
                if draft is not None:
                    yield draft

    def _all(self, name: str, registers: Mapping[str, int]) -> Iterator[Draft]:
        form = self.writer.unit.description.forms[name]
        yield from self._told(form, registers)
        for variant, found in enumerate(self.writer.variants(form)):
            if not self.writer.is_plain(found) or (variant >= _USUAL and not _jumps(found)):
                continue
            waiting: list[tuple[int, ...]] = [()]
            tried = 0
            while waiting and tried < _MOST_CHOICES:
                choices = _Choices(waiting.pop(0))
                draft = self.writer.write(found, variant, registers, choices, {})
                tried += 1
                if draft is None or not choices.possible:
                    continue
                waiting += choices.others()
                yield draft

    def _told(self, form: Form, registers: Mapping[str, int]) -> Iterator[Draft]:
        """Those of a form without variants for values of a field with which it needs no mode: of registers, say."""
        for field in self.writer.told_apart(form):
            for number in range(1 << field.width if field.width <= _MOST_TOLD else 0):
                told = {field.name: number}
                variant = self.writer.told(form, told)
                if variant is None or not self.writer.is_plain(variant) or self.writer.modes_read(variant):
                    continue
                choices = _Choices(())
                draft = self.writer.write(variant, -1, registers, choices, told)
                if draft is not None and choices.possible:
                    yield draft

    def _compiled(self, drafts: Iterable[Draft]) -> Iterator[Stencil]:
        batch: list[Draft] = []
        for draft in drafts:
            batch.append(draft)
            if len(batch) == _AT_ONCE:
                yield from compile_stencils(self.writer, batch)
                batch = []
        if batch:
            yield from compile_stencils(self.writer, batch)


class _Choices:
    """Gives numbers as it was told, then zeros; and notes which others there would have been."""

    def __init__(self, told: tuple[int, ...]) -> None:
        self._told = told
        self._given: list[tuple[int, int]] = []
        self.possible = True

    def __call__(self, e: code.Expression) -> int:
        number = self._told[len(self._given)] if len(self._given) < len(self._told) else 0
        if e.width > 1:
            # Of conditions and the like there are too many.
            self.possible = False
        self._given.append((number, e.width))
        return number

    def others(self) -> list[tuple[int, ...]]:
        """What else is to be tried: those that differ in one first."""
        numbers = tuple(number for number, _ in self._given)
        return [(*numbers[:at], 1) for at in range(len(self._told), len(numbers))]



def _jumps(variant: Variant) -> bool:
    return any(isinstance(node, code.SetNext) for node in walk(variant.body))


def _is_idle(stencil: Stencil) -> bool:
    """Whether a stencil does nothing but leave for the form's own handler."""
    return all(jump.to == OWN for jump in stencil.jumps)
