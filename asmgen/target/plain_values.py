"""Values without symbols: what an instruction alone, taken from its text, can ask for."""

from __future__ import annotations

from msgspec import Struct

from ..expressions.evaluation import evaluate_number
from ..expressions.tree import Expression


class PlainValues(Struct, frozen=True):
    """Values (`Evaluate`) for an instruction at the address `here`; names have the value 0."""

    here: int

    def number(self, expression: Expression) -> int:
        """See Evaluate."""
        return evaluate_number(expression, lambda _: 0, self.here)

    def pointer(self, expression: Expression) -> int:
        """See Evaluate."""
        return self.number(expression)

    def instruction_set_bit(self, expression: Expression, is_function: bool) -> int | None:
        """See Evaluate."""
        return None
