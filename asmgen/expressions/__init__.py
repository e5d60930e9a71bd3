"""Expressions in operands: read, kept as trees (symbol, addend, modifier), and evaluated."""

from __future__ import annotations

from .evaluation import evaluate, evaluate_number
from .parser import ExpressionReader
from .tree import Expression
from .values import Value

__all__ = ["Expression", "ExpressionReader", "Value", "evaluate", "evaluate_number"]
