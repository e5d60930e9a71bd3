"""Operators to typed code: arithmetic, comparisons, shifts, concatenation, logic, tuples."""

from __future__ import annotations

from ...model import code
from .. import tree
from ..names import fold
from ..names.types import BOOL, Type
from .base import Expected, Value
from .guess import Guess


class OperatorLowering(Guess):
    """Lowers operators; `lower` itself is defined by the class above."""

    def lower(self, expression: tree.Expression, expected: Expected = None) -> Value:
        raise NotImplementedError

    def expr(self, expression: tree.Expression, expected: Type | None, what: str = "this") -> code.Expression:
        """One scalar of the expected type."""
        return self.scalar(self.lower(expression, expected), expected, expression.span, what)

    def any_width(self, expression: tree.Expression) -> code.Expression:
        """One scalar of whatever width; a plain number gets the least that holds it (8 bits or more)."""
        value = self.lower(expression)
        if value.literal is not None:
            if value.literal < 0:
                raise self.env.error("range", "a negative number cannot stand here", expression.span)
            return code.Const(value.literal, max(8, value.literal.bit_length()))
        return self.scalar(value, None, expression.span)

    def number(self, expression: tree.Expression, what: str) -> int:
        """A constant."""
        value = self.constant(self.lower(expression))
        if value is None:
            raise self.env.error("constant", f"{what} must be a constant", expression.span)
        return value

    # Operators

    def lower_unary(self, operation: tree.UnaryOf, expected: Type | None) -> Value:
        if operation.operator == "!":
            return Value((fold.unary("!", self.expr(operation.operand, BOOL, "what stands behind '!'")),), (BOOL,))
        value = self.lower(operation.operand, expected)
        if value.literal is not None:
            return Value(literal=-value.literal if operation.operator == "-" else ~value.literal)
        operand = self.scalar(value, None, operation.operand.span)
        return Value((fold.unary(operation.operator, operand),), (Type(operand.width),))

    def lower_binary(self, operation: tree.BinaryOf, expected: Type | None) -> Value:
        operator = operation.operator
        if operator == "++":
            return self.lower_concat(operation)
        if operator in fold.SHIFTS:
            return self.lower_shift(operation, expected)
        if operator in fold.LOGICAL:
            return self.lower_logical(operation)
        hint = (
            self.guess(operation.left)
            or self.guess(operation.right)
            or (None if operator in fold.COMPARISONS else expected)
        )
        left_value = self.lower(operation.left, hint)
        mark = len(self.out)
        right_value = self.lower(operation.right, hint)
        if left_value.literal is not None and right_value.literal is not None:
            return self.literal_operation(operation, left_value.literal, right_value.literal)
        left_type = right_value.types[0] if left_value.literal is not None and right_value.types else None
        right_type = left_value.types[0] if right_value.literal is not None and left_value.types else None
        left = self.scalar(left_value, left_type, operation.left.span)
        right = self.scalar(right_value, right_type, operation.right.span)
        if left.width != right.width:
            raise self.env.error(
                "width",
                f"'{operator}' has {left.width} bits ({left_value.types[0]}) on its left "
                f"and {right.width} bits ({right_value.types[0]}) on its right",
                operation.span,
                "widths are never changed silently: use zero_extend, sign_extend, truncate or a slice",
            )
        sides = [left]
        self.keep_order(sides, mark, 1)
        result = fold.binary(operator, sides[0], right)
        return Value((result,), (BOOL if operator in fold.COMPARISONS else Type(result.width),))

    def literal_operation(self, operation: tree.BinaryOf, left: int, right: int) -> Value:
        operator = operation.operator
        if operator in fold.COMPARISONS:
            return Value((code.Const(fold.compute(operator.rstrip("s"), left, right, 256), 1),), (BOOL,))
        if operator.rstrip("s") in ("/", "%") and right == 0:
            raise self.env.error("range", "division by zero", operation.span)
        if operator in fold.EXACT:
            return Value(literal=fold.EXACT[operator](left, right))
        return Value(literal=left // right if operator.startswith("/") else left % right)

    def lower_shift(self, operation: tree.BinaryOf, expected: Type | None) -> Value:
        value = self.lower(operation.left, expected)
        mark = len(self.out)
        if value.literal is not None:
            amount = self.lower(operation.right)
            if amount.literal is not None and 0 <= amount.literal <= 256:
                return Value(
                    literal=value.literal << amount.literal
                    if operation.operator == "<<"
                    else value.literal >> amount.literal
                )
            left = self.scalar(value, expected, operation.left.span)
            right = self.scalar(amount, None, operation.right.span)
        else:
            left = self.scalar(value, None, operation.left.span)
            right = self.any_width(operation.right)
        sides = [left]
        self.keep_order(sides, mark, 1)
        return Value((fold.binary(operation.operator, sides[0], right),), (Type(left.width),))

    def lower_concat(self, operation: tree.BinaryOf) -> Value:
        parts: list[code.Expression] = []
        for side in (operation.left, operation.right):
            if isinstance(side, tree.IntegerLiteral):
                parts.append(self.bit_string(side))
                continue
            mark = len(self.out)
            parts.append(self.scalar(self.lower(side), None, side.span))
            self.keep_order(parts, mark, len(parts) - 1)
        result = fold.concat(parts)
        if result.width > 128:
            raise self.env.error("width", f"a concatenation of {result.width} bits is wider than 128", operation.span)
        return Value((result,), (Type(result.width),))

    def bit_string(self, literal: tree.IntegerLiteral) -> code.Expression:
        """In a concatenation, a binary or hexadecimal number is as wide as it is written."""
        digits = literal.text[2:].replace("_", "")
        if literal.text.startswith("0b"):
            width = len(digits)
        elif literal.text.startswith("0x"):
            width = 4 * len(digits)
        else:
            raise self.env.error(
                "width-unknown",
                f"nothing says how wide the number {literal.value} is",
                literal.span,
                "write it as 0b… or 0x…, or u8(…)",
            )
        return code.Const(literal.value, width)

    def lower_logical(self, operation: tree.BinaryOf) -> Value:
        what = f"each side of '{operation.operator}'"
        left = self.expr(operation.left, BOOL, what)
        if isinstance(left, code.Const) and bool(left.value) != (operation.operator == "&&"):
            return Value((left,), (BOOL,))
        outer, self.out = self.out, []
        right = self.expr(operation.right, BOOL, what)
        inner, self.out = self.out, outer
        if not inner:
            return Value((fold.binary(operation.operator, left, right),), (BOOL,))
        name = self.unique("t")
        self.emit(code.Let(self.line, name, 1, left))
        body = (*inner, code.Set(self.line, name, right))
        local = code.Local(name, 1)
        self.emit(
            code.If(self.line, local, body, ()) if operation.operator == "&&" else code.If(self.line, local, (), body)
        )
        return Value((local,), (BOOL,))

    def lower_tuple(self, parts: tree.TupleOf, expected: Expected) -> Value:
        wanted = (
            expected
            if isinstance(expected, tuple) and len(expected) == len(parts.parts)
            else (None,) * len(parts.parts)
        )
        values: list[code.Expression] = []
        types: list[Type] = []
        for part, type_ in zip(parts.parts, wanted, strict=True):
            mark = len(self.out)
            value = self.lower(part, type_)
            values.append(self.scalar(value, type_, part.span))
            types.append(type_ or value.types[0])
            self.keep_order(values, mark, len(values) - 1)
        return Value(tuple(values), tuple(types))
