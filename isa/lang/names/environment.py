"""What names mean in a description as one core sees it: types, constants, registers, functions, operands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...model import code
from ...model import items as model
from .. import tree
from ..tree import Item, Name, Span
from ..tree.diagnostics import Problems, did_you_mean
from . import fold
from .types import MAX_WIDTH, Type, bits


class Mistake(Exception):
    """A problem that ends the work on one statement or item; it has been reported already."""


@dataclass(frozen=True, slots=True)
class Signature:
    """A function's parameters and results."""

    parameters: tuple[tuple[str, Type], ...]
    results: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """An instance of a generic function: its name, that of the function, how far it is from the first instance that
    needs it, and what gives the compile-time arguments and the place of the call."""

    name: str
    generic: str
    depth: int
    call: Callable[[], tuple[Sequence[tree.Expression], Span]]


@dataclass
class Environment:
    """Symbol tables for one core, and what has been built so far.

    `items` holds the syntax by namespace and name; the other tables hold what it means.
    """

    problems: Problems
    core: str = ""
    features: frozenset[str] = frozenset()
    known_features: frozenset[str] = frozenset()
    numbering: str = "right"
    byte_order: str = "little"
    address: Type = field(default_factory=lambda: Type(32))
    cia: str = "CIA"
    nia: str = "NIA"
    files: list[str] = field(default_factory=list)
    items: dict[str, dict[str, Item]] = field(default_factory=dict)
    enums: dict[str, model.Enum] = field(default_factory=dict)
    bitfields: dict[str, model.BitField] = field(default_factory=dict)
    constants: dict[str, model.Constant] = field(default_factory=dict)
    constant_types: dict[str, Type] = field(default_factory=dict)
    registers: dict[str, model.Register] = field(default_factory=dict)
    spaces: dict[str, model.Space] = field(default_factory=dict)
    names: dict[str, model.NamesList] = field(default_factory=dict)
    signatures: dict[str, Signature] = field(default_factory=dict)
    functions: dict[str, code.Function] = field(default_factory=dict)
    interrupts: dict[str, tuple[tuple[str, Type], ...]] = field(default_factory=dict)
    exits: dict[str, tuple[tuple[str, Type], ...]] = field(default_factory=dict)
    argument_classes: dict[str, model.ArgumentClass] = field(default_factory=dict)
    abis: dict[str, model.HypercallAbi] = field(default_factory=dict)
    banks: dict[str, dict[int, tuple[str, ...]]] = field(default_factory=dict)
    zeros: dict[str, int] = field(default_factory=dict)
    settings: dict[str, tree.Assignment] = field(default_factory=dict)
    generics: dict[str, Item] = field(default_factory=dict)
    asked: list[Wanted] = field(default_factory=list)
    """Instances of generic functions that bodies call, in order."""
    requested: set[str] = field(default_factory=set)
    wanted: list[Wanted] = field(default_factory=list)
    """Those of them whose bodies are to be lowered."""
    instance_depth: int = 0
    locals: dict[tuple[str, int, str], Type] | None = None
    """Where somebody wants to know: by file, line and name, the types of variables and parameters."""

    def of(self, kind: str) -> Iterable[Item]:
        """The items of a namespace in their order."""
        return self.items.get(kind, {}).values()

    def request(
        self, name: str, generic: str, call: Callable[[], tuple[Sequence[tree.Expression], Span]]
    ) -> None:
        """Notes that the body under way calls an instance; its own is lowered once."""
        wanted = Wanted(name, generic, self.instance_depth + 1, call)
        self.asked.append(wanted)
        if name not in self.requested:
            self.requested.add(name)
            self.wanted.append(wanted)

    def error(self, code: str, message: str, span: Span, hint: str = "") -> Mistake:
        """Records a problem; the caller raises what it gets."""
        self.problems.add(code, message, span, hint)
        return Mistake(message)

    def unknown(self, what: str, name: str, span: Span, known: Iterable[str]) -> Mistake:
        """A name that does not exist, with the closest ones that do.

        Nothing is said of one that a file declares: a problem of its declaration has been reported.
        """
        if self.problems.found and any(name in table for kind, table in self.items.items() if kind != "gated"):
            self.problems.attempts += 1
            return Mistake(name)
        return self.error("unknown-name", f"there is no {what} '{name}'", span, did_you_mean(name, known))

    def type_of(self, written: tree.TypeName) -> Type:
        """The meaning of a scalar type; `Mistake` if there is none."""
        if written.parts:
            raise self.error("type", "a tuple type can only be a function's result", written.span)
        if written.width is not None:
            return self._sized_type(written, written.width)
        width = bits(written.name)
        if width:
            return Type(width)
        if written.name in self.enums:
            return Type(self.enums[written.name].width, written.name)
        if written.name in self.bitfields:
            if self.bitfields[written.name].width > MAX_WIDTH:
                raise self.error("type", f"'{written.name}' is a structure in memory: values have 128 bits at most",
                                 written.span, "read the part that is needed, and name its type")
            return Type(self.bitfields[written.name].width, written.name)
        if written.name in self.argument_classes:
            return Type(self.argument_classes[written.name].width)
        if written.name.startswith("u") and written.name[1:].isdigit():
            raise self.error("type", f"'{written.name}' is not a width: u1 to u128 are", written.span)
        raise self.unknown(
            "type", written.name, written.span, [*self.enums, *self.bitfields, "u8", "u16", "u32", "u64", "u128"]
        )

    def _sized_type(self, written: tree.TypeName, expression: tree.Expression) -> Type:
        if written.name != "u":
            raise self.error("type", f"'{written.name}(…)' is no type", written.span, "u(W) has W bits")
        width = self.literal(expression)
        if width is None:
            raise self.error("constant", "a type's width must be a constant", expression.span)
        if not 1 <= width <= MAX_WIDTH:
            raise self.error("type", f"u({width}) is not a width: 1 to {MAX_WIDTH} are", expression.span)
        return Type(width)

    def literal(self, expression: tree.Expression) -> int | None:
        """The number that an expression of numbers and constants comes to; None if it is something else."""
        if isinstance(expression, tree.IntegerLiteral):
            return expression.value
        if isinstance(expression, tree.Name) and expression.name in self.constants:
            return self.constants[expression.name].value
        if isinstance(expression, tree.BinaryOf):
            left, right = self.literal(expression.left), self.literal(expression.right)
            if left is None or right is None:
                return None
            if expression.operator in ("/", "%") and right:
                return left // right if expression.operator == "/" else left % right
            if expression.operator in ("<<", ">>") and 0 <= right <= MAX_WIDTH:
                return left << right if expression.operator == "<<" else left >> right
            exact = fold.EXACT.get(expression.operator)
            return None if exact is None else exact(left, right)
        return None

    def results_of(self, written: tree.TypeName | None) -> tuple[Type, ...]:
        """A function's result types: none, one, or a tuple's."""
        if written is None:
            return ()
        if written.parts:
            return tuple(self.type_of(part) for part in written.parts)
        return (self.type_of(written),)

    def parameters_of(self, written: Iterable[tree.ParameterOf]) -> tuple[tuple[str, Type], ...]:
        """Names and types; a repeated name is a problem."""
        result: list[tuple[str, Type]] = []
        for parameter in written:
            if any(parameter.name == name for name, _ in result):
                raise self.error("duplicate", f"parameter '{parameter.name}' stands there twice", parameter.span)
            result.append((parameter.name, self.type_of(parameter.type)))
        return tuple(result)

    def low_bit(self, first: int, last: int, width: int, span: Span, what: str) -> tuple[int, int]:
        """(lowest bit, width) of a range in the book's numbering; `Mistake` if it is no range of `width` bits."""
        if self.numbering == "left":
            if not 0 <= first <= last < width:
                raise self.error(
                    "range",
                    f"bits {first}:{last} are not a range of {what}, which has bits 0:{width - 1} from the left",
                    span,
                )
            return width - 1 - last, last - first + 1
        if not width > first >= last >= 0:
            raise self.error(
                "range", f"bits {first}:{last} are not a range of {what}, which has bits {width - 1}:0", span
            )
        return last, first - last + 1

    def line(self, span: Span) -> int:
        """The packed place of a span (see `model.code`)."""
        if span.file not in self.files:
            self.files.append(span.file)
        return self.files.index(span.file) << 20 | span.line

    def fields_of(self, type_: Type) -> tuple[model.BitRange, ...]:
        """The named parts of a bit field type; () for others."""
        found = self.bitfields.get(type_.name)
        return found.fields if found else ()

    def enabled(self, item: Item) -> bool:
        """Whether this core has the features that an item requires."""
        return all(name.name in self.features for name in item.modifiers.requires)

    def check_features(self, names: Iterable[Name]) -> None:
        """Features that no file declares are problems."""
        for name in names:
            if name.name not in self.known_features:
                self.problems.add(
                    "unknown-name",
                    f"there is no feature '{name.name}'",
                    name.span,
                    did_you_mean(name.name, self.known_features),
                )


def annotations_of(item: Item) -> dict[str, Any]:
    """An item's annotations as plain data."""
    return {annotation.name: dict(annotation.values) for annotation in item.modifiers.annotations}
