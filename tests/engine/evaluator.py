"""An evaluator of typed expressions that is as plain as can be: what generated code is compared with."""

from __future__ import annotations

from collections.abc import Mapping

from trapline.isa.model import code


def signed(value: int, width: int) -> int:
    """Two's complement."""
    return value - (1 << width) if value >= 1 << (width - 1) else value


def bits_of(value: int, width: int) -> list[int]:
    """Bits from the least significant on."""
    return [value >> position & 1 for position in range(width)]


def number_of(bits: list[int]) -> int:
    """The number whose bits, from the least significant on, these are."""
    return sum(bit << position for position, bit in enumerate(bits))


def evaluate(e: code.Expression, values: Mapping[str, int]) -> int:
    """The value of an expression of locals."""
    if isinstance(e, code.Const):
        return e.value
    if isinstance(e, code.Local):
        return values[e.name]
    if isinstance(e, code.Unary):
        operand = evaluate(e.operand, values)
        return {"-": -operand, "~": ~operand, "!": 1 - operand}[e.operator] % (1 << e.width)
    if isinstance(e, code.Binary):
        return binary(e.operator, evaluate(e.left, values), evaluate(e.right, values), e.left.width)
    if isinstance(e, code.Select):
        return evaluate(e.then if evaluate(e.condition, values) else e.otherwise, values)
    if isinstance(e, code.Extend):
        operand = evaluate(e.operand, values)
        return (signed(operand, e.operand.width) if e.signed else operand) % (1 << e.width)
    if isinstance(e, code.Slice):
        return number_of(bits_of(evaluate(e.operand, values), e.operand.width)[e.low : e.low + e.width])
    if isinstance(e, code.DynamicSlice):
        low = evaluate(e.low, values)
        return number_of(bits_of(evaluate(e.operand, values), e.operand.width)[low : low + e.width])
    if isinstance(e, code.Insert):
        base, low = bits_of(evaluate(e.base, values), e.width), evaluate(e.low, values)
        for position, bit in enumerate(bits_of(evaluate(e.value, values), e.value.width)):
            if low + position < e.width:
                base[low + position] = bit
        return number_of(base)
    if isinstance(e, code.Concat):
        text = "".join(f"{evaluate(part, values):0{part.width}b}" for part in e.parts)
        return int(text, 2)
    assert isinstance(e, code.Builtin), e
    return builtin(e, [evaluate(argument, values) for argument in e.arguments])


def binary(operator: str, left: int, right: int, width: int) -> int:
    """One operator on patterns of `width` bits."""
    a, b = signed(left, width), signed(right, width)
    tests = {
        "==": left == right, "!=": left != right, "<": left < right, "<=": left <= right, ">": left > right,
        ">=": left >= right, "<s": a < b, "<=s": a <= b, ">s": a > b, ">=s": a >= b,
        "&&": bool(left and right), "||": bool(left or right),
    }  # fmt: skip
    if operator in tests:
        return int(tests[operator])
    if operator in ("/", "%", "/s", "%s"):
        if right == 0:
            return 0
        if operator == "/":
            return left // right
        if operator == "%":
            return left % right
        quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
        return (quotient if operator == "/s" else a - quotient * b) % (1 << width)
    if operator == "<<":
        return (left << right) % (1 << width) if right < width else 0
    if operator == ">>":
        return left >> right if right < width else 0
    if operator == ">>s":
        return (a >> min(right, width)) % (1 << width)
    return {"+": left + right, "-": left - right, "*": left * right, "&": left & right, "|": left | right}.get(
        operator, left ^ right
    ) % (1 << width)


def builtin(e: code.Builtin, arguments: list[int]) -> int:
    """One built-in with one result."""
    width = e.arguments[0].width
    bits = bits_of(arguments[0], width)
    if e.name in ("rotate_left", "rotate_right"):
        amount = arguments[1] % width * (1 if e.name == "rotate_left" else -1)
        return number_of([bits[(position - amount) % width] for position in range(width)])
    if e.name == "count_leading_zeros":
        return next((count for count, bit in enumerate(reversed(bits)) if bit), width) % (1 << width)
    if e.name == "count_trailing_zeros":
        return next((count for count, bit in enumerate(bits) if bit), width) % (1 << width)
    if e.name == "count_ones":
        return sum(bits) % (1 << width)
    assert e.name == "bit_reverse"
    return number_of(bits[::-1])
