"""Plain facts of an architecture that the assembler and the writers of files ask for."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from .padding import CodePadding


class OldBranches(Struct, frozen=True):
    """An instruction that gets a relocation where a source says that it is for one of these machines."""

    instruction: str
    relocation: str
    machines: frozenset[str]


class InstructionSet(Struct, frozen=True):
    """One of the instruction sets of an architecture (A32, T32; Power has one)."""

    name: str
    alignment: int = 4
    """Bytes to which every instruction is aligned."""
    mapping_symbol: str = ""
    """Symbol that marks where such code begins (`$a`; ELF for the Arm Architecture, mapping symbols)."""
    pointer_bit: int = 0
    """What a pointer to a function of this set carries in its lowest bit (1 for T32)."""
    padding: CodePadding | None = None
    """What fills alignment gaps in code; None means zeros."""
    literal_moves: tuple[str, ...] = ()
    """A load, and the moves of a number that may stand in its place (`ldr` with an operand `=number`)."""
    directives: tuple[str, ...] = ()
    """Directives that switch to this set (".arm"); `.code N` names them by width."""
    machine_padding: Mapping[str, CodePadding] = field(default_factory=dict)
    """What fills gaps where a source names another machine (`.machine`, `.arch`)."""
    other_padding: CodePadding | None = None
    """What fills gaps where a source names a machine of which nothing is said."""
    is_machine_late: bool = False
    """Whether all gaps of a file are filled for the machine that it names last."""
    machine_additions: frozenset[str] = frozenset()
    """What a source may add to a machine, and name as one."""
    has_long_addresses: bool = False
    """Whether `adrl` makes an address by two instructions."""
    divided: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What mnemonics meant before unified syntax (`.syntax divided`): statements to try (see `divided_syntax`)."""
    other_types: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Letters of an element type (`s` of `.s16`), and those that are tried in their place: operations that no sign or
    kind makes a difference to take them all."""
    short_types: Mapping[str, str] = field(default_factory=dict)
    """Element types that have a shorter name, by that (`f` for `f32`)."""
    same_names: Mapping[str, str] = field(default_factory=dict)
    """Names of registers that are read as others."""
    number_places: str = ""
    """A regular expression for an expression in operands in whose place its number is tried."""
    old_branches: OldBranches | None = None
    """A branch that a linker has to know for old machines."""
    low_first: bool = False
    """Whether the first of two units has the low bits of the word."""
    base: str = ""
    """The instruction set of the description, where `name` names it with what `.option` has switched on."""
    has_widths: bool = False
    """Whether `.n` and `.w` behind a mnemonic ask for the short and the long encoding."""
    other_operands: tuple[tuple[str, str], ...] = ()
    """Regular expressions for ways to write operands, and what is read for them where nothing else is meant."""

    def units(self, word: int) -> tuple[int, int]:
        """The first and the second of the two 16-bit units of a word."""
        return (word & 0xFFFF, word >> 16) if self.low_first else (word >> 16, word & 0xFFFF)


class BuildAttributes(Struct, frozen=True):
    """Section name and type (SHT_*), the vendor's name, and attributes by tag in ascending order."""

    section: str
    section_type: int
    vendor: str
    tags: tuple[tuple[int, int | str], ...]


class ElfTraits(Struct, frozen=True):
    """What the ELF header says: machine number, 32 or 64 bits, flags, byte order; and build attributes, if any."""

    machine: int
    bits: int
    flags: int
    big_endian: bool
    attributes: BuildAttributes | None = None


class DwarfTraits(Struct, frozen=True):
    """DWARF's numbering of the registers, and how a call leaves its trace.

    `return_column` holds the return address, `stack_pointer` is the base of the default frame.
    """

    registers: Mapping[str, int]
    return_column: int
    stack_pointer: int
