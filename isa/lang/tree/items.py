"""The syntax tree of items: declarations and their parts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .body import Block, Expression, Name, Node, TypeName


@dataclass(frozen=True, slots=True)
class ComparisonOf(Node):
    left: str
    right: int | str
    equal: bool


@dataclass(frozen=True, slots=True)
class Exclusion(Node):
    """A conjunction of comparisons; an except clause is a disjunction of these."""

    terms: tuple[ComparisonOf, ...]


@dataclass(frozen=True, slots=True)
class Annotation(Node):
    name: str
    values: dict[str, int | str]


@dataclass(frozen=True, slots=True)
class Modifiers:
    """What stands behind an item's name, in any order."""

    title: str = ""
    requires: tuple[Name, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    excludes: tuple[Exclusion, ...] = ()
    unguarded: bool = False
    completes: bool = False
    input_only: bool = False
    inside: Name | None = None
    scope: Name | None = None
    reset: Expression | None = None


@dataclass(frozen=True, slots=True)
class ParameterOf(Node):
    name: str
    type: TypeName


@dataclass(frozen=True, slots=True)
class BitRangeOf(Node):
    name: str
    first: int
    last: int
    title: str


@dataclass(frozen=True, slots=True)
class AtClause(Node):
    space: str
    keys: tuple[Expression, ...]
    read: Name | None = None
    write: Name | None = None
    spelled: str = ""
    """The register's name where an instruction's text says the number by a name."""


@dataclass(frozen=True, slots=True)
class Handler(Node):
    """`kind`: read or write; `parameters` names its index and value, as far as it has them."""

    kind: str
    parameters: tuple[str, ...]
    body: Block


@dataclass(frozen=True, slots=True)
class BankOf(Node):
    first: int
    last: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ZeroOf(Node):
    """The element of an array that is always 0."""

    index: int


@dataclass(frozen=True, slots=True)
class LayoutElement(Node):
    """`kind`: field, piece, fixed, should_be."""

    kind: str
    name: str
    width: int
    first: int = 0
    last: int = 0
    value: int = 0


@dataclass(frozen=True, slots=True)
class CodecOf(Node):
    """`otherwise` is the operand that stands for this one in an encoding that lacks one of its fields."""

    kind: str
    names: tuple[Name, ...] = ()
    options: dict[str, int] = field(default_factory=dict)
    otherwise: Name | None = None


@dataclass(frozen=True, slots=True)
class TemplateText(Node):
    """A syntax template's text; `span` starts at the word `syntax`, `offset` characters before the text.

    `columns`: for each character, and the end, how far from the text's beginning it was written; () if nothing moved.
    """

    text: str
    offset: int
    columns: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseAssignment(Node):
    field: str
    value: int | None
    layout: tuple[LayoutElement, ...]


@dataclass(frozen=True, slots=True)
class CaseOf(Node):
    label: str
    assignments: tuple[CaseAssignment, ...]
    modifiers: Modifiers
    templates: tuple[TemplateText, ...]
    value: Expression | Block | None


@dataclass(frozen=True, slots=True)
class Assignment(Node):
    name: str
    value: Expression


@dataclass(frozen=True, slots=True)
class EnumMember(Node):
    name: str
    value: int
    title: str


@dataclass(frozen=True, slots=True)
class SpellingsOf(Node):
    """One value's spellings (−1: the next value), `also` spellings for a given value, or a range `r0 .. r31`."""

    kind: str
    spellings: tuple[str, ...]
    value: int = 0


@dataclass(frozen=True, slots=True)
class CallResultOf(Node):
    code: str
    values: tuple[ParameterOf, ...]


@dataclass(frozen=True, slots=True)
class ValueRange(Node):
    valid: bool
    first: Expression
    last: Expression


@dataclass(frozen=True, slots=True)
class TextOf(Node):
    """A string in a family's row."""

    text: str


@dataclass(frozen=True, slots=True)
class RowOf(Node):
    """A row of a family: a cell for each column."""

    cells: tuple[Expression | TextOf, ...]


@dataclass(frozen=True, slots=True)
class PortOf(Node):
    kind: str
    name: str
    count: int
    type: TypeName | None


@dataclass(frozen=True, slots=True)
class WireOf(Node):
    """`source -> target`, or `source -> target.function(arguments)`; `then` is called when an input has something."""

    source: str
    target: Name
    function: str
    arguments: tuple[Expression, ...]
    then: Name | None


@dataclass(frozen=True, slots=True)
class PlacedDeviceOf(Node):
    device: str
    address: Expression
    size: Expression | None
    wires: tuple[WireOf, ...]


@dataclass(frozen=True, slots=True)
class EntryRegisterOf(Node):
    """`index` -1: the whole register."""

    register: str
    index: int
    value: Expression


@dataclass(frozen=True, slots=True)
class TreeCellsOf(Node):
    """`each vcpu { … }`: cells for every vcpu."""

    each: Name
    cells: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class TreePropertyOf(Node):
    """A property of a device tree: texts and cells, one behind the other."""

    name: str
    values: tuple[TextOf | TreeCellsOf | Expression, ...]


@dataclass(frozen=True, slots=True)
class TreeNodeOf(Node):
    """A node of a device tree; with `each`, one for every vcpu."""

    name: str
    each: Name | None
    members: tuple[TreeNodeOf | TreePropertyOf, ...]


@dataclass(frozen=True, slots=True)
class Item(Node):
    """An item: its kind (`register`, `instruction`, …), name, modifiers and parts by name.

    `origin` is "", "extend" or "replace". What was made of an item is kept by its `digest` ("": by nothing), which
    tells all that is written, places included, and by what the names in it mean (`mentions`, between blanks).
    """

    kind: str
    name: str
    modifiers: Modifiers
    parts: dict[str, Any] = field(default_factory=dict)
    origin: str = ""
    digest: str = field(default="", compare=False, repr=False)
    mentions: str = field(default="", compare=False, repr=False)
