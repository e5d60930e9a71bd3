"""What all emitted functions of one description share: layout, effects, numbers of interrupts and exits, signatures."""

from __future__ import annotations

from functools import cached_property

from ....model.code import Const, Function, Return
from ....model.items import Description
from ...layout import Slot, layout_of
from ..shared import Operations
from ..shared import cpu_layout as cpu
from ..text import symbol
from .effects import EffectsOf, needed_functions

_SCOPE_FIELDS = {"core": cpu.CORE, "partition": cpu.PARTITION, "machine": cpu.MACHINE}


class Unit:
    """Facts about a description that the emitter needs again and again."""

    def __init__(self, description: Description, has_fma: bool, covering: bool = False) -> None:
        """`has_fma`: the host multiplies and adds in one instruction, which the quick floating point needs.

        `covering`: each statement notes that it ran.
        """
        self.covered: dict[int, int] | None = {} if covering else None
        """Packed lines of statements, each with the place of its mark."""
        self.has_fma = has_fma
        self.description = description
        self.layout = layout_of(description)
        self.effects = EffectsOf(description)
        self.operations = Operations()
        self.interrupts = {name: number for number, name in enumerate(description.interrupts)}
        self.exits = {name: number for number, name in enumerate(description.exits)}

    @cached_property
    def functions(self) -> list[str]:
        """The functions of native code, in the description's order."""
        return needed_functions(self.description)

    def place(self, register: str) -> tuple[int | None, Slot]:
        """Where a register is: the field that holds its block's address (None: the thread's block), and its slot."""
        scope = self.layout.scope_of[register]
        return _SCOPE_FIELDS.get(scope), self.layout.blocks[scope].slots[register]

    def results(self, function: Function) -> str:
        """The IR type that a function returns: results behind the status, where it can fail."""
        types = [f"i{width}" for width in function.results]
        if self.effects.function(function.name).fails:
            types = ["i32", *types]
        if len(types) == 1:
            return types[0]
        return f"{{{', '.join(types)}}}" if types else "void"

    def fails(self, function: str) -> bool:
        """Whether a function returns a status."""
        return self.effects.function(function).fails

    def floats(self, function: str) -> bool:
        """Whether a function has floating point."""
        return self.effects.function(function).floats

    def head(self, function: Function) -> str:
        """The definition's first line, without the brace."""
        parameters = "".join(f", i{parameter.width} %p{at}" for at, parameter in enumerate(function.parameters))
        return f"define internal fastcc {self.results(function)} {symbol('f', function.name)}(ptr %cpu{parameters})"

    def constant_hook(self, name: str) -> int | None:
        """A hook's value where it is always the same; 0 where there is no such hook."""
        hook = self.description.hooks.get(name)
        if not hook:
            return 0
        body = self.description.functions[hook].body
        if len(body) == 1 and isinstance(body[0], Return) and isinstance(body[0].values[0], Const):
            return body[0].values[0].value
        return None
