"""Options of the command line that belong together stand in one class, which several commands take.

A field is an option: its type is what a command's parameter would have (`Annotated[..., Option(...)]`), its default
the option's. `grouped` makes a command of a function whose parameters are such groups, among others.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..isa.command_line import OptionGroup
from ..isa.command_line.parameters import declared_by

if TYPE_CHECKING:
    import inspect


class Grouped:
    """A command, as a function of all that its groups are made of. Its name and docstring are the function's."""

    def __init__(self, command: Callable[..., None]) -> None:
        """Raises ValueError where two groups have a field of the same name."""
        self._command = command
        self._groups: dict[str, type[OptionGroup]] = {}
        self.declared: dict[str, tuple[Any, object]] = {}
        """By name, what each parameter is, and its default."""
        for name, (kind, default) in declared_by(command).items():
            if isinstance(kind, type) and issubclass(kind, OptionGroup):
                self._groups[name] = kind
                found = kind.declared()
            else:
                found = {name: (kind, default)}
            for one in found:
                if one in self.declared:
                    raise ValueError(f"{command.__name__}: two options are called '{one}'")
            self.declared |= found
        self.__name__, self.__qualname__ = command.__name__, command.__qualname__
        self.__module__, self.__doc__ = command.__module__, command.__doc__
        self.__annotations__ = {name: kind for name, (kind, _) in self.declared.items()}

    def __call__(self, **values: object) -> None:
        gathered = {
            name: kind(**{one: values.pop(one) for one in kind.declared()}) for name, kind in self._groups.items()
        }
        self._command(**values, **gathered)

    @property
    def __signature__(self) -> inspect.Signature:
        """What `inspect` and the command line's library look at."""
        from ..isa.command_line.library import signature_of

        return signature_of(self.declared)


def grouped(command: Callable[..., None]) -> Grouped:
    """The command with each parameter whose type is an `OptionGroup` spread out into one parameter a field.

    Raises ValueError where two groups have a field of the same name.
    """
    return Grouped(command)
