"""The first pass: statements become items in sections, symbols and call-frame rules.

`Assembly` is the state that directives work on.  What needs addresses is left to `layout` and `emit`.
"""

from __future__ import annotations

from pathlib import Path

from .diagnostics import AT_WORD, Diagnostic, Place, Reporter, SourceError, TooManyErrors, did_you_mean
from .directives import DIRECTIVES
from .expansion import Expander
from .expression_parser import ExpressionReader
from .expressions import Expression, Relative, Value, evaluate, evaluate_number
from .frames import FrameFunction
from .literals import LiteralPool, literal_operand
from .sections import Code, Section, default_flags
from .source import Source, Statement
from .symbols import SymbolTable, UndefinedSymbol
from .target import InstructionSet, Pending, Target

MAX_INCLUDE_BYTES = 16 << 20


class Assembly:
    """One run over all files: what has been assembled so far, and where the next item goes."""

    def __init__(self, target: Target, big_endian: bool) -> None:
        self.target = target
        self.big_endian = big_endian
        self.reporter = Reporter()
        self.symbols = SymbolTable(target.constants)
        self.expressions = ExpressionReader(self.symbols.reference, self.symbols.numeric_reference)
        self.sections: dict[str, Section] = {}
        self.section = self.enter_section(".text")
        self.section_stack: list[Section] = []
        self.previous_section = self.section
        self.instruction_set: InstructionSet = target.instruction_sets[0]
        self.next_label_is_function = False
        self.placements: dict[str, tuple[int, Place]] = {}
        self.memory: list[tuple[int, int]] = []
        self.frame: FrameFunction | None = None
        self.frames: list[FrameFunction] = []
        self.files: list[str] = []
        self._pools: dict[str, LiteralPool] = {}
        self._expander = Expander(self, target.comments)
        self._reader = target.reader(self.expressions, big_endian)
        self._source: Source | None = None
        self._undefined: set[str] = set()
        self._serial = 0

    # ------------------------------------------------------------------ running

    def run(self, source: Source) -> None:
        """Assemble a file.  Errors go to the reporter; raises TooManyErrors when it is full."""
        self._source = source
        self.files.append(source.name)
        self.symbols.begin_file()
        self.section = self.previous_section = self.enter_section(".text")
        self.section_stack.clear()
        self.instruction_set = self.target.instruction_sets[0]
        self._reader = self.target.reader(self.expressions, self.big_endian)
        self.next_label_is_function = False
        for statement in self._expander.run(source):
            try:
                for name, offset in statement.labels:
                    self._define_label(name, statement, offset)
                word = statement.word
                if not word:
                    continue
                directive = DIRECTIVES.get(word.lower()) if word[0] in ".=" else None
                if directive is not None:
                    directive(self, statement)
                elif word[0] == "." and not self._switch_instruction_set(word.lower()):
                    raise SourceError(f"there is no directive '{word}'", AT_WORD,
                                      did_you_mean(word.lower(), [*DIRECTIVES, ".macro", ".rept", ".if", ".include"]))
                elif word[0] != ".":
                    self._instruction(statement)
            except SourceError as error:
                self.report(statement.place(error.offset), error)
        self._end_file()

    def _end_file(self) -> None:
        for name in list(self._pools):
            self.dump_literals(self.sections[name])
        if self.frame is not None:
            self.reporter.add(Diagnostic("this .cfi_startproc is never closed", self.frame.place,
                                         "end the function with .cfi_endproc"))
            self.frame = None

    def _define_label(self, name: str, statement: Statement, offset: int) -> None:
        place = statement.place_in_line(offset)
        try:
            label = self.symbols.define_label(name, self.section, place, self.instruction_set.pointer_bit)
        except SourceError as error:
            self.report(place, error)
            return
        if self.next_label_is_function:
            label.kind = "function"
            label.pointer_bit = self.instruction_set.pointer_bit
            self.next_label_is_function = False

    def _switch_instruction_set(self, word: str) -> bool:
        for instruction_set in self.target.instruction_sets:
            if word in instruction_set.directives:
                self.instruction_set = instruction_set
                return True
        return False

    def _instruction(self, statement: Statement) -> None:
        section, rest = self.section, statement.rest
        if section.nobits:
            raise SourceError(f"instructions cannot stand in {section.name}, which has no contents",
                              AT_WORD, "say .text first")
        if self.target.literal_size and "=" in rest:
            rest = literal_operand(self, statement)
        content = self._read(statement, rest)
        section.alignment = max(section.alignment, self.instruction_set.alignment)
        code = Code(content, statement, self.instruction_set)
        if isinstance(content, bytes):
            section.append(code, len(content))
        else:
            section.append(code, content.sizes[0], is_final=len(content.sizes) == 1)

    def _read(self, statement: Statement, rest: str) -> bytes | Pending:
        try:
            return self._reader.read(statement.word, rest, self.instruction_set)
        except SourceError as error:
            if rest != statement.rest and error.offset == statement.rest.find("="):
                raise SourceError(f"'{statement.word}' cannot load a literal here", error.offset,
                                  "put the value somewhere and load it through a register") from error
            if error.offset == AT_WORD and not error.hint:
                error.hint = did_you_mean(statement.word.lower(), self._expander.macro_names())
            raise

    # ------------------------------------------------------------------ what directives use

    def enter_section(self, name: str, flags: str | None = None, nobits: bool | None = None) -> Section:
        """The section `name`, made with `flags` (or those that its name implies) if it is new."""
        section = self.sections.get(name)
        if section is None:
            is_bss = name == ".bss" or name.startswith(".bss.")
            section = Section(name, default_flags(name) if flags is None else flags,
                              is_bss if nobits is None else nobits)
            section.order = len(self.sections)
            self.sections[name] = section
        return section

    def here(self) -> Value:
        """`.`, relative to the section, which has no address yet."""
        return Relative(self.section.name, self.section.epoch, self.section.size)

    def next_serial(self) -> int:
        """A number that no other call returns, for the names of labels made here."""
        self._serial += 1
        return self._serial

    def early(self, expression: Expression) -> Value:
        """The value at this point.  Raises SourceError (NotKnownYet) if it has none yet."""
        return evaluate(expression, self.symbols.pointer, self.here())

    def number(self, statement: Statement, text: str, offset: int) -> int:
        """The constant that `text`, at `offset` of the rest of `statement`, stands for.  Raises SourceError."""
        try:
            expression = self.expressions.read_all(text)
            return evaluate_number(expression, self.symbols.pointer, self.here())
        except SourceError as error:
            error.offset += offset
            raise

    def is_defined(self, name: str) -> bool:
        """Whether the current file has given `name` a value."""
        symbol = self.symbols.find(name)
        return symbol is not None and symbol.defined

    def literals(self, section: Section) -> LiteralPool:
        """The literal pool that `section` is collecting."""
        return self._pools.setdefault(section.name, LiteralPool())

    def dump_literals(self, section: Section) -> None:
        """Put the collected literals at the end of `section`."""
        pool = self._pools.pop(section.name, None)
        if pool is not None:
            pool.place(section, self.target.literal_size, self.symbols)

    # ------------------------------------------------------------------ errors and files

    def report(self, place: Place, error: SourceError) -> None:
        """Keep an error; a symbol that nothing defines is reported where it is first used, once."""
        if isinstance(error, UndefinedSymbol):
            if error.name in self._undefined:
                return
            self._undefined.add(error.name)
        self.reporter.add(Diagnostic(error.message, place, error.hint))

    def find_file(self, name: str) -> Path:
        """The file that `.include` or `.incbin` names.  Raises SourceError."""
        source = self._source
        if source is None or source.directory is None:
            raise SourceError("this source may not read files", 0, "give it a directory")
        path = source.directory / name
        try:
            if path.stat().st_size > MAX_INCLUDE_BYTES:
                raise SourceError(f"'{name}' is larger than {MAX_INCLUDE_BYTES >> 20} MiB")
        except OSError as error:
            raise SourceError(f"cannot read '{name}': {error.strerror}", 0,
                              f"it is looked for in {source.directory}") from error
        return path

    def open_include(self, name: str, statement: Statement) -> Source:
        """The file named by `.include`.  Raises SourceError."""
        path = self.find_file(name)
        try:
            return Source.read(path)
        except (OSError, UnicodeDecodeError) as error:
            raise SourceError(f"cannot read '{name}': {error}") from error


def first_pass(sources: list[Source], assembly: Assembly) -> None:
    """Assemble every file and join their global symbols.  Stops early when there are too many errors."""
    try:
        for source in sources:
            assembly.run(source)
        assembly.symbols.link(assembly.reporter)
    except TooManyErrors:
        assembly.reporter.raise_if_any()
