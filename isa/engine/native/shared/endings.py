"""How far code is decoded ahead. Data behind code is not decoded: a store to it would drop the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ....model import code
from ....model.code import Body, Function
from ...purity import calls, walk

AHEAD: Final = 32
"""Instructions that are decoded at once, at most."""


def ends_code(functions: Mapping[str, Function], body: Body, always: bool) -> bool:
    """Whether a body may set the next address, or raises without a condition (`always`: the body itself has none).

    Choices by fields alone are taken to go on: that a register is the program counter, say, is rare. This is a guess
    about what is worth decoding, no more.
    """
    for statement in body:
        if isinstance(statement, code.SetNext) or (isinstance(statement, code.Raise) and always):
            return True
        if isinstance(statement, code.If):
            ends = [ends_code(functions, arm, False) for arm in (statement.then, statement.otherwise)]
            if all(ends) or (any(ends) and _reads_state(statement.condition)):
                return True
        elif isinstance(statement, code.Switch):
            arms = [*(case.body for case in statement.cases), statement.default]
            if all(ends_code(functions, arm, False) for arm in arms):
                return True
        elif any(ends_code(functions, functions[name].body, always) for name in calls((statement,))):
            return True
    return False


def _reads_state(condition: code.Expression) -> bool:
    return any(isinstance(node, (code.ReadRegister, code.Call, code.Special)) for node in walk(condition))
