"""Aliases that print in place of what they should not: of every word of their instruction, or of none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ...engine.errors import EngineError
from ...engine.pure import compile_functions
from ...model import items as model
from ..tree import Span
from ..tree.diagnostics import Problems


def check_aliases(description: model.Description, shipped: frozenset[str], problems: Problems) -> None:
    """Warns of aliases without a condition, which hide their instruction, and of those that no word can print: an
    alias that stands before has all of theirs, or the instruction has none. `shipped` files' aliases are not told."""
    functions = compile_functions(description)
    before: dict[str, list[tuple[model.Alias, dict[str, int]]]] = {}
    for alias in description.aliases.values():
        form = description.forms.get(alias.form)
        if form is None or alias.input_only:
            continue
        fixed = _fixed(alias, functions)
        line, files = alias.line, description.files
        span = Span(files[line >> 20], line & 0xFFFFF, 1, line & 0xFFFFF, 2)
        earlier = next((one for one, own in before.get(alias.form, ()) if _covers(one, own, alias, fixed)), None)
        told = files[line >> 20] not in shipped
        if told and _contradicts(form, fixed):
            problems.warn(
                "alias", f"alias '{_name(alias)}' can never print: '{alias.instruction}' has no such words", span,
                "look at what the encoding and its `except` leave",
            )  # fmt: skip
        elif told and earlier is not None:
            problems.warn(
                "alias",
                f"alias '{_name(alias)}' can never print: '{_name(earlier)}' stands before it and has all its words",
                span,
                "put the narrower one first, or make it `input_only`",
            )
        elif told and not alias.settings and not alias.when and not alias.operands:
            problems.warn(
                "alias", f"alias '{_name(alias)}' hides '{alias.instruction}': every word of that prints as the alias",
                span, "give it a condition (`when`, or values of fields), or make it `input_only`",
            )  # fmt: skip
        before.setdefault(alias.form, []).append((alias, fixed))


def _name(alias: model.Alias) -> str:
    return alias.name.partition("@")[0]


def _fixed(alias: model.Alias, functions: Mapping[str, object]) -> dict[str, int]:
    """Fields to which the alias gives a number."""
    found: dict[str, int] = {}
    for setting in alias.settings:
        if setting.arguments:
            continue
        try:
            function = functions[setting.function]
        except EngineError:
            continue
        assert callable(function)
        value = function()
        if isinstance(value, int):
            found[setting.field] = value
    return found


def _contradicts(form: model.Form, fixed: Mapping[str, int]) -> bool:
    """Whether the encoding, or an exclusion that is decided by these fields alone, leaves no word."""
    own = {field.name: field.fixed for field in form.fields if field.fixed >= 0}
    if any(own.get(name, value) != value for name, value in fixed.items()):
        return True
    known = own | dict(fixed)
    return any(_holds(alternative, known) for alternative in form.excludes)


def _holds(alternative: Sequence[model.Comparison], known: Mapping[str, int]) -> bool:
    for term in alternative:
        right = known.get(term.right) if isinstance(term.right, str) else term.right
        if term.left not in known or right is None or (known[term.left] == right) != term.equal:
            return False
    return True


def _covers(
    first: model.Alias, own: Mapping[str, int], second: model.Alias, fixed: Mapping[str, int]
) -> bool:
    """Whether the first one prints each word that the second one would."""
    plain = not first.when and not _computed(first.settings)
    return plain and first.instruction == second.instruction and all(fixed.get(n) == v for n, v in own.items())


def _computed(settings: Iterable[model.AliasSetting]) -> bool:
    return any(setting.arguments for setting in settings)
