"""The handlers of forms and of their variants, in IR."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ..bodies import Unit, Variant, Variants
from ..shared import Progress
from .handlers import form_text
from .quick_handlers import variant_name, variant_text

_TOLD = 32
"""Forms between two calls of `Progress`."""


class HandlerTexts(NamedTuple):
    """Definitions: those that usually run, those with floating point among them, and those of forms with variants."""

    usual: list[str]
    floats: list[str]
    rare: list[str]


class FormTexts:
    """Writes handlers, form by form in any order, and remembers the variants."""

    def __init__(self, unit: Unit, progress: Progress | None) -> None:
        self._unit = unit
        self._progress = progress
        self._choice = Variants(unit.description, unit.effects, unit.covered is not None)
        self._variants: dict[str, list[Variant]] = {}

    def texts(self, forms: Iterable[str]) -> HandlerTexts:
        """The definitions of some forms' handlers."""
        texts = HandlerTexts([], [], [])
        for name in forms:
            done = len(self._variants)
            if self._progress is not None and done % _TOLD == 0:
                self._progress("writing native code", done, len(self._unit.description.forms))
            form = self._unit.description.forms[name]
            found = self._variants[name] = self._choice.of(form)
            (texts.rare if found else texts.usual).append(form_text(self._unit, form, bool(found)))
            for number, variant in enumerate(found):
                floats = self._unit.effects.body(variant.body).floats
                (texts.floats if floats else texts.usual).append(variant_text(self._unit, variant, number))
        return texts

    def variants(self) -> list[tuple[str, Variant]]:
        """Handler and variant, in the description's order of forms."""
        return [
            (variant_name(form, number), variant)
            for form in self._unit.description.forms
            for number, variant in enumerate(self._variants[form])
        ]
