"""The handlers of forms and of their variants, in IR."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ..bodies import Unit, Variants
from .decode_text import pick_text
from .handlers import form_text
from .quick_handlers import variant_text


class HandlerTexts(NamedTuple):
    """Definitions: those that usually run, those with floating point among them, and those of forms with variants."""

    usual: list[str]
    floats: list[str]
    rare: list[str]


def handler_texts(unit: Unit, choice: Variants, forms: Iterable[str]) -> HandlerTexts:
    """The definitions of some forms' handlers, and of what picks one for a word."""
    texts = HandlerTexts([], [], [])
    for name in forms:
        form = unit.description.forms[name]
        found = choice.of(form)
        (texts.rare if found else texts.usual).append(form_text(unit, form, bool(found)))
        for number, variant in enumerate(found):
            floats = unit.effects.body(variant.body).floats
            (texts.floats if floats else texts.usual).append(variant_text(unit, variant, number))
        texts.usual.append(pick_text(form, [variant.assumed for variant in found]))
    return texts
