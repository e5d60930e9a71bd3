"""The language's operators in IR. All are total, which LLVM's are not (docs/reference/language.md, section 6)."""

from __future__ import annotations

from .text import FunctionText

_PLAIN = {"+": "add", "-": "sub", "*": "mul", "&": "and", "|": "or", "^": "xor", "&&": "and", "||": "or"}
_COMPARE = {
    "==": "eq", "!=": "ne", "<": "ult", "<=": "ule", ">": "ugt", ">=": "uge",
    "<s": "slt", "<=s": "sle", ">s": "sgt", ">=s": "sge",
}  # fmt: skip
_SHIFT = {"<<": "shl", ">>": "lshr", ">>s": "ashr"}
_DIVIDE = {"/": "udiv", "%": "urem", "/s": "sdiv", "%s": "srem"}
WIDEST_DIVISION = 64
"""LLVM calls a library beyond this many bits; `division` has what is called instead."""


def resize(text: FunctionText, value: str, width: int, to: int, signed: bool = False) -> str:
    """A value extended or cut to `to` bits."""
    if width == to:
        return value
    word = "trunc" if to < width else "sext" if signed else "zext"
    return text.value(f"{word} i{width} {value} to i{to}")


def binary(text: FunctionText, operator: str, left: str, right: str, width: int, right_width: int) -> str:
    """`width` is the left operand's; both operands have been evaluated."""
    if operator in _PLAIN:
        return text.value(f"{_PLAIN[operator]} i{width} {left}, {right}")
    if operator in _COMPARE:
        return text.value(f"icmp {_COMPARE[operator]} i{width} {left}, {right}")
    if operator in _SHIFT:
        return shift(text, _SHIFT[operator], left, right, width, right_width)
    return _divide(text, _DIVIDE[operator], left, right, width)


def shift(text: FunctionText, word: str, value: str, amount: str, width: int, amount_width: int) -> str:
    """`shl`, `lshr` or `ashr` by an amount of any width: 0, or all signs, from `width` on."""
    if amount.isdecimal():
        number = int(amount)
        if number >= width:
            if word != "ashr":
                return "0"
            number = width - 1
        return text.value(f"{word} i{width} {value}, {number}") if number else value
    beyond = ""
    if (1 << amount_width) - 1 >= width:
        beyond = text.value(f"icmp uge i{amount_width} {amount}, {width}")
    count = resize(text, amount, amount_width, width)
    if beyond and word == "ashr":
        count = text.value(f"select i1 {beyond}, i{width} {width - 1}, i{width} {count}")
    shifted = text.value(f"{word} i{width} {value}, {count}")
    if not beyond or word == "ashr":
        return shifted
    return text.value(f"select i1 {beyond}, i{width} 0, i{width} {shifted}")


def _divide(text: FunctionText, word: str, left: str, right: str, width: int) -> str:
    zero = text.value(f"icmp eq i{width} {right}, 0")
    unsafe = zero
    minus = ""
    if word in ("sdiv", "srem"):
        minus = text.value(f"icmp eq i{width} {right}, -1")
        unsafe = text.value(f"or i1 {zero}, {minus}")
    divisor = text.value(f"select i1 {unsafe}, i{width} 1, i{width} {right}")
    if width > WIDEST_DIVISION:
        result = text.value(f"call fastcc i128 @{word}.wide(i128 {_widened(text, word, left, width)}, "
                            f"i128 {_widened(text, word, divisor, width)})")  # fmt: skip
        result = resize(text, result, 128, width)
    else:
        result = text.value(f"{word} i{width} {left}, {divisor}")
    if word == "sdiv":
        negated = text.value(f"sub i{width} 0, {left}")
        result = text.value(f"select i1 {minus}, i{width} {negated}, i{width} {result}")
    return text.value(f"select i1 {zero}, i{width} 0, i{width} {result}")


def _widened(text: FunctionText, word: str, value: str, width: int) -> str:
    return resize(text, value, width, 128, signed=word[0] == "s")


WIDE_DIVISION = """
define internal fastcc {i128, i128} @divide.wide(i128 %left, i128 %right) noinline {
entry:
  br label %loop
loop:
  %bit = phi i128 [127, %entry], [%lower, %loop]
  %rest = phi i128 [0, %entry], [%rest.next, %loop]
  %quotient = phi i128 [0, %entry], [%quotient.next, %loop]
  %out = lshr i128 %rest, 127
  %shifted = shl i128 %rest, 1
  %moved = lshr i128 %left, %bit
  %digit = and i128 %moved, 1
  %taken = or i128 %shifted, %digit
  %enough = icmp uge i128 %taken, %right
  %overflowed = icmp ne i128 %out, 0
  %fits = or i1 %enough, %overflowed
  %less = sub i128 %taken, %right
  %rest.next = select i1 %fits, i128 %less, i128 %taken
  %one = shl i128 1, %bit
  %with = or i128 %quotient, %one
  %quotient.next = select i1 %fits, i128 %with, i128 %quotient
  %lower = sub i128 %bit, 1
  %last = icmp eq i128 %bit, 0
  br i1 %last, label %done, label %loop
done:
  %first = insertvalue {i128, i128} poison, i128 %quotient.next, 0
  %both = insertvalue {i128, i128} %first, i128 %rest.next, 1
  ret {i128, i128} %both
}
define internal fastcc i128 @udiv.wide(i128 %left, i128 %right) {
  %both = call fastcc {i128, i128} @divide.wide(i128 %left, i128 %right)
  %result = extractvalue {i128, i128} %both, 0
  ret i128 %result
}
define internal fastcc i128 @urem.wide(i128 %left, i128 %right) {
  %both = call fastcc {i128, i128} @divide.wide(i128 %left, i128 %right)
  %result = extractvalue {i128, i128} %both, 1
  ret i128 %result
}
define internal fastcc i128 @sdiv.wide(i128 %left, i128 %right) {
  %a = call i128 @llvm.abs.i128(i128 %left, i1 false)
  %b = call i128 @llvm.abs.i128(i128 %right, i1 false)
  %q = call fastcc i128 @udiv.wide(i128 %a, i128 %b)
  %signs = xor i128 %left, %right
  %negative = icmp slt i128 %signs, 0
  %minus = sub i128 0, %q
  %result = select i1 %negative, i128 %minus, i128 %q
  ret i128 %result
}
define internal fastcc i128 @srem.wide(i128 %left, i128 %right) {
  %a = call i128 @llvm.abs.i128(i128 %left, i1 false)
  %b = call i128 @llvm.abs.i128(i128 %right, i1 false)
  %r = call fastcc i128 @urem.wide(i128 %a, i128 %b)
  %negative = icmp slt i128 %left, 0
  %minus = sub i128 0, %r
  %result = select i1 %negative, i128 %minus, i128 %r
  ret i128 %result
}
"""
"""Division of 128 bits, digit by digit; the divisor is not 0."""
