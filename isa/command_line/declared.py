"""What a command takes, declared once: marks on the parameters of its function, as Typer has them.

A parameter is `Annotated[TYPE, Option("--name", help=...)]` or `Annotated[TYPE, Argument(help=...)]`, with a default
where it may be left out. TYPE is str, int, float, bool or Path, one of them or None, or a list of them for what may be
repeated.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any


class Option:
    """`--name VALUE`, or `--name` for a bool. Without names it is called after its parameter."""

    __slots__ = ("help", "metavar", "min", "names")

    def __init__(self, *names: str, help: str = "", min: float | None = None, metavar: str | None = None) -> None:
        """`min`: the least number that is taken. `metavar`: what help calls the value."""
        self.names = names
        self.help = help
        self.min = min
        self.metavar = metavar


class Argument:
    """A value that is told by its place."""

    __slots__ = ("help", "metavar")

    def __init__(self, *, help: str = "", metavar: str | None = None) -> None:
        """`metavar`: what help calls it."""
        self.help = help
        self.metavar = metavar


class OptionGroup:
    """Options that several commands take: a derived class has a field for each, annotated as a parameter would be, and
    its default. Annotations have to be there when the class is made, not as text."""

    def __init__(self, **values: object) -> None:
        """Each option's value; those that are left out have their defaults."""
        for name, (_, default) in self.declared().items():
            setattr(self, name, values.pop(name, default))
        if values:
            raise TypeError(f"{type(self).__name__} has no {', '.join(values)}")

    @classmethod
    def declared(cls) -> dict[str, tuple[Any, object]]:
        """By name, what each option is, and its default."""
        return {name: (kind, getattr(cls, name)) for name, kind in cls.__annotations__.items()}


class Command:
    """A function that the command line can call; the first paragraph of its docstring is its summary."""

    __slots__ = ("_function", "_spread", "name")

    def __init__(
        self,
        name: str,
        function: Callable[..., None],
        spread: Callable[[Callable[..., None]], Callable[..., None]] | None = None,
    ) -> None:
        """`spread`: makes the function that is called of it, as soon as somebody wants to know what it takes."""
        self.name = name
        self._function = function
        self._spread = spread

    @property
    def function(self) -> Callable[..., None]:
        """What is called, with one keyword argument for each parameter."""
        return self._function if self._spread is None else self._spread(self._function)

    @property
    def summary(self) -> str:
        """One line of help."""
        return " ".join((self._function.__doc__ or "").strip().split("\n\n")[0].split())


class Group:
    """Commands below a name, as in `trapline isa check`."""

    __slots__ = ("commands", "name", "summary")

    def __init__(self, name: str, summary: str, commands: Sequence[Command]) -> None:
        self.name = name
        self.summary = summary
        self.commands = tuple(commands)


def echo(text: str, *, err: bool = False) -> None:
    """Writes a line to standard output, or to standard error."""
    print(text, file=sys.stderr if err else sys.stdout, flush=True)
