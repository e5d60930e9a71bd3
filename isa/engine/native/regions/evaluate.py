"""Typed expressions of one instruction, with its fields known: as much as possible is computed now."""

from __future__ import annotations

from collections.abc import Sequence

from ....model import code
from ...purity import is_pure_builtin
from ..floats import QUICK_FLAGS, Quick, adjusts, directed, emit_quick, flags_text, quick_of
from ..handlers import is_simple
from ..shared import cpu_layout as cpu
from ..text import EMITTED, WIDEST_DIVISION, FunctionText
from .accesses import load_text
from .bits import Bits
from .bitwise import bitwise
from .folding import fold_binary, fold_builtin, fold_resize
from .pieces import Piece
from .state import Unsupported
from .values import Before, Deferred, Later, Part, Parts, Recipe, Scalar, Value, joined, side_by_side

_DIVISIONS = ("/", "%", "/s", "%s")


class Evaluate(Bits):
    """Expressions; what has control flow in it is written by `Execute`, which inherits from this."""

    def hook(self, name: str) -> Scalar:
        """What a hook without parameters, of one bit, answers."""
        raise NotImplementedError

    def call(self, function: str, arguments: Sequence[code.Expression]) -> list[Value]:
        """Calls a described function, whose body is written in place."""
        raise NotImplementedError

    def value(self, e: code.Expression) -> Value:
        """An expression's value; 0 where nothing can come here any more."""
        if self.dead:
            return 0
        if isinstance(e, code.Const):
            return e.value
        if isinstance(e, code.Local):
            return self.frame.variables.get(e.name, (0, e.width))[0]
        if isinstance(e, code.ReadRegister):
            return self._read_register(e)
        if isinstance(e, code.Slice):
            return self.slice_of(self.value(e.operand), e.operand.width, e.low, e.width)
        if isinstance(e, code.Binary):
            return self._binary(e)
        if isinstance(e, code.Unary):
            return self._unary(e)
        if isinstance(e, code.Extend):
            return self.extend_of(e)
        if isinstance(e, code.Concat):
            return self.concat_of(e)
        if isinstance(e, code.Insert):
            return self.insert_of(e)
        if isinstance(e, code.Select):
            return self._select(e)
        if isinstance(e, code.Call):
            results = self.call(e.function, e.arguments)
            return results[0] if results else 0
        if isinstance(e, code.Special):
            return self._special(e)
        if isinstance(e, code.DynamicSlice):
            return self.dynamic_slice_of(e)
        if isinstance(e, code.ReadMemory):
            return self._load(e)
        if isinstance(e, code.ReadPhysical):
            self.give_up()
            return 0
        results = self.builtin(e.name, e.arguments, e.extra, (e.width,) if e.width else ())
        return results[0] if results else 0

    # Leaves

    def _special(self, e: code.Special) -> Value:
        if e.name == "cia":
            return self.pc
        if e.name == "nia":
            return self.sequential if self.following is None else self.following
        if e.name == "word":
            return self.word
        if e.name == "length":
            return self.length
        return self._retired()

    def _retired(self) -> Scalar:
        base = self.text.field(cpu.BASE)
        return self.text.value(f"sub i64 {base}, {self.left()}")

    def _read_register(self, e: code.ReadRegister) -> Value:
        pieces = self.pieces_of(e.register, e.index)
        if len(pieces) == 1:
            return self.read_piece(pieces[0])
        return Parts(tuple((piece.width, self.registers.get(piece, Before(piece))) for piece in pieces))

    def pieces_of(self, register: str, index: code.Expression | None) -> tuple[Piece, ...]:
        """The pieces of a register, or of the element that an index stands for, which must be known."""
        if index is None:
            return self.surroundings.pieces.of(register, 0)
        number = self.scalar(index)
        if not isinstance(number, int):
            raise Unsupported
        return self.surroundings.pieces.of(register, number % self.surroundings.unit.place(register)[1].elements)

    def read_piece(self, piece: Piece) -> Scalar:
        """What a piece holds now."""
        found = self.registers.get(piece)
        return self.text.before(piece, True) if found is None else self.text.resolved(found)

    def _load(self, e: code.ReadMemory) -> Value:
        address = self.scalar(e.address)
        if e.kind != 0:
            self.give_up()
        if self.dead:
            return 0
        wide = fold_resize(self.text, address, e.address.width, 64)
        self.text.derive(wide, address)
        big = self.hook("big_endian") if e.size > 1 else 0
        self.loads += 1
        return load_text(self.text, str(wide), e.size, big, self.side_exit())

    # Operators

    def _unary(self, e: code.Unary) -> Value:
        value = self.value(e.operand)
        if e.operator == "-":
            return fold_binary(self.text, "-", 0, self.text.scalar(value, e.width), e.width, e.width)
        ones = (1 << e.width) - 1
        apart = bitwise(self.text, "^", value, ones, e.width, self.cut, self.text.resolved)
        if apart is not None:
            return apart
        return fold_binary(self.text, "^", self.text.scalar(value, e.width), ones, e.width, e.width)

    def _binary(self, e: code.Binary) -> Value:
        left = self.value(e.left)
        if e.operator in ("&&", "||"):
            decides = 0 if e.operator == "&&" else 1
            left = self.text.scalar(left, 1)
            if left == decides:
                return decides
            if not isinstance(left, int) and not is_simple(e.right):
                sides = (e.right, code.Const(decides, 1))
                then, otherwise = sides if e.operator == "&&" else sides[::-1]
                return self.choose(left, then, otherwise, 1)
        # What does not matter is not evaluated: it might make a mode of a flag.
        absorbs = {"|": (1 << e.width) - 1, "&": 0}.get(e.operator)
        if left == absorbs and is_simple(e.right):
            return left
        operator, other = e.operator, e.right
        if operator == "&" and isinstance(other, code.Unary) and other.operator == "~":
            operator, other = "&~", other.operand
        right = self.value(other)
        if e.operator in _DIVISIONS and e.width > WIDEST_DIVISION:
            raise Unsupported
        apart = bitwise(self.text, operator, left, right, e.left.width, self.cut, self.text.resolved)
        if apart is not None:
            return apart
        first, second = self.text.scalar(left, e.left.width), self.text.scalar(right, e.right.width)
        if operator == "&~":
            second = fold_binary(self.text, "^", second, (1 << e.width) - 1, e.width, e.width)
        decided = self.facts.decided(e.operator, first, second, e.left.width)
        if decided is not None:
            return decided
        result = fold_binary(self.text, e.operator, first, second, e.left.width, e.right.width)
        if e.operator in ("+", "-", "&"):
            self.text.derive(result, first, second)
        self.facts.note_test(result, e.operator, first, second, e.left.width)
        return result

    def _select(self, e: code.Select) -> Value:
        condition = self.scalar(e.condition)
        if isinstance(condition, int):
            return self.value(e.then if condition else e.otherwise)
        if not (is_simple(e.then) and is_simple(e.otherwise)):
            return self.choose(condition, e.then, e.otherwise, e.width)
        then, otherwise = self.scalar(e.then), self.scalar(e.otherwise)
        if then == otherwise:
            return then
        if isinstance(then, int) and isinstance(otherwise, int):
            apart = side_by_side([then, otherwise], e.width, [self.cut, self.cut])
            if apart is not None:
                return joined([(size, self._chosen(condition, parts, size)) for size, parts in apart])
        chosen = self.text.value(f"select i1 {condition}, i{e.width} {then}, i{e.width} {otherwise}")
        self.note_targets(chosen, (then, otherwise))
        return chosen

    def _chosen(self, condition: str, parts: Sequence[Part], width: int) -> Part:
        """One of two numbers that are the same or, with one bit, differ."""
        if parts[0] == parts[1]:
            return parts[0]
        return condition if parts[0] else fold_binary(self.text, "^", condition, 1, 1, 1)

    def choose(self, condition: str, then: code.Expression, otherwise: code.Expression, width: int) -> Value:
        """One of two expressions, of which only the chosen one is evaluated."""
        raise NotImplementedError

    # Built-ins

    def builtin(
        self, name: str, arguments: Sequence[code.Expression], extra: tuple[int, ...], results: Sequence[int]
    ) -> list[Value]:
        """A built-in's results."""
        values = [(self.scalar(argument), argument.width) for argument in arguments]
        if self.dead:
            return [0] * len(results)
        if name in EMITTED:
            return list(fold_builtin(self.text, name, values, extra))
        if name == "instructions_retired":
            return [self._retired()]
        widths = tuple(width for _, width in values)
        quick = quick_of(name, widths, extra) if self.surroundings.unit.has_fma else None
        if is_pure_builtin(name) and quick is not None:
            return self._quick(quick, values)
        self.give_up()
        return [0] * len(results)

    def _quick(self, quick: Quick, values: Sequence[tuple[Scalar, int]]) -> list[Value]:
        """Floating point by the host's instructions; where that cannot be exact, the other tier does it."""
        operands = [str(value) for value, _ in values]
        rounding = operands.pop() if quick.rounds else "0"
        found = self.facts.computed(quick, operands, rounding)
        if found is None:
            found = self._computed(quick, operands, rounding)
            self.facts.note_result(quick, operands, rounding, found)
        return found

    def _computed(self, quick: Quick, operands: list[str], rounding: str) -> list[Value]:
        out = self.side_exit()
        result = emit_quick(self.text, quick, operands, rounding, out)
        if adjusts(quick) and rounding != "0":
            result, flags = directed(self.text, quick, operands, result, rounding, out)
            told: Part = flags
        else:
            told = Later(Deferred(_flags_of(quick, len(operands)), (*operands, result)), 0, 16)
        return [result, self._told_flags(told)]

    def _told_flags(self, flags: Part) -> Value:
        """A quick result has few flags: the others are known to be 0."""
        parts: list[tuple[int, Part]] = [(1, 0)] * 16
        for place in QUICK_FLAGS:
            parts[place] = 1, self.cut(flags, 16, place, 1)
        return joined(parts)


def _flags_of(quick: Quick, operands: int) -> Recipe:
    """How a result's flags are computed of operands and result."""

    def write(text: FunctionText, values: Sequence[Scalar]) -> Scalar:
        texts = [str(value) for value in values]
        return flags_text(text, quick, texts[:-1], texts[-1])

    return Recipe(quick, 16, (*(quick.width for _ in range(operands)), quick.to), write)
