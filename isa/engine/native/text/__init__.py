"""LLVM IR as text, and the operators and built-ins of the language in it."""

from __future__ import annotations

from ..shared import symbol
from .builtin_text import EMITTED, emit_builtin
from .declarations import declarations
from .lanes_text import LANES
from .numbers import number_of_binary, numbers_of_builtin
from .operators import WIDE_DIVISION, WIDEST_DIVISION, binary, resize, shift
from .text import BRANCH_WEIGHTS, FunctionText

__all__ = [
    "BRANCH_WEIGHTS",
    "EMITTED",
    "LANES",
    "WIDEST_DIVISION",
    "WIDE_DIVISION",
    "FunctionText",
    "binary",
    "declarations",
    "emit_builtin",
    "number_of_binary",
    "numbers_of_builtin",
    "resize",
    "shift",
    "symbol",
]
