"""What generators of programs need: instructions to enumerate and draw from, words and structures as values."""

from __future__ import annotations

from .bit_layouts import BitLayout, FieldPlace
from .body_facts import MemoryAccess
from .catalog import Catalog
from .instructions import Drawn, InstructionInfo
from .operands import NumberRange, OperandInfo
from .values import Memory, Value

__all__ = [
    "BitLayout",
    "Catalog",
    "Drawn",
    "FieldPlace",
    "InstructionInfo",
    "Memory",
    "MemoryAccess",
    "NumberRange",
    "OperandInfo",
    "Value",
]
