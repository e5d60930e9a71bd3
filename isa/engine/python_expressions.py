"""Typed expressions to Python source text.

Every value is an unsigned int of its width. Three ways to write an expression keep masks few: `value` gives exactly
that int; `loose` gives an int, maybe negative or too long, whose low bits are right, for places that mask anyway;
`condition` gives something whose truth is the u1's, for places that only test it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..model import code
from .layout import Slot
from .python_builtins import builtin
from .python_names import Identifiers
from .python_text import grouped, mask, number

_COMPARISONS = {"==": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_SIGNED = {"<s": "<", "<=s": "<=", ">s": ">", ">=s": ">="}
_NEGATED = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_HELPED = {
    "/": "divide({}, {})",
    "%": "remainder({}, {})",
    "/s": "divide_signed({}, {}, {})",
    "%s": "remainder_signed({}, {}, {})",
}


class Expressions:
    """Writes the expressions of one function. `places` gives the text before `.NAME` and the slot of a register."""

    def __init__(
        self,
        places: Callable[[str], tuple[str, Slot]],
        functions: Identifiers,
        with_state: frozenset[str],
        locals_: Identifiers,
    ) -> None:
        self._places = places
        self._functions = functions
        self._with_state = with_state
        self.locals = locals_

    # The three ways

    def value(self, e: code.Expression) -> str:
        """The exact value."""
        if isinstance(e, code.Binary):
            return self._binary(e)
        if isinstance(e, code.Unary):
            if e.operator == "!":
                return f"{self.operand(e.operand)} ^ 1"
            if e.operator == "~":
                return f"{self.operand(e.operand)} ^ {number(mask(e.width))}"
            return self._masked(e)
        if isinstance(e, code.Extend):
            if not e.signed or e.width == e.operand.width:
                return self.value(e.operand)
            return self._masked(e)
        if isinstance(e, code.Slice):
            return self._slice(e)
        if isinstance(e, code.DynamicSlice):
            return f"({self.operand(e.operand)} >> {self.operand(e.low)}) & {number(mask(e.width))}"
        if isinstance(e, code.Concat):
            return self._concat(e)
        if isinstance(e, code.Insert):
            return self._insert(e)
        if isinstance(e, code.Select):
            condition = self.condition(e.condition)
            condition = f"({condition})" if " if " in condition else condition
            return f"{self.operand(e.then)} if {condition} else {self.operand(e.otherwise)}"
        return self._leaf(e)

    def loose(self, e: code.Expression) -> str:
        """A value that is right modulo 2 to the width."""
        if isinstance(e, code.Binary) and e.operator in ("+", "-", "*"):
            left = self._sum_operand(e.left) if e.operator != "*" else grouped(self.loose(e.left))
            return f"{left} {e.operator} {grouped(self.loose(e.right))}"
        if isinstance(e, code.Binary) and e.operator in ("&", "|", "^"):
            return f"{grouped(self.loose(e.left))} {e.operator} {grouped(self.loose(e.right))}"
        if (
            isinstance(e, code.Binary)
            and e.operator == "<<"
            and isinstance(e.right, code.Const)
            and e.right.value < e.width
        ):
            return f"{grouped(self.loose(e.left))} << {e.right.value}"
        if isinstance(e, code.Unary) and e.operator in ("-", "~"):
            return f"{e.operator}{grouped(self.loose(e.operand))}"
        if isinstance(e, code.Extend) and e.signed and e.operand.width < e.width:
            sign = number(1 << (e.operand.width - 1))
            return f"({self.operand(e.operand)} ^ {sign}) - {sign}"
        if isinstance(e, code.Slice):
            return self.loose(e.operand) if e.low == 0 else f"{grouped(self.loose(e.operand))} >> {e.low}"
        return self.value(e)

    def condition(self, e: code.Expression) -> str:
        """A test of a u1."""
        if isinstance(e, code.Binary):
            if e.operator in ("&&", "||"):
                word = "and" if e.operator == "&&" else "or"
                return f"{self._logical(e.left, word)} {word} {self._logical(e.right, word)}"
            if e.operator in _COMPARISONS or e.operator in _SIGNED:
                return self._comparison(e)
        if isinstance(e, code.Unary) and e.operator in ("!", "~"):
            return self._negation(e.operand)
        if isinstance(e, code.Slice):
            if e.low + 1 == e.operand.width == 1:
                return self.condition(e.operand)
            return f"{grouped(self.loose(e.operand))} & {number(1 << e.low)}"
        return self.value(e)

    def operand(self, e: code.Expression) -> str:
        """The exact value, grouped so that any operator can stand beside it."""
        return grouped(self.value(e))

    def arguments(self, arguments: Iterable[code.Expression]) -> str:
        """Values between commas."""
        return ", ".join(self.value(argument) for argument in arguments)

    def call(self, function: str, arguments: tuple[code.Expression, ...]) -> str:
        """A call of a described function."""
        state = "cpu, reg" if function in self._with_state else ""
        return f"{self._functions[function]}({', '.join(part for part in (state, self.arguments(arguments)) if part)})"

    def register(self, name: str, index: code.Expression | None) -> str:
        """The place of a register or of an array's element."""
        prefix, slot = self._places(name)
        place = f"{prefix}.{slot.attribute}"
        return place if index is None else f"{place}[{self.index(name, index)}]"

    def index(self, register: str, index: code.Expression) -> str:
        """The element that an index stands for: modulo the array's size where it could lie beyond."""
        elements = self._places(register)[1].elements
        if isinstance(index, code.Const):
            return str(index.value % elements)
        if mask(index.width) < elements:
            return self.value(index)
        return f"{self.operand(index)} % {elements}"

    # Details

    def _masked(self, e: code.Expression) -> str:
        return f"{grouped(self.loose(e))} & {number(mask(e.width))}"

    def _sum_operand(self, e: code.Expression) -> str:
        text = self.loose(e)
        return text if isinstance(e, code.Binary) and e.operator in ("+", "-") else grouped(text)

    def _binary(self, e: code.Binary) -> str:
        operator, width = e.operator, e.width
        if operator in ("&&", "||") or operator in _COMPARISONS or operator in _SIGNED:
            return f"1 if {self.condition(e)} else 0"
        if operator in ("+", "-", "*"):
            return self._masked(e)
        if operator == "&":
            # One exact side is enough: it is not negative and bounds the result.
            if isinstance(e.right, code.Unary):
                return f"{self.operand(e.left)} & {grouped(self.loose(e.right))}"
            return f"{grouped(self.loose(e.left))} & {self.operand(e.right)}"
        if operator in ("|", "^"):
            return f"{self.operand(e.left)} {operator} {self.operand(e.right)}"
        if operator == "<<":
            return self._shift_left(e)
        if operator == ">>":
            return f"{self.operand(e.left)} >> {self.operand(e.right)}"
        if operator == ">>s":
            sign = number(1 << (width - 1))
            return f"((({self.operand(e.left)} ^ {sign}) - {sign}) >> {self.operand(e.right)}) & {number(mask(width))}"
        return _HELPED[operator].format(self.value(e.left), self.value(e.right), width)

    def _shift_left(self, e: code.Binary) -> str:
        if isinstance(e.right, code.Const) and e.right.value < e.width:
            return self._masked(e)
        if mask(e.right.width) < e.width:
            return f"({grouped(self.loose(e.left))} << {self.operand(e.right)}) & {number(mask(e.width))}"
        return f"shift_left({self.value(e.left)}, {self.value(e.right)}, {e.width})"

    def _comparison(self, e: code.Binary, negated: bool = False) -> str:
        operator = _SIGNED.get(e.operator, e.operator)
        if e.operator in ("==", "!=") and e.left.width == 1 and isinstance(e.right, code.Const):
            if (e.right.value == 1) == ((e.operator == "==") != negated):
                return self.condition(e.left)
            return self._negation(e.left)
        if negated:
            operator = _NEGATED[operator]
        if e.operator in _SIGNED:
            # Flipping the sign bits makes the signed order the unsigned one.
            sign = 1 << (e.left.width - 1)
            return f"{self._flipped(e.left, sign)} {operator} {self._flipped(e.right, sign)}"
        return f"{self.operand(e.left)} {operator} {self.operand(e.right)}"

    def _flipped(self, e: code.Expression, sign: int) -> str:
        if isinstance(e, code.Const):
            return number(e.value ^ sign)
        return f"({self.operand(e)} ^ {number(sign)})"

    def _negation(self, e: code.Expression) -> str:
        if isinstance(e, code.Binary) and (e.operator in _COMPARISONS or e.operator in _SIGNED):
            return self._comparison(e, negated=True)
        return f"not {grouped(self.condition(e))}"

    def _logical(self, e: code.Expression, word: str) -> str:
        text = self.condition(e)
        if isinstance(e, code.Binary) and e.operator in ("&&", "||"):
            return text if (e.operator == "&&") == (word == "and") else f"({text})"
        return f"({text})" if " if " in text else text

    def _slice(self, e: code.Slice) -> str:
        if e.low == 0:
            return f"{grouped(self.loose(e.operand))} & {number(mask(e.width))}"
        if e.low + e.width == e.operand.width:
            return f"{self.operand(e.operand)} >> {e.low}"
        return f"({grouped(self.loose(e.operand))} >> {e.low}) & {number(mask(e.width))}"

    def _concat(self, e: code.Concat) -> str:
        parts: list[str] = []
        low = e.width
        for part in e.parts:
            low -= part.width
            if isinstance(part, code.Const):
                if part.value:
                    parts.append(number(part.value << low))
            else:
                parts.append(f"({self.operand(part)} << {low})" if low else self.operand(part))
        return " | ".join(parts) or "0"

    def _insert(self, e: code.Insert) -> str:
        if isinstance(e.low, code.Const) and e.low.value + e.value.width <= e.width:
            low = e.low.value
            keep = number(mask(e.width) & ~(mask(e.value.width) << low))
            if isinstance(e.value, code.Const):
                kept = f"{grouped(self.loose(e.base))} & {keep}"
                return f"({kept}) | {number(e.value.value << low)}" if e.value.value else kept
            value = f"({self.operand(e.value)} << {low})" if low else self.operand(e.value)
            return f"({grouped(self.loose(e.base))} & {keep}) | {value}"
        return f"insert({self.value(e.base)}, {self.value(e.low)}, {self.value(e.value)}, {e.value.width}, {e.width})"

    def _leaf(self, e: code.Expression) -> str:
        if isinstance(e, code.Const):
            return number(e.value)
        if isinstance(e, code.Local):
            return self.locals[e.name]
        if isinstance(e, code.Special):
            return {"word": "cpu.instruction.word", "length": "cpu.instruction.length"}.get(e.name, f"cpu.{e.name}")
        if isinstance(e, code.ReadRegister):
            return self.register(e.register, e.index)
        if isinstance(e, code.ReadMemory):
            if e.kind == 0:
                return f"cpu.load({self.value(e.address)}, {e.size})"
            return f"cpu.load_as({self.value(e.address)}, {e.size}, {e.kind})"
        if isinstance(e, code.ReadPhysical):
            return f'cpu.read_physical({self.value(e.address)}, {e.size}, "{e.order}")'
        if isinstance(e, code.Call):
            return self.call(e.function, e.arguments)
        assert isinstance(e, code.Builtin)
        return builtin(self.value, e.name, e.arguments, e.extra)
