"""`adrl`: an address far from the code, as two instructions that add to the pc.

Each adds or subtracts a byte rotated right by an even number (DDI 0406C, A5.2.4); which bytes are taken follows GNU as,
and where one instruction does it, the second one does nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from msgspec import Struct

from .expressions.parser import ExpressionReader
from .expressions.tree import Expression
from .target.seam import Evaluate, LateOperand, OpenInstruction
from .text.diagnostics import SourceError

AHEAD = 8
"""How far the pc is ahead of the instruction that reads it (A32)."""
MASK = 0xFFFFFFFF
_WORD = re.compile(r"adr(?P<condition>|..)l", re.IGNORECASE)
_OPERANDS = re.compile(r"\s*(?P<register>%?\w+)\s*,")
Read = Callable[[str, str], bytes]


class LongAddress(Struct, frozen=True):
    """The two instructions (`Pending`); `read` makes the bytes of one."""

    read: Read
    condition: str
    register: str
    expression: Expression
    offset: int

    @property
    def sizes(self) -> tuple[int, ...]:
        """See Pending."""
        return (8,)

    @property
    def is_relative(self) -> bool:
        """See Pending."""
        return True

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """See Pending."""
        return (self.expression,)

    def encode(self, address: int, value: Evaluate, minimum: int) -> bytes:
        """See Pending."""
        distance = value.number(self.expression) - (address + AHEAD)
        signs = (("add", distance & MASK), ("sub", -distance & MASK))
        for operation, amount in signs:
            try:
                return self._one(operation, "pc", f"#{amount}") + self.read("mov", "r0, r0")
            except SourceError:
                continue
        for operation, amount in signs:
            for first, second in _parts(amount):
                return self._one(operation, "pc", first) + self._one(operation, self.register, second)
        raise SourceError(f"two instructions cannot make an address {distance} bytes away", self.offset,
                          "load it from a literal: ldr REGISTER, =ADDRESS")

    def encode_open(self, address: int, value: Evaluate, minimum: int) -> OpenInstruction:
        """See Pending."""
        late = (LateOperand("label", self.expression, True, self.offset),)
        return OpenInstruction(self.encode(address, value, minimum), "adrl", {}, late)

    def _one(self, operation: str, base: str, constant: str) -> bytes:
        return self.read(operation + self.condition, f"{self.register}, {base}, {constant}")


def _parts(amount: int) -> Iterator[tuple[str, str]]:
    """Two bytes, each with its rotation, whose sum is a number of 32 bits; nothing where there are none."""
    for rotation in range(0, 32, 2):
        turned = (amount << rotation | amount >> (32 - rotation)) & MASK
        if not turned & 0xFF:
            continue
        for up in (8, 16, 24):
            if turned >> up & 0xFF:
                if not turned & ~(0xFF << up | 0xFF) & MASK:
                    yield f"#{turned & 0xFF}, {rotation}", f"#{turned >> up & 0xFF}, {(rotation - up) % 32}"
                break


def read_long_address(word: str, rest: str, expressions: ExpressionReader, read: Read) -> LongAddress | None:
    """The statement as such an address; None if it is another one.  Raises SourceError if its operands are wrong."""
    named, operands = _WORD.fullmatch(word), _OPERANDS.match(rest)
    if named is None or operands is None:
        return None
    found = LongAddress(read, named["condition"], operands["register"], expressions.read_all(rest, operands.end()),
                        operands.end())
    # A wrong condition or register is told here, not when the address is known.
    read(f"add{found.condition}", f"{found.register}, pc, #0")
    return found
