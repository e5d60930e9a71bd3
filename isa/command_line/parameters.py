"""The parameters of a command's function, taken apart."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from .declared import Argument, Option

REQUIRED: Final = object()
"""In place of a default: there is none."""


class Taken:
    """One parameter: what is written for it, and what it becomes."""

    __slots__ = ("default", "kind", "mark", "name", "repeated", "required")

    def __init__(self, name: str, hint: Any, default: object) -> None:  # noqa: ANN401 - a type, as Python has it
        """`hint`: its annotation."""
        self.name = name
        kind, *marks = get_args(hint)
        own = [mark for mark in marks if isinstance(mark, Option | Argument)]
        if not own:
            raise ValueError(f"the parameter '{name}' is neither an Option nor an Argument")
        self.mark: Option | Argument = own[0]
        if get_origin(kind) in (Union, types.UnionType):
            (kind,) = (one for one in get_args(kind) if one is not type(None))
        self.repeated = get_origin(kind) is list
        self.kind: type = get_args(kind)[0] if self.repeated else kind
        self.required = default is REQUIRED
        self.default = None if self.required else default

    @property
    def is_flag(self) -> bool:
        """An option without a value."""
        return self.kind is bool

    @property
    def names(self) -> tuple[str, ...]:
        """How an option is written, the long one first."""
        if not isinstance(self.mark, Option):
            return ()
        given = self.mark.names or (f"--{self.name.replace('_', '-')}",)
        return tuple(sorted(given, key=lambda name: not name.startswith("--")))


def parameters_of(function: Callable[..., None]) -> list[Taken]:
    """What a command takes, in the order of its function."""
    return [Taken(name, hint, default) for name, (hint, default) in declared_by(function).items()]


def declared_by(function: Callable[..., None]) -> dict[str, tuple[Any, object]]:
    """By name, a function's parameters: what each is, and its default or REQUIRED. What has `declared` says so."""
    # `inspect` does it, too, and takes as long to load as twenty modules of ours.
    declared: dict[str, tuple[Any, object]] | None = getattr(function, "declared", None)
    if declared is not None:
        return declared
    hints, code = get_type_hints(function, include_extras=True), function.__code__
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    last = function.__defaults__ or ()
    defaults = dict(zip(names[code.co_argcount - len(last) :], last, strict=False)) | (function.__kwdefaults__ or {})
    return {name: (hints[name], defaults.get(name, REQUIRED)) for name in names}
