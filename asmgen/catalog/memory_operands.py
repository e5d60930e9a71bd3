"""How the description of an instruction writes a memory operand."""

from __future__ import annotations

from ...isa.errors import TraplineError
from ..instructions.described import DescribedTarget
from ..instructions.templates.templates import operands_of
from .instructions import shapes
from .values import Memory, checked_text, memory_text


def memory_operand_text(
    target: DescribedTarget, mnemonic: str, number: int, value: Memory, count: int, instruction_set: str = ""
) -> str:
    """The text of operand `number` (from 0) of `count`; of any instruction set where none is given.

    Raises TraplineError where the instruction has no such operand, or a part of the value is more than one operand.
    """
    for part in (value.base, value.index, str(value.offset), value.shift):
        checked_text(part, f"operand {number + 1}")
    sets = [instruction_set] if instruction_set else [one.name for one in target.instruction_sets]
    for name in sets:
        for spelling in target.table.find(name, mnemonic.lower()):
            kinds = {one.name: one.codec.kind in ("names", "set")
                     for one in operands_of(spelling.entry.template.operands)}
            for arguments in shapes(spelling.entry.operands):
                text = memory_text(value, arguments[number], kinds) if len(arguments) == count else None
                if text is not None:
                    return text
    raise TraplineError(f"'{mnemonic}' has no operand {number + 1} of the shape {value}",
                        "look at its syntax: Catalog.instruction(NAME).syntax")
