"""The state of an assembly: what directives and instructions add to, and what layout and emission work on."""

from __future__ import annotations

from pathlib import Path

from ..expressions.anchors import Anchors
from ..expressions.evaluation import evaluate, evaluate_number
from ..expressions.parser import ExpressionReader
from ..expressions.tree import Expression, Number
from ..expressions.values import Relative, Value
from ..target.padding import CodePadding
from ..target.seam import Target
from ..target.traits import InstructionSet
from ..text.diagnostics import Diagnostic, Place, Reporter, SourceError
from ..text.included import find_included
from ..text.source import Source, Statement
from .code_runs import padding_behind, refill
from .frames import FrameFunction
from .line_rows import LineTable
from .listed import ListedStatement
from .literals import LiteralPool
from .options import Reading
from .sections import Gap, Mark, Section, default_flags, default_kind
from .symbol import UndefinedSymbol
from .symbols import SymbolTable
from .wanted_relocations import WantedRelocation

MAX_NOTICES = 100


class Assembly:
    """One run over all files: what has been assembled so far, and where the next item goes."""

    def __init__(self, target: Target, big_endian: bool, reading: Reading | None = None) -> None:
        self.target = target
        self.big_endian = big_endian
        self.reading = reading or Reading()
        self.reporter = Reporter(self.reading.max_errors)
        self.symbols = SymbolTable(target.constants)
        self.anchors = Anchors()
        parts = self.anchors.rules(target.parts)
        self.expressions = ExpressionReader(self.symbols.reference, self.symbols.numeric_reference, parts)
        self.lazy_expressions = ExpressionReader(self.symbols.lazy_reference, self.symbols.numeric_reference, parts)
        """Reads expressions whose names mean what they mean at the end."""
        self.sections: dict[str, Section] = {}
        self.symbols.sections = self.sections
        self.section = self.enter_section(".text")
        self.section_stack: list[Section] = []
        self.previous_section = self.section
        self.options = target.options
        """What `.option` has switched on."""
        self.option_stack: list[frozenset[str]] = []
        """What `.option pop` goes back to."""
        self.instruction_set: InstructionSet = target.with_options(target.instruction_sets[0], self.options)
        self.next_label_is_function = False
        self.is_divided = False
        """Whether statements are in the syntax of Arm before the unified one (`.syntax divided`)."""
        self.notices: list[Diagnostic] = []
        """What the sources have to say that is no error."""
        self.placements: dict[str, tuple[int, Place]] = {}
        self.memory: list[tuple[int, int]] = []
        self.frame: FrameFunction | None = None
        self.frames: list[FrameFunction] = []
        self.files: list[str] = []
        self.register_aliases: dict[str, str] = {}
        """Names of the file's own for registers (`.req`)."""
        self.wanted_relocations: list[WantedRelocation] = []
        """Those that the source itself asks for (`.reloc`)."""
        self.unwinding: object | None = None
        """The function between `.fnstart` and `.fnend` (directives.unwinding)."""
        self.wanted_routines: set[tuple[str, str]] = set()
        """Standard routines of exception handling by the section of the index that wants them."""
        self.is_stack_full = False
        """Whether it has been told that too many sections are pushed."""
        self.view: tuple[object, int] = (None, 0)
        self.line_table = LineTable()
        """Lines of a compiler's sources; of a file at a time."""
        self.frame_sections: tuple[str, ...] | None = None
        """Where call frames go, if the source says it (`.cfi_sections`)."""
        """Where the last row of the line table was asked for, and its number among those of that place."""
        self._subsections: dict[tuple[str, int], Section] = {}
        self._pools: dict[str, LiteralPool] = {}
        self.source: Source | None = None
        self.machine = ""
        """The machine that the source says it is for (`.machine`)."""
        self.object_machine = ""
        """The one that the object shall say (`.object_arch`)."""
        self.machines: list[str] = []
        """Those that wait for `.machine pop`."""
        self.gnu_attributes: dict[int, int] = {}
        """Attributes of the ABI by tag (`.gnu_attribute`)."""
        self.file_symbols: list[str] = []
        """Names of sources (`.file`)."""
        self.abi_version = 0
        """Of the ELF ABI, where the source says it (`.abiversion`)."""
        self.read_files: list[Path] = []
        """What `.include` and `.incbin` read, in order."""
        self.listed: list[ListedStatement] = []
        """What each statement made, where a listing is wanted."""
        self._directory: Path | None = None
        self._undefined: set[str] = set()
        self._serial = 0

    # ------------------------------------------------------------------ files

    def begin_file(self, source: Source) -> None:
        """Go on with another file: its symbols are its own, and it begins in .text."""
        self.source = source
        self.files.append(source.name)
        self.symbols.begin_file()
        for name, value in self.reading.definitions.items():
            self.symbols.assign_number(name, value, Place("<command line>", 1, 1, f"{name} = {value}"), once=False)
        self.section = self.previous_section = self.enter_section(".text")
        self.section_stack.clear()
        self.register_aliases.clear()
        self.options = self.target.options
        self.option_stack.clear()
        self.instruction_set = self.target.with_options(self.target.instruction_sets[0], self.options)
        self.next_label_is_function = False
        self.machine = self.object_machine = ""
        self.machines.clear()
        said = self.reading.is_divided
        self.is_divided = self.target.is_divided if said is None else said

    def end_file(self) -> None:
        """Put the literals that are left, and close what the file left open."""
        parts = {part.key: part for part in self._subsections.values()}
        for name in list(self._pools):
            self.dump_literals(parts.get(name) or self.sections[name])
        self._join_subsections()
        for section in self.sections.values():
            end = min(section.needed_alignment, self.target.code_end)
            if section.items and section.executable and end:
                section.code_alignment = section.needed_alignment
                section.pad(end, self.padding_of(section), end)
        refill(self.sections.values(), self.target.instruction_sets, self.machine)
        if self.frame is not None:
            self.reporter.add(Diagnostic("this .cfi_startproc is never closed", self.frame.place,
                                         "end the function with .cfi_endproc"))
            self.frame = None

    # ------------------------------------------------------------------ what directives use

    def enter_section(
        self, name: str, flags: str | None = None, nobits: bool | None = None, group: str | None = None
    ) -> Section:
        """The section `name`, made with `flags` (or those that its name implies) if it is new.

        With a `group` (empty: of none) it is that group's: sections of one name may belong to several.
        """
        section = self.sections.get(name)
        is_twin = section is not None and group is not None and section.group != group
        key = f"{name}\x01{group}" if is_twin else name
        if is_twin:
            section = self.sections.get(key)
        if section is None:
            standard = default_kind(name)
            section = Section(name, default_flags(name) if flags is None else flags,
                              standard == "nobits" if nobits is None else nobits)
            section.kind = standard
            section.order = len(self.sections)
            section.group, section.is_twin = group or "", is_twin
            self.sections[key] = section
        return section

    def switch_instruction_set(self, chosen: InstructionSet) -> None:
        """Go on in another instruction set, whose first instruction stands where such a one may."""
        present = self.instruction_set
        if chosen is not present and chosen.alignment > present.alignment and self.section.items:
            self.section.pad(chosen.alignment, b"\0", chosen.alignment)
        self.instruction_set = chosen

    def switch_options(self, options: frozenset[str]) -> None:
        """Go on with these options (`.option`)."""
        self.options = options
        self.instruction_set = self.target.with_options(self.instruction_set, options)

    def here(self) -> Value:
        """`.`, relative to the section, which has no address yet."""
        return Relative(self.section.key, self.section.epoch, self.section.size)

    def padding_of(self, section: Section) -> bytes | CodePadding:
        """What fills gaps in `section`: of the instruction set of what stands before, if no gap lies between."""
        return padding_behind(section, self.instruction_set, self.machine)

    def subsection(self, section: Section, number: int) -> Section:
        """Part `number` of `section`: the parts of a file follow each other by their numbers."""
        main = section.main or section
        if not number:
            return main
        part = self._subsections.get((main.key, number))
        if part is None:
            part = Section(f"{main.key}\x02{number}", main.flags, main.nobits, main=main)
            self._subsections[main.key, number] = part
        return part

    def _join_subsections(self) -> None:
        for (name, _), part in sorted(self._subsections.items()):
            main = self.sections[name]
            if main.executable and self.target.code_end:
                # Nothing is added, but from here on the bytes count as code (see objects.mapping_symbols).
                main.pad(1, self.padding_of(main), 1)
            self.symbols.move(part, main)
            for frame in self.frames:
                frame.section = main if frame.section is part else frame.section
            for item in part.items:
                item.offset += main.size
                if isinstance(item, Mark):
                    item.epoch += main.epoch
            main.items += part.items
            main.size += part.size
            main.epoch += part.epoch
            main.alignment = max(main.alignment, part.alignment)
            main.code_alignment = max(main.code_alignment, part.code_alignment)
        self._subsections.clear()

    def next_serial(self) -> int:
        """A number that no other call returns, for the names of labels made here."""
        self._serial += 1
        return self._serial

    def early(self, expression: Expression) -> Value:
        """The value at this point.  Raises SourceError (NotKnownYet) if it has none yet."""
        return evaluate(expression, self.symbols.address, self.here())

    def number(self, statement: Statement, text: str, offset: int) -> int:
        """The constant that `text`, at `offset` of the rest of `statement`, stands for.  Raises SourceError."""
        try:
            expression = self.expressions.read_all(text)
            return evaluate_number(expression, self.symbols.address, self.here())
        except SourceError as error:
            error.offset += offset
            raise

    def is_defined(self, name: str) -> bool:
        """Whether the current file has given `name` a value."""
        symbol = self.symbols.find(name)
        return symbol is not None and symbol.defined

    def say(self, kind: str, message: str, place: Place) -> None:
        """Keep something that is no error (`kind` is "warning" or empty); after many nothing more is kept."""
        if len(self.notices) < MAX_NOTICES:
            self.notices.append(Diagnostic(message, place, kind=kind))

    def reserve(self, name: str, size: int, alignment: int, place: Place, kind: str) -> None:
        """Room for `size` bytes in .bss, labelled `name`, behind what the source itself puts there."""
        section = self.subsection(self.enter_section(".bss"), 1)
        section.pad(alignment, b"\0", alignment)
        symbol = self.symbols.define_label(name, section, place, 0)
        symbol.kind = symbol.kind or kind
        symbol.size = Number(size)
        section.append(Gap(Number(size), b"\0", None), size)

    def literals(self, section: Section) -> LiteralPool:
        """The literal pool that `section` is collecting."""
        return self._pools.setdefault(section.key, LiteralPool())

    def dump_literals(self, section: Section) -> None:
        """Put the collected literals at the end of `section`."""
        pool = self._pools.pop(section.key, None)
        if pool is not None:
            pool.place(section, self.target.literal_size, self.symbols)

    # ------------------------------------------------------------------ errors and other files

    def report(self, place: Place, error: SourceError) -> None:
        """Keep an error; a symbol that nothing defines is reported where it is first used, once."""
        if isinstance(error, UndefinedSymbol):
            if error.name in self._undefined:
                return
            self._undefined.add(error.name)
        self.reporter.add(Diagnostic(error.message, place, error.hint))

    def enter_directory(self, directory: Path | None) -> None:
        """Statements come from a file in this directory now."""
        self._directory = directory

    def find_file(self, name: str) -> Path:
        """The file that `.include` or `.incbin` names.

        It is looked for beside the file that names it, beside the one that is assembled, and then in the include paths.
        Raises SourceError if it is not there, no plain file, or too large.
        """
        source = self.source
        if source is None or source.directory is None:
            raise SourceError("this source may not read files", 0, "give it a directory")
        own = self._directory or source.directory
        path = find_included(name, list(dict.fromkeys((own, source.directory, *self.reading.include_paths))))
        self.read_files.append(path)
        return path

    def open_include(self, name: str, statement: Statement) -> Source:
        """The file named by `.include`.  Raises SourceError."""
        path = self.find_file(name)
        try:
            return Source.read(path)
        except OSError as error:
            raise SourceError(f"cannot read '{name}': {error}") from error
