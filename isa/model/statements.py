"""Typed statements; see `code` for the whole."""

from .expressions import Expression, Node


class Let(Node, frozen=True):
    """Declares a variable (unique in its function) and gives it a value."""

    line: int
    name: str
    width: int
    value: Expression


class Set(Node, frozen=True):
    """Assigns a declared variable."""

    line: int
    name: str
    value: Expression


class CallInto(Node, frozen=True):
    """Calls a described function with several results and declares a variable for each ("" drops it)."""

    line: int
    names: tuple[str, ...]
    widths: tuple[int, ...]
    function: str
    arguments: tuple[Expression, ...]


class BuiltinInto(Node, frozen=True):
    """Like `CallInto`, for a built-in with several results."""

    line: int
    names: tuple[str, ...]
    widths: tuple[int, ...]
    name: str
    arguments: tuple[Expression, ...]
    extra: tuple[int, ...]


class SetRegister(Node, frozen=True):
    """Writes a register's storage, whole."""

    line: int
    register: str
    index: Expression | None
    value: Expression


class SetNext(Node, frozen=True):
    """Sets the next instruction's address."""

    line: int
    value: Expression


class SetMemory(Node, frozen=True):
    """Translated write."""

    line: int
    address: Expression
    size: int
    kind: int
    value: Expression


class SetPhysical(Node, frozen=True):
    """Untranslated write."""

    line: int
    address: Expression
    size: int
    order: str
    value: Expression


class Do(Node, frozen=True):
    """Evaluates for its effect."""

    line: int
    value: Expression


class If(Node, frozen=True):
    """Two-way choice; `otherwise` may be empty."""

    line: int
    condition: Expression
    then: "tuple[Statement, ...]"
    otherwise: "tuple[Statement, ...]"


class SwitchCase(Node, frozen=True):
    """Values (first, last) included, and what to do."""

    ranges: tuple[tuple[int, int], ...]
    body: "tuple[Statement, ...]"


class Switch(Node, frozen=True):
    """The first case that holds the subject's value, else `default`."""

    line: int
    subject: Expression
    cases: tuple[SwitchCase, ...]
    default: "tuple[Statement, ...]"


class For(Node, frozen=True):
    """Runs `body` with `name` = first … last, both included, not at all if first > last (unsigned)."""

    line: int
    name: str
    width: int
    first: Expression
    last: Expression
    body: "tuple[Statement, ...]"


class Return(Node, frozen=True):
    """Ends the function with its results."""

    line: int
    values: tuple[Expression, ...]


class Raise(Node, frozen=True):
    """Ends the instruction and enters an interrupt."""

    line: int
    interrupt: str
    arguments: tuple[Expression, ...]


class Leave(Node, frozen=True):
    """The run ends with this exit once the instruction (or interrupt entry) is complete."""

    line: int
    exit: str
    arguments: tuple[Expression, ...]


Statement = (
    Let
    | Set
    | CallInto
    | BuiltinInto
    | SetRegister
    | SetNext
    | SetMemory
    | SetPhysical
    | Do
    | If
    | Switch
    | For
    | Return
    | Raise
    | Leave
)
Body = tuple[Statement, ...]
