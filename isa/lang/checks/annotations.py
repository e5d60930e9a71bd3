"""Annotations: which there are, where they stand, their keys and the kinds of their values; gdb's names and numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from .. import tree
from ..names.environment import Environment
from ..tree import Item, Span
from ..tree.diagnostics import Note, did_you_mean

_TEXT, _NUMBER, _EITHER = "a text", "a number", "a text or a number"
_Keys = Mapping[str, str]
_REGISTER: Final[dict[str, _Keys | None]] = {
    "gdb": {
        "feature": _TEXT, "name": _TEXT, "number": _NUMBER, "type": _TEXT, "group": _TEXT, "count": _NUMBER,
        "access": _TEXT,
    },
    "dwarf": {"number": _NUMBER},
    "effect": {"read": _TEXT, "write": _TEXT, "kept": _TEXT},
    "kvm": {"kept": _TEXT},
    "counter": {"of": _TEXT},
}  # fmt: skip
_KNOWN: Final[dict[str, dict[str, _Keys | None]]] = {
    "architecture": {
        "gdb": {
            "architecture": _TEXT, "feature": _TEXT, "program_counter": _TEXT, "number": _NUMBER,
            "stack_pointer": _TEXT, "triple": _TEXT,
        },
        "elf": {"machine": _NUMBER, "class": _NUMBER, "flags": _NUMBER},
        "dwarf": {"return_column": _NUMBER, "stack_pointer": _NUMBER},
        "mode": {"cases": _TEXT, "field": _TEXT, "enum": _TEXT, "text": _TEXT},
        "time": {"offset": _TEXT, "shift": _TEXT, "frequency": _EITHER, "undispatched": _TEXT, "threads": _TEXT},
        "catalog": {"privilege": _TEXT},
        "assembler": None, "parts": None, "relocations": None, "build_attributes": None, "worlds": None,
        "system_calls": {"interrupt": _TEXT, "number": _TEXT},
    },
    "register": _REGISTER,
    "view": _REGISTER,
    "instruction": {
        "unpredictable": {"when": _TEXT, "because": _TEXT}, "unwritten": {}, "written_beyond": {"field": _TEXT},
        "makes_pointer": {}, "it_block": {"condition": _TEXT, "mask": _TEXT},
        "branch": {"exchange": _TEXT, "stay": _TEXT},
    },
    "alias": {"reserved_bits": {"value": _NUMBER}, "option": {"name": _TEXT}},
    "names": {"members": {"of": _TEXT, "each": _NUMBER}},
    "device": {"bus": {"reserved": _TEXT}},
    "enum": {"name": {"of": _TEXT}},
}  # fmt: skip
"""By the kind of item: annotations with their keys; None for one whose keys its product knows."""
_NEEDED: Final = {
    ("architecture", "gdb"): ("architecture", "program_counter"),
    ("architecture", "elf"): ("machine",),
    ("architecture", "system_calls"): ("interrupt", "number"),
    ("register", "gdb"): ("name",),
    ("view", "gdb"): ("name",),
    ("instruction", "unpredictable"): ("when", "because"),
    ("instruction", "written_beyond"): ("field",),
    ("alias", "reserved_bits"): ("value",),
    ("alias", "option"): ("name",),
    ("names", "members"): ("of", "each"),
}


def check_annotations(env: Environment) -> None:
    """Reports annotations that no product knows, keys that they have not, values of the wrong kind."""
    for kind, table in env.items.items():
        if kind != "gated":
            for item in table.values():
                _check(env, item)
    _check_gdb(env, [*env.of("register")])


def _check(env: Environment, item: Item) -> None:
    known = _KNOWN.get(item.kind, {})
    for annotation in item.modifiers.annotations:
        if annotation.name not in known:
            others = sorted({name for table in _KNOWN.values() for name in table})
            elsewhere = [kind for kind, table in _KNOWN.items() if annotation.name in table]
            hint = f"it stands behind: {', '.join(elsewhere)}" if elsewhere else did_you_mean(annotation.name, others)
            env.problems.add(
                "annotation",
                f"nothing knows an annotation @{annotation.name} of {_a(item.kind)}",
                annotation.span,
                hint,
            )
            continue
        keys = known[annotation.name]
        if keys is not None:
            _check_keys(env, item, annotation, keys)


def _check_keys(env: Environment, item: Item, annotation: tree.Annotation, keys: _Keys) -> None:
    for key, value in annotation.values.items():
        if key not in keys:
            env.problems.add(
                "annotation",
                f"@{annotation.name} of {_a(item.kind)} has no key '{key}'",
                annotation.span,
                did_you_mean(key, keys) or f"it has: {', '.join(keys) or 'none'}",
            )
            return
        if keys[key] != _EITHER and isinstance(value, int) != (keys[key] == _NUMBER):
            env.problems.add(
                "annotation", f"'{key}' of @{annotation.name} is {keys[key]}, not '{value}'", annotation.span
            )
            return
    for needed in _NEEDED.get((item.kind, annotation.name), ()):
        if needed not in annotation.values:
            env.problems.add(
                "annotation",
                f"@{annotation.name} of {_a(item.kind)} needs '{needed}'",
                annotation.span,
                f"{needed} = …",
            )
            return


def _a(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def _check_gdb(env: Environment, items: Iterable[Item]) -> None:
    """Two registers cannot have one name or one number there."""
    names: dict[str | int, Span] = {}
    numbers: dict[str | int, Span] = {}
    for item in [*env.of("architecture"), *items]:
        for annotation in item.modifiers.annotations:
            if annotation.name != "gdb":
                continue
            values = annotation.values
            if item.kind == "architecture":
                _claim(env, names, str(values.get("program_counter", "pc")), annotation.span, "the name")
                number = values.get("number", 15)
                if isinstance(number, int):
                    _claim(env, numbers, number, annotation.span, "the number")
                continue
            written = int(item.parts["count"])
            count = values.get("count", written or 1)
            if not isinstance(count, int) or "name" not in values:
                continue
            if count > max(1, written):
                env.problems.add(
                    "annotation",
                    f"'count' is {count}, and '{item.name}' has {max(1, written)} elements",
                    annotation.span,
                )
                continue
            name, first = str(values["name"]), values.get("number")
            if count > 1 and "{}" not in name:
                env.problems.add(
                    "annotation", f"all {count} elements of '{item.name}' would be called '{name}'", annotation.span,
                    'name = "r{}" puts the number there',
                )  # fmt: skip
                continue
            for index in range(count):
                _claim(env, names, name.replace("{}", str(index)), annotation.span, "the name")
                if isinstance(first, int):
                    _claim(env, numbers, first + index, annotation.span, "the number")


def _claim(env: Environment, taken: dict[str | int, Span], what: str | int, span: Span, called: str) -> None:
    first = taken.setdefault(what, span)
    if first is not span:
        env.problems.add(
            "annotation", f"another register has {called} '{what}' in gdb", span, "", [Note("it is here", first)]
        )
