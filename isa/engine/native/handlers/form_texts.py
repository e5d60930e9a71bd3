"""The handlers of forms and of their variants, in IR."""

from __future__ import annotations

from collections.abc import Iterable

from ..bodies import Unit, Variant, Variants
from ..shared import Progress
from .handlers import form_text
from .quick_handlers import variant_name, variant_text

_TOLD = 32
"""Forms between two calls of `Progress`."""


class FormTexts:
    """Writes handlers, form by form in any order, and remembers the variants."""

    def __init__(self, unit: Unit, progress: Progress | None) -> None:
        self._unit = unit
        self._progress = progress
        self._choice = Variants(unit.description, unit.effects, unit.covered is not None)
        self._variants: dict[str, list[Variant]] = {}

    def texts(self, forms: Iterable[str]) -> list[str]:
        """The definitions of some forms' handlers."""
        texts = []
        for name in forms:
            done = len(self._variants)
            if self._progress is not None and done % _TOLD == 0:
                self._progress("writing native code", done, len(self._unit.description.forms))
            form = self._unit.description.forms[name]
            found = self._variants[name] = self._choice.of(form)
            texts.append(form_text(self._unit, form, bool(found)))
            texts += [variant_text(self._unit, variant, number) for number, variant in enumerate(found)]
        return texts

    def variants(self) -> list[tuple[str, Variant]]:
        """Handler and variant, in the description's order of forms."""
        return [
            (variant_name(form, number), variant)
            for form in self._unit.description.forms
            for number, variant in enumerate(self._variants[form])
        ]
