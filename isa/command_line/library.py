"""The same declarations as a Typer application: help on a terminal, mistakes told, completion in shells."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, get_args

import typer

from .declared import Argument, Command, Group, Option
from .parameters import REQUIRED, declared_by


def add(app: typer.Typer, entries: Sequence[Command | Group]) -> None:
    """Adds commands and groups of commands to an application."""
    for entry in entries:
        if isinstance(entry, Group):
            group = typer.Typer(help=entry.summary, no_args_is_help=True)
            add(group, entry.commands)
            app.add_typer(group, name=entry.name)
        else:
            app.command(entry.name)(_with_marks(entry.function))


def _with_marks(function: Callable[..., None]) -> Callable[..., None]:
    """The function with Typer's marks on its parameters instead of ours."""
    declared = {name: (_marked(hint), default) for name, (hint, default) in declared_by(function).items()}

    @functools.wraps(function)
    def call(**values: object) -> None:
        function(**values)

    # What `inspect` and Typer look at instead of the function's own parameters.
    call.__dict__["__signature__"] = signature_of(declared)
    call.__annotations__ = {name: hint for name, (hint, _) in declared.items()}
    del call.__dict__["__wrapped__"]
    return call


def signature_of(declared: Mapping[str, tuple[Any, object]]) -> inspect.Signature:
    """Parameters by name, as `inspect` has them."""
    empty, kind = inspect.Parameter.empty, inspect.Parameter.KEYWORD_ONLY
    return inspect.Signature(
        [
            inspect.Parameter(name, kind, default=empty if default is REQUIRED else default, annotation=hint)
            for name, (hint, default) in declared.items()
        ]
    )


def _marked(hint: Any) -> Any:  # noqa: ANN401 - a type, as Python has it
    kind, mark = get_args(hint)[:2]
    if isinstance(mark, Option):
        return Annotated[kind, typer.Option(*mark.names, help=mark.help or None, min=mark.min, metavar=mark.metavar)]
    if isinstance(mark, Argument):
        return Annotated[kind, typer.Argument(help=mark.help or None, metavar=mark.metavar)]
    return hint
