"""Options of the command line that belong together stand in one dataclass, which several commands take.

A field is an option: its type is what a command's parameter would have (`Annotated[..., Option(...)]`), its default
the option's. `grouped` makes a command of a function whose parameters are such groups, among others.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, get_type_hints


def grouped(command: Callable[..., None]) -> Callable[..., None]:
    """The command with each parameter whose type is a dataclass spread out into one parameter a field.

    Raises ValueError where two groups have a field of the same name.
    """
    hints = get_type_hints(command, include_extras=True)
    groups: dict[str, type[Any]] = {}
    spread: dict[str, inspect.Parameter] = {}
    for name, parameter in inspect.signature(command).parameters.items():
        kind = hints[name]
        if isinstance(kind, type) and is_dataclass(kind):
            groups[name] = kind
            found = _parameters(kind)
        else:
            found = [parameter.replace(annotation=kind, kind=inspect.Parameter.KEYWORD_ONLY)]
        for one in found:
            if one.name in spread:
                raise ValueError(f"{command.__name__}: two options are called '{one.name}'")
            spread[one.name] = one

    @functools.wraps(command)
    def call(**values: object) -> None:
        gathered = {
            name: kind(**{one.name: values.pop(one.name) for one in fields(kind)}) for name, kind in groups.items()
        }
        command(**values, **gathered)

    # What `inspect` and the command line look at instead of the function's own parameters.
    call.__dict__["__signature__"] = inspect.Signature(list(spread.values()))
    call.__annotations__ = {one.name: one.annotation for one in spread.values()}
    del call.__dict__["__wrapped__"]
    return call


def _parameters(group: type[Any]) -> list[inspect.Parameter]:
    """One keyword a field."""
    types = get_type_hints(group, include_extras=True)
    found = []
    for one in fields(group):
        default: object = one.default
        if default is MISSING:
            default = inspect.Parameter.empty if one.default_factory is MISSING else one.default_factory()
        kind = inspect.Parameter.KEYWORD_ONLY
        found.append(inspect.Parameter(one.name, kind, default=default, annotation=types[one.name]))
    return found
