"""An object as the linker sees it: sections, symbols and relocations."""

from __future__ import annotations

from msgspec import Struct, field


class LinkError(Exception):
    """What is wrong with the files, and the way out."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InputSection(Struct, eq=False):
    """A section of a file; `data` may be changed by relocations. `offset` is its place in `output`, once it has one."""

    module: Module
    name: str
    kind: int
    """SHT_*."""
    flags: int
    """SHF_*."""
    alignment: int
    size: int
    data: bytearray
    relocations: list[InputRelocation] = field(default_factory=list)
    is_dropped: bool = False
    """Another file's copy of the same group is taken."""
    output: OutputSection | None = None
    offset: int = 0

    @property
    def address(self) -> int:
        """Where it lies, once the output has a place."""
        return (self.output.address if self.output is not None else 0) + self.offset

    def describe(self, offset: int) -> str:
        """A place in it for messages."""
        return f"{self.module.name}({self.name}+{offset:#x})"


class OutputSection(Struct, eq=False):
    """Sections of one name, put together."""

    name: str
    flags: str
    """GNU as's letters."""
    nobits: bool
    alignment: int = 1
    size: int = 0
    address: int = 0
    parts: list[InputSection] = field(default_factory=list)


class InputSymbol(Struct, eq=False):
    """A symbol of a file. `section` None with `is_defined`: a plain number; `common`: its alignment, or 0."""

    name: str
    value: int
    size: int
    binding: str
    """local, global or weak."""
    kind: str
    """function, object, section, file or empty."""
    section: InputSection | None
    is_defined: bool
    common: int = 0
    other: int = 0


class InputRelocation(Struct, frozen=True):
    """At `offset` of a section: the relocation `name` against `symbol`; None: the addend stands at the place."""

    offset: int
    name: str
    symbol: InputSymbol | None
    addend: int | None


class Module(Struct, eq=False):
    """One object file, or a member of an archive."""

    name: str
    sections: list[InputSection] = field(default_factory=list)
    symbols: list[InputSymbol] = field(default_factory=list)
    groups: list[tuple[str, list[InputSection]]] = field(default_factory=list)
    """COMDAT groups by their signature."""
    flags: int = 0
    """e_flags."""
