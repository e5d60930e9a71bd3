"""Instances made from a description: seeded random instruction words of every form and every alias.

An instance has its should-be bits as they should be, meets no `except`, and decodes to the form that it was made for.
"""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from trapline.asmgen.instructions.codecs.encoding import FormEncoder
from trapline.asmgen.instructions.codecs.functions import DescribedFunctions
from trapline.asmgen.instructions.templates.candidates import is_unpredictable
from trapline.isa.model.decoder import Decoder
from trapline.isa.model.items import Alias, Description, Form

_REGISTER = 5  # bits of a field that may name a register
_TRIES = 400  # random words a form may reject before it is taken to have no more


@dataclass(frozen=True, slots=True)
class Sample:
    """A word of `form`; `alias` is the alias that it was made to satisfy, or ""."""

    form: Form
    word: int
    alias: str = ""

    @property
    def name(self) -> str:
        """What it stands for: the alias where there is one."""
        return self.alias or self.form.name


class Sampler:
    """Draws instances of one description; the same seed gives the same ones."""

    def __init__(self, description: Description, seed: int, presets: Sequence[Mapping[str, int]] = ()) -> None:
        """`presets` are values of fields of which `one` takes some for half of its words, where a form has them all."""
        self.description = description
        self.seed = seed
        self._decoders = {name: Decoder(description, name) for name in description.instruction_sets}
        self._presets = presets
        self._presets_of: dict[str, list[Mapping[str, int]]] = {}
        self._functions = DescribedFunctions(description)

    def is_unpredictable(self, form: Form, word: int) -> bool:
        """Whether the architecture calls a word of a form unpredictable, or an invalid form."""
        return is_unpredictable(FormEncoder(form), word, self._functions)

    def of_form(self, form: Form, count: int, is_predictable: bool = False) -> list[Sample]:
        """Up to `count` different words of a form, any or predictable ones; the edges of its fields come first."""
        draw = random.Random(f"{self.seed} {form.name}")
        found: dict[int, Sample] = {}
        for number in range(_TRIES):
            word = self._put(form, {}, draw, edge=number if number < 2 else None)
            if self._is_form(form, word) and not (is_predictable and self.is_unpredictable(form, word)):
                found.setdefault(word, Sample(form, word))
            if len(found) == count:
                break
        return list(found.values())

    def one(self, form: Form, draw: random.Random, small: bool = False) -> Sample | None:
        """A word of a form, wide fields below 4 if they shall be `small`; None after too many other forms' words."""
        fitting = self._fitting(form)
        for _ in range(_TRIES):
            values = {field.name: draw.randrange(4) for field in form.fields if small and field.width > _REGISTER}
            if fitting and draw.getrandbits(1):
                values |= draw.choice(fitting)
            word = self._put(form, values, draw)
            if self._is_form(form, word):
                return Sample(form, word)
        return None

    def of_alias(self, alias: Alias, count: int, is_predictable: bool = False) -> list[Sample]:
        """Up to `count` different words, any or predictable ones, that an alias is another spelling of."""
        form = self.description.forms[alias.form]
        encoder = FormEncoder(form)
        draw = random.Random(f"{self.seed} {alias.name} {alias.form}")
        found: dict[int, Sample] = {}
        for _ in range(_TRIES):
            known = encoder.decode(self._put(form, {}, draw))
            known |= {operand.name: _number(operand.width, draw) for operand in alias.operands}
            for setting in alias.settings:
                known[setting.field] = self._call(setting.function, setting.arguments, known)
            word = self._put(form, {field.name: known[field.name] for field in form.fields}, draw)
            if is_predictable and self.is_unpredictable(form, word):
                continue
            if self._satisfies(alias, encoder.decode(word)) and self._is_form(form, word):
                found.setdefault(word, Sample(form, word, alias.name))
            if len(found) == count:
                break
        return list(found.values())

    def _fitting(self, form: Form) -> list[Mapping[str, int]]:
        """The presets for a form."""
        if form.name not in self._presets_of:
            names = {field.name for field in form.fields}
            self._presets_of[form.name] = [preset for preset in self._presets if preset.keys() <= names]
        return self._presets_of[form.name]

    def _satisfies(self, alias: Alias, fields: Mapping[str, int]) -> bool:
        known = dict(fields)
        for operand in alias.operands:
            known[operand.name] = self._call(operand.decode, operand.fields, known)
        return all(
            self._call(setting.function, setting.arguments, known) == known[setting.field] for setting in alias.settings
        ) and (not alias.when or self._call(alias.when, alias.when_arguments, known) == 1)

    def _call(self, function: str, arguments: Iterable[str], known: Mapping[str, int]) -> int:
        return self._functions.call(function, *(known[name] for name in arguments))[0]

    def _is_form(self, form: Form, word: int) -> bool:
        return self._decoders[form.instruction_set].decode(word, form.length) is form

    def _put(self, form: Form, values: Mapping[str, int], draw: random.Random, edge: int | None = None) -> int:
        """A word with these fields; others are drawn, or all zeros (`edge` 0), or all ones (1)."""
        word = 0
        for field in form.fields:
            value = values.get(field.name)
            if value is None:
                value = _number(field.width, draw) if edge is None else -edge & ((1 << field.width) - 1)
            for piece in field.pieces:
                bits = (1 << piece.width) - 1
                word = word & ~(bits << piece.word_low) | (value >> piece.field_low & bits) << piece.word_low
        word = word & ~form.mask | form.match
        return word & ~form.should_mask | form.should_be


def _number(width: int, draw: random.Random) -> int:
    """A value of `width` bits: often one of its edges, else any."""
    kind = draw.random()
    if kind < 0.1:
        return 0
    if kind < 0.2:
        return (1 << width) - 1
    if kind < 0.25:
        return 1
    if kind < 0.3:
        return 1 << (width - 1)
    return draw.getrandbits(width) if width else 0


def all_samples(description: Description, seed: int, count: int, instruction_set: str = "") -> list[Sample]:
    """Up to `count` samples of every form and of every alias, of one instruction set or of all.

    Where all of them are unpredictable, up to `count` that are not are drawn as well.
    """
    sampler = Sampler(description, seed)
    samples: list[Sample] = []
    draws: list[Callable[[bool], list[Sample]]] = []
    for form in description.forms.values():
        if instruction_set in ("", form.instruction_set):
            draws.append(partial(sampler.of_form, form, count))
    for alias in description.aliases.values():
        if instruction_set in ("", description.forms[alias.form].instruction_set):
            draws.append(partial(sampler.of_alias, alias, count))
    for draw in draws:
        found = draw(False)
        samples += found
        if all(sampler.is_unpredictable(one.form, one.word) for one in found):
            samples += draw(True)
    return samples
