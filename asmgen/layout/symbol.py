"""A symbol of one file."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from ..expressions.tree import Expression
from ..text.diagnostics import Place, SourceError
from .sections import Mark, Section


class Binding(Enum):
    """Who sees a symbol."""

    LOCAL = "local"
    GLOBAL = "global"
    WEAK = "weak"


class Traits(Struct, frozen=True):
    """What a symbol that is set to another one takes over from it."""

    kind: str
    size: Expression | None
    local_entry: Expression | None


class Symbol(Struct, eq=False):
    """A symbol of one file; a label has `mark` and `section`, an assigned one has `expression`."""

    name: str
    place: Place | None = None
    binding: Binding = Binding.LOCAL
    kind: str = ""
    """"function", "object" or empty."""
    size: Expression | None = None
    section: Section | None = None
    mark: Mark | None = None
    expression: Expression | None = None
    is_variable: bool = False
    """Set by `.set`: may be set again."""
    is_lazy: bool = False
    """Set by `.eqv`: its expression is taken anew at each use."""
    told: Expression | None = None
    """What the symbol table says of a lazy one: its value where it was defined."""
    is_spoken_of: bool = False
    """Whether `.type` or `.size` named it: objects have it then, though nothing defines it."""
    taken: Traits | None = None
    """What it took from the symbol that it is set to, when that was done."""
    takes_at_end: bool = False
    """Whether the symbol that it is set to was defined behind it: then it takes what that has in the end."""
    version: int = 0
    """How often a variable has got another value."""
    visibility: str = ""
    """"hidden", "protected", "internal" or empty."""
    common: tuple[int, int] | None = None
    """Size and alignment of room that files share (`.comm`)."""
    local_entry: Expression | None = None
    """ELFv2: how far behind the symbol a function begins for callers that share its TOC (`.localentry`)."""
    label_bit: int = 0
    """The pointer bit of the instruction set in which the label was defined."""
    mention: Place | None = None
    """Where `.global` or `.type` spoke of it, for the error when it is never defined."""

    @property
    def defined(self) -> bool:
        """Whether it has a value."""
        return self.mark is not None or self.expression is not None

    @property
    def pointer_bit(self) -> int:
        """What a pointer to this symbol carries in its lowest bits: something for functions only."""
        return self.label_bit if self.kind == "function" else 0

    @property
    def code_bit(self) -> int | None:
        """The pointer bit of the code that the label stands in front of; None for data."""
        if self.kind == "function":
            return self.label_bit
        return self.mark.code_bit if self.mark is not None else None

    @property
    def traits(self) -> Traits:
        """What another symbol that is set to it takes now."""
        taken = self.taken or Traits("", None, None)
        kind = "function" if taken.kind == "function" else self.kind or taken.kind
        return Traits(kind, self.size or taken.size, self.local_entry or taken.local_entry)

    @property
    def is_made(self) -> bool:
        """Whether no source names it so: numeric labels, and places that stored expressions stand for."""
        return "\x01" in self.name or self.name.startswith(".Lhere$")

    @property
    def is_temporary(self) -> bool:
        """Whether it stays out of the symbol table: numeric labels, and names that ELF's tools take for made ones."""
        return self.name.startswith((".L", "..", "_.L_")) or "\x01" in self.name


def numeric_name(number: int, count: int) -> str:
    """How the `count`th numeric label `number` of a file is kept."""
    return f"{number}\x01{count}"


class UndefinedSymbol(SourceError):
    """A name that no file defines; reported once a name."""

    def __init__(self, name: str, offset: int, hint: str) -> None:
        super().__init__(f"nothing defines '{name}'", offset,
                         hint or "define it, or say .global in the file that does")
        self.name = name
