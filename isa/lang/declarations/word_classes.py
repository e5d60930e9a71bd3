"""Words without a form: what the architecture has and the description lacks, and what other processors have."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from ...model import items as model
from .. import tree
from ..names.environment import Environment, Mistake
from ..tree import Item
from .instructions import InstructionReader
from .spaces import number_of


def read_word_classes(
    env: Environment, reader: InstructionReader, forms: Mapping[str, model.Form]
) -> dict[str, model.WordClass]:
    """The `undescribed` and `absent` items. A problem: a class whose words all have a form, a register's number."""
    classes: dict[str, model.WordClass] = {}
    for item in env.of("word_class"):
        try:
            classes[item.name] = _class(env, item, reader, forms)
        except Mistake:
            continue
    return classes


def _class(env: Environment, item: Item, reader: InstructionReader, forms: Mapping[str, model.Form]) -> model.WordClass:
    encodings: list[Any] = item.parts.get("encoding", [])
    numbers = tuple(_number(env, at) for at in item.parts["numbers"])
    if not encodings and not numbers:
        raise env.error("encoding", f"'{item.name}' names no words", item.span, ": FORMAT(FIELD = value, …)")
    patterns = tuple(reader.pattern(item, encoding) for encoding in encodings)
    own = PurePath(item.span.file).parts[0]
    for pattern in patterns:
        # Who adds an instruction in a file of their own cannot take its words out of the class.
        described = next(
            (
                form for form in forms.values()
                if _has_all(form, pattern) and PurePath(env.files[form.line >> 20]).parts[0] == own
            ),
            None,
        )  # fmt: skip
        if described is not None:
            raise env.error(
                "described",
                f"instruction '{described.instruction}' has all words of this encoding of '{item.name}'",
                item.span,
                "leave the encoding out of the class",
            )
    architected: bool = item.parts["is_architected"]
    because: str = item.parts["because"]
    line = env.line(item.span)
    return model.WordClass(item.name, item.modifiers.title, architected, because, patterns, line, numbers)


def _number(env: Environment, at: tree.AtClause) -> tuple[str, tuple[int, ...]]:
    space = env.spaces.get(at.space)
    if space is None:
        raise env.unknown("space", at.space, at.span, env.spaces)
    _, keys = number_of(env, at, space)
    for register in env.registers.values():
        if any(access.space == space.name and access.keys == keys for access in register.accesses):
            raise env.error("described", f"register '{register.name}' stands there", at.span, "leave the number out")
    return space.name, keys


def _has_all(form: model.Form, pattern: model.WordPattern) -> bool:
    same_kind = (form.instruction_set, form.length) == (pattern.instruction_set, pattern.length)
    fixes_less = form.mask & ~pattern.mask == 0 and (form.match ^ pattern.match) & form.mask == 0
    return same_kind and fixes_less and not form.excludes
