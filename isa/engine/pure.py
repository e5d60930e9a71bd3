"""Pure described functions as Python callables: what assembler and disassembler need of aliases and codecs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ..model.items import Description
from .errors import EngineError
from .purity import reachable
from .python_cache import load_generated
from .python_source import functions_source

PureFunction = Callable[..., "int | tuple[int, ...]"]


class PureFunctions(Mapping[str, PureFunction]):
    """Functions by name, each compiled, with those that it calls, when it is asked for first."""

    def __init__(self, description: Description) -> None:
        self._description = description
        self._compiled: dict[str, PureFunction] = {}

    def __getitem__(self, name: str) -> PureFunction:
        """Raises KeyError for an unknown name, EngineError for a function that needs a running core."""
        if name not in self._compiled:
            self._compile(name)
        return self._compiled[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._description.functions)

    def __len__(self) -> int:
        return len(self._description.functions)

    def _compile(self, name: str) -> None:
        functions = self._description.functions
        needed = [functions[found] for found in reachable(functions, [name])]
        try:
            source = functions_source(needed, self._description.files)
        except ValueError as found:
            through = "" if str(found) == name else f" through '{found}'"
            raise EngineError(
                f"function '{name}' uses registers, memory or interrupts{through}, so it cannot run without a core",
                hint="what writes or reads assembly may only compute with its arguments",
            ) from found
        namespace = load_generated("pure", "", lambda: source, {})
        compiled = namespace["FUNCTIONS"]
        assert isinstance(compiled, dict)
        self._compiled.update(compiled)


def compile_functions(description: Description) -> Mapping[str, PureFunction]:
    """The pure functions of a description, compiled lazily. Others raise EngineError when asked for."""
    return PureFunctions(description)
