"""The description's pure functions, as the assembler calls them: behind `coded` operands, alias settings and `when`.

The engine compiles them; here every answer is a tuple, and the widths that codecs need are at hand.
"""

from __future__ import annotations

from ....isa.engine.pure import compile_functions
from ....isa.model.items import Description


class DescribedFunctions:
    """The functions of one description, compiled on demand."""

    def __init__(self, description: Description) -> None:
        self._functions = description.functions
        self._compiled = compile_functions(description)

    def call(self, name: str, *arguments: int) -> tuple[int, ...]:
        """The results of a described function.  Raises EngineError if it touches state."""
        results = self._compiled[name](*arguments)
        return results if isinstance(results, tuple) else (results,)

    def result_width(self, name: str) -> int:
        """Bits of the first result."""
        return self._functions[name].results[0]

    def parameters(self, name: str) -> tuple[str, ...]:
        """The names of a function's parameters."""
        return tuple(one.name for one in self._functions[name].parameters)

    def parameter_width(self, name: str) -> int:
        """Bits of the first parameter."""
        return self._functions[name].parameters[0].width
