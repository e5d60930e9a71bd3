"""The `Target` that a description makes: everything the assembler knows of an architecture.

Besides forms, operands and aliases it reads these annotations of the `architecture` block, all but the
first with a default:

    @elf(machine = 40, class = 32, flags = 0x05000000)
    @assembler(comment = "@",       texts that open a comment anywhere, separated by blanks; `//` always does
               word = 4,            bytes of `.word`
               code_end = 4,        bytes to a multiple of which code is filled up at the end of a section; 0 for not
               align_default = 2,   the power of two for `.align` and `.align 0`; 0: nothing
               local_common = 8,    bytes to which `.lcomm` aligns; 0: by the size
               literal = 4,         bytes of a literal made by an operand `=value`; 0 for none
               literal_minus = 8,   a load whose pc is so far ahead subtracts the distance 0 to a literal (A32)
               infix = "condition_code",  the list of names that once stood in the middle of mnemonics (`strneb`)
               condition = "cond",  the operand that is a condition with bits of its own, which IT blocks do not allow
               name_characters = "#[]{}",  what counts as part of a name where blanks separate macro arguments
               literal_moves = "ldr mov=mov_immediate ~mvn=mvn",  a load, and the moves that are tried for `=number`
                                    before a literal is made, with their instructions; ~ moves the complement
               branch_number = "distance",  what a plain number means as the target of a branch; else it is an address
               long_addresses = 1,  whether `adrl` makes an address by two instructions (A32)
               divided_T32 = "lsl: lsls.n * | …",  what mnemonics meant before unified syntax, and nothing else did:
                                    tries with `|` between them (see `asmgen.divided_syntax`); `%` is the mnemonic
               other_types = "s: i -; f: -",  what is tried for the letter of an element type (`.s16`); -: none
               same_names = "r13: sp; …",  names of registers that are read as others
               number_places = "PATTERN",  expressions in operands in whose place their numbers are tried
               short_types = "f: f32; …",  shorter names of element types
               old_branches = "bx R_ARM_V4BX armv4 …",  an instruction, the relocation that it gets in objects, and the
                                    machines for which it gets it (`.arch`, `.cpu`, `.object_arch`)
               other_operands = "PATTERN => TEXT; …",  other ways to write operands: what is tried for them
               options = "rvc",     what `.option NAME` switches on and `.option noNAME` off; on where a file begins:
                                    aliases with @option(name = "rvc") are read while it is on
               passed_options = "pic nopic",  what `.option` may say besides, without a meaning
               widths_T32 = 1,      whether `.n` and `.w` behind mnemonics ask for the short and the long encoding
               starts_divided = 1,  whether sources are read so that do not say `.syntax unified`
               padding = "nop",     the instruction that fills alignment gaps in code
               padding_T32 = "nop", the same for one instruction set (so with the following)
               padding_wide = "nop.w", fills what is more than one of the former
               padding_most = 64,   of a longer gap what a multiple of it leaves over is filled; zeros follow
               padding_jump = "b",  jumps over gaps of more than four
               padding_lasts = "power7 power8: ori r2, r2, 0",  the last one, for machines (`.machine`) and cores
               padding_units = "armv4 armv5: mov r0, r0",  another one for the last machine of a file (`.arch`, `.cpu`)
               machine_additions = "any vsx") what `.machine` adds to a machine, which stays what it is
    @dwarf(return_column = 14, stack_pointer = 13)
    @relocations(LI = "REL24", bl = "CALL")   what relocation an operand, or the operand of an instruction, may get
    @parts(hi = "hi20", pcrel_hi = "hi20 relative", pcrel_lo = "lo12 of pcrel_hi")   see described_parts.py
    @build_attributes(…)        see build_attributes.py

and `@dwarf(number = 0)` at registers (the first one's number for an array).  Instruction sets of 32 and of
16 bits are entered by `.arm` and `.thumb`; where there are several, mapping symbols tell them apart, and
the set's code is what a pointer to a function carries in its lowest bit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from ...isa.errors import TraplineError
from ...isa.model import items
from ..expressions.anchors import DescribedPart
from ..expressions.parser import ExpressionReader
from ..target.padding import CodePadding
from ..target.plain_values import PlainValues
from ..target.traits import DwarfTraits, ElfTraits, InstructionSet, OldBranches
from ..text.source import CommentSyntax
from .build_attributes import read_annotation
from .constants import DescribedConstants
from .described_parts import read_parts
from .other_spellings import other_operands, other_types
from .pending import WordWriter
from .plans.shapes import Shapes
from .plans.statement_plans import StatementPlanner
from .reader import DescribedReader
from .sequences import Sequences
from .templates.candidates import MnemonicTable

_SET_DIRECTIVES = {32: (".arm",), 16: (".thumb",)}


class DescribedTarget:
    """An architecture's core as the assembler sees it (a `Target`)."""

    def __init__(self, description: items.Description) -> None:
        self.description = description
        self.name = description.core or description.name
        notes = description.annotations.get("assembler", {})
        self.comments = CommentSyntax((*str(notes.get("comment", "#")).split(), "//"), ("#",),
                                      name_characters=str(notes.get("name_characters", "")))
        self.elf = _elf_traits(description)
        self.table = MnemonicTable(description)
        self.shapes = Shapes(self.table)
        self.planner = StatementPlanner(self.table)
        self.kept_plans: dict[tuple[str, bool], dict[str, Any]] = {}
        self.literal_size = int(notes.get("literal", 4 if self.elf.bits == 32 else 0))
        self.align_default = int(notes.get("align_default", 0))
        self.local_common = int(notes.get("local_common", 0))
        self.code_end = int(notes.get("code_end", 0))
        self.word_size = int(notes.get("word", 4 if self.elf.bits == 32 else 2))
        several = len(description.instruction_sets) > 1
        fields = description.annotations.get("relocations", {})
        self.relocations: Mapping[str, str] = {key: str(value) for key, value in fields.items()}
        self.parts: Mapping[str, DescribedPart] = read_parts(description, self.table.functions)
        self.sequences = Sequences(description, self.table.functions)
        self.constants: Mapping[str, int] = DescribedConstants(description)
        self.is_divided = bool(notes.get("starts_divided", 0))
        self.data_mapping_symbol = "$d" if several else ""
        self._code_orders: dict[bool, bool] = {}
        self.dwarf = _dwarf_traits(description)
        self.instruction_sets = tuple(
            _instruction_set(s, several, bool(notes.get(f"widths_{s.name}", 0)))
            for s in description.instruction_sets.values())
        self.instruction_sets = tuple(self._padded(s, notes) for s in self.instruction_sets)
        self.options = frozenset(str(notes.get("options", "")).split())
        self.passed_options = frozenset(str(notes.get("passed_options", "")).split())
        self._with_options: dict[tuple[str, frozenset[str]], InstructionSet] = {}

    def reader(self, expressions: ExpressionReader, big_endian: bool) -> DescribedReader:
        """See Target."""
        order = self._code_order(big_endian)
        sets = self.description.instruction_sets
        writers = {name: WordWriter(one.unit // 8, order, one.low_first) for name, one in sets.items()}
        return DescribedReader(self.table, self.shapes, self.planner, expressions, writers)

    def with_options(self, instruction_set: InstructionSet, options: frozenset[str]) -> InstructionSet:
        """See Target."""
        if not options and not instruction_set.base:
            return instruction_set
        key = (instruction_set.base or instruction_set.name, options)
        if key not in self._with_options:
            plain = next(one for one in self.instruction_sets if one.name == key[0])
            name = f"{key[0]}:{' '.join(sorted(options))}"
            self._with_options[key] = replace(plain, name=name, base=key[0]) if options else plain
        return self._with_options[key]

    def instruction_bytes(self, word: int, size: int, instruction_set: InstructionSet, big_endian: bool) -> bytes:
        """See Target."""
        return self.writer(instruction_set.base or instruction_set.name, big_endian).bytes_of(word, size)

    def writer(self, instruction_set: str, big_endian: bool | None = None) -> WordWriter:
        """How words of an instruction set become bytes."""
        order = self._code_order(self.elf.big_endian if big_endian is None else big_endian)
        described = self.description.instruction_sets[instruction_set]
        return WordWriter(described.unit // 8, order, described.low_first)

    def _code_order(self, big_endian: bool) -> bool:
        """Instructions may have an order of their own: where the fetch order is a constant, that."""
        if big_endian not in self._code_orders:
            self._code_orders[big_endian] = self._found_code_order(big_endian)
        return self._code_orders[big_endian]

    def _found_code_order(self, big_endian: bool) -> bool:
        hook = self.description.hooks.get("big_endian_fetch", "")
        if hook:
            try:
                return bool(self.table.functions.call(hook)[0])
            except TraplineError:
                # It depends on the state of the core, so code has the order of data.
                return big_endian
        return big_endian

    def _padded(self, instruction_set: InstructionSet, notes: dict[str, int | str]) -> InstructionSet:
        reader = self.reader(ExpressionReader(), self.elf.big_endian)

        def bytes_of(text: str) -> bytes:
            word, _, rest = text.partition(" ")
            made = reader.read(word, rest, instruction_set)
            return made if isinstance(made, bytes) else made.encode(0, PlainValues(0), 0)

        def note(key: str) -> str:
            return str(notes.get(f"{key}_{instruction_set.name}", notes.get(key, "")))

        text = note("padding")
        if not text:
            return instruction_set
        wide, jump = note("padding_wide"), note("padding_jump")

        def padding(last: str, unit: str = text) -> CodePadding:
            return CodePadding(bytes_of(unit), bytes_of(wide) if wide and unit == text else b"",
                               bytes_of(last) if last else b"", 4,
                               (lambda distance: bytes_of(f"{jump} .+{distance}")) if jump else None,
                               instruction_set.mapping_symbol, int(note("padding_most") or 0))

        lasts = {machine: statement for machine, (statement,) in _tries(note("padding_lasts")).items()}
        units = {machine: statement for machine, (statement,) in _tries(note("padding_units")).items()}
        return replace(instruction_set, padding=padding(lasts.get(self.name, "")), other_padding=padding(""),
                       machine_padding={**{machine: padding(last) for machine, last in lasts.items()},
                                        **{machine: padding("", unit) for machine, unit in units.items()}},
                       is_machine_late=bool(units), machine_additions=frozenset(note("machine_additions").split()),
                       literal_moves=tuple(note("literal_moves").split()), divided=_tries(note("divided")),
                       other_types=other_types(note("other_types")),
                       other_operands=other_operands(note("other_operands")),
                       same_names={name: one for name, (one,) in _tries(note("same_names")).items()},
                       number_places=note("number_places"),
                       short_types={short: one for short, (one,) in _tries(note("short_types")).items()},
                       old_branches=_old_branches(note("old_branches")),
                       has_long_addresses=bool(note("long_addresses")))


def _tries(text: str) -> dict[str, tuple[str, ...]]:
    """`WORD WORD: STATEMENT | STATEMENT; …` by word; `%` in a statement is the word."""
    found: dict[str, tuple[str, ...]] = {}
    for entry in text.split(";"):
        words, _, statements = entry.partition(":")
        for word in words.split():
            found[word] = tuple(one.strip().replace("%", word) for one in statements.split("|"))
    return found


def _old_branches(text: str) -> OldBranches | None:
    if not text:
        return None
    instruction, relocation, *machines = text.split()
    return OldBranches(instruction, relocation, frozenset(machines))


_KEPT = 8
_targets: dict[tuple[str, str, str], DescribedTarget] = {}


def target_for(description: items.Description) -> DescribedTarget:
    """The description's core as a target; the last few are kept, since the tables take a while to make.

    Raises TraplineError if the description lacks what an ELF file needs.
    """
    key = (description.name, description.core, description.fingerprint)
    if key not in _targets:
        if len(_targets) >= _KEPT:
            _targets.clear()
        _targets[key] = DescribedTarget(description)
    return _targets[key]


def _elf_traits(description: items.Description) -> ElfTraits:
    notes = description.annotations.get("elf", {})
    if "machine" not in notes:
        raise TraplineError(
            f"the architecture '{description.name}' does not say which machine its ELF files are for",
            "write @elf(machine = NUMBER, class = 32 or 64) behind its name")
    bits = int(notes.get("class", description.address_width))
    return ElfTraits(int(notes["machine"]), bits, int(notes.get("flags", 0)), description.byte_order == "big",
                     read_annotation(description.annotations))


def _dwarf_traits(description: items.Description) -> DwarfTraits | None:
    notes = description.annotations.get("dwarf", {})
    if "return_column" not in notes or "stack_pointer" not in notes:
        return None
    numbers: dict[str, int] = {}
    for register in description.registers.values():
        own = register.annotations.get("dwarf", {})
        if "number" not in own:
            continue
        first = int(own["number"])
        shown = str(register.annotations.get("gdb", {}).get("name", register.name)).lower()
        numbers.setdefault(register.name.lower(), first)
        for index in range(max(1, register.count)):
            numbers.setdefault(shown.replace("{}", str(index)), first + index)
    for names in description.names.values():
        for spellings in names.spellings:
            known = [numbers[s.lower()] for s in spellings if s.lower() in numbers]
            if known:
                # Other spellings of a numbered register: lr for r14.
                numbers.update({s.lower(): known[0] for s in spellings if not s.isdigit() and s.lower() not in numbers})
    return DwarfTraits(numbers, int(notes["return_column"]), int(notes["stack_pointer"]))


def _instruction_set(entry: items.InstructionSet, several: bool, has_widths: bool) -> InstructionSet:
    # ELF for the Arm Architecture names mapping symbols by the first letter: $a, $t.
    mapping = "$" + ("a" if entry.unit == 32 else "t") if several else ""
    return InstructionSet(entry.name, entry.unit // 8, mapping, entry.code & 1 if several else 0, None, (),
                          _SET_DIRECTIVES.get(entry.unit, ()) if several else (), low_first=entry.low_first,
                          has_widths=has_widths)
