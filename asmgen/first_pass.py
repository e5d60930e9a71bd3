"""The first pass: statements become items in sections, symbols and call-frame rules.

What needs addresses is left to layout and emission.
"""

from __future__ import annotations

import re

from msgspec.structs import replace

from .directives.table import DIRECTIVES, widths_of_numbers
from .divided_syntax import read_divided
from .expansion.expander import Expander
from .expressions.values import number_of
from .implicit_blocks import ImplicitBlocks
from .layout.assembly import Assembly
from .layout.definitions import settle_definitions
from .layout.listed import ListedStatement
from .layout.literal_operands import literal_moves, literal_operand
from .layout.operand_values import Values
from .layout.sections import Code
from .long_addresses import read_long_address
from .old_branches import mark_old_branch, old_branches
from .quick_pass import QuickPass
from .target.seam import Pending
from .text.diagnostics import AT_WORD, SourceError, TooManyErrors, did_you_mean
from .text.source import Source, Statement

MAX_DEPTH = 16
"""Sequences in sequences."""
_NAMES = re.compile(r"[A-Za-z_][\w.$]*")


class FirstPass:
    """Takes the statements of one file after the other into an assembly; keeps the macros, which all files share."""

    def __init__(self, assembly: Assembly) -> None:
        self._assembly = assembly
        self._expander = Expander(assembly, assembly.target.comments)
        self._reader = assembly.target.reader(assembly.expressions, assembly.big_endian)
        self._is_quick = assembly.reading.is_quick
        self._implicit: ImplicitBlocks | None = None
        self._depth = 0
        """Sequences in which the present statement stands."""
        self._broken_names: set[str] = set()
        """Names that a `.req` could not give to a register: what uses them is not told again."""
        self._widths = widths_of_numbers(assembly.target.word_size, assembly.target.elf.bits)

    def run(self, source: Source) -> None:
        """Assemble a file.  Errors go to the reporter; raises TooManyErrors when it is full."""
        assembly = self._assembly
        assembly.begin_file(source)
        self._reader = assembly.target.reader(assembly.expressions, assembly.big_endian)
        self._implicit = ImplicitBlocks(assembly, self._reader) if assembly.reading.has_implicit_blocks else None
        self._expander.quick = QuickPass(assembly, self._reader, self._widths).run if self._is_quick else None
        for statement in self._expander.run(source):
            begun = (assembly.section, assembly.section.mark()) if assembly.reading.is_listed else None
            try:
                if statement.labels and self._implicit is not None:
                    self._implicit.close()
                for name, offset in statement.labels:
                    self._define_label(name, statement, offset)
                word = statement.word
                if not word:
                    continue
                directive = DIRECTIVES.get(word.lower()) if word[0] in ".=" else None
                if directive is not None:
                    directive(assembly, statement)
                elif word.lower() == ".unreq":
                    self._reader.alias(statement.rest.strip(), None)
                    assembly.register_aliases.pop(statement.rest.strip(), None)
                elif word[0] == "." and not self._switch_instruction_set(word.lower()):
                    raise SourceError(f"there is no directive '{word}'", AT_WORD,
                                      did_you_mean(word.lower(), [*DIRECTIVES, ".macro", ".rept", ".if", ".include"]))
                elif word[0] != "." and not self._register_alias(statement):
                    self._instruction(statement)
            except SourceError as error:
                assembly.report(statement.place(error.offset), error)
            if begun is not None:
                section, start = begun if begun[0] is assembly.section else (assembly.section, assembly.section.mark())
                assembly.listed.append(ListedStatement(statement.line, section, start, section.mark()))
        assembly.end_file()

    def _define_label(self, name: str, statement: Statement, offset: int) -> None:
        assembly, place = self._assembly, statement.place_in_line(offset)
        try:
            label = assembly.symbols.define_label(name, assembly.section, place, assembly.instruction_set.pointer_bit)
        except SourceError as error:
            assembly.report(place, error)
            return
        if assembly.next_label_is_function:
            label.kind = "function"
            assembly.next_label_is_function = False

    def _switch_instruction_set(self, word: str) -> bool:
        assembly = self._assembly
        for instruction_set in assembly.target.instruction_sets:
            if word in instruction_set.directives:
                assembly.switch_instruction_set(instruction_set)
                return True
        return False

    def _register_alias(self, statement: Statement) -> bool:
        """`NAME .req REGISTER` (`.dn` and `.qn` for registers of doublewords and quadwords)."""
        directive, _, register = statement.rest.partition(" ")
        if directive.lower() not in (".req", ".dn", ".qn") or not register.strip():
            return False
        register = register.strip()
        if directive.lower() != ".req" and register[0].isdigit():
            # The number alone will do for the registers of SIMD.
            register = directive[1].lower() + register
        try:
            self._reader.alias(statement.word, register)
        except SourceError as error:
            self._broken_names |= {statement.word, statement.word.upper(), statement.word.lower()}
            error.offset = statement.rest.find(register)
            raise
        self._broken_names -= {statement.word, statement.word.upper(), statement.word.lower()}
        aliases = self._assembly.register_aliases
        aliases[statement.word] = aliases.get(register, register)
        return True

    def _instruction(self, statement: Statement) -> None:
        assembly = self._assembly
        section, rest = assembly.section, statement.rest
        if section.nobits:
            raise SourceError(f"instructions cannot stand in {section.name}, which has no contents",
                              AT_WORD, "say .text first")
        if self._broken_names and self._broken_names.intersection(_NAMES.findall(rest)):
            return
        content: bytes | Pending | None = None
        if assembly.target.literal_size and "=" in rest:
            content = self._as_move(statement)
            if content is None:
                rest = literal_operand(assembly, statement)
        if content is None:
            try:
                content = self._read(statement, rest)
            except SourceError as error:
                if statement.word.lower() not in assembly.target.sequences.words:
                    raise
                self._sequence(statement, error)
                return
            if not isinstance(content, bytes) and statement.word.lower() in assembly.target.sequences.words:
                misfit = self._early_misfit(content)
                if misfit is not None:
                    self._sequence(statement, misfit)
                    return
        if content == b"":
            return
        if rest is not statement.rest and (isinstance(content, bytes) or not content.is_relative):
            raise SourceError(f"'{statement.word}' cannot load a literal", statement.rest.find("="),
                              "put the value into a register or into memory first")
        section.code_alignment = max(section.code_alignment, assembly.instruction_set.alignment)
        old = old_branches(assembly)
        if old is not None:
            mark_old_branch(assembly, self._reader, old, statement)
        code = Code(content, statement, assembly.instruction_set)
        if isinstance(content, bytes):
            section.append(code, len(content))
        else:
            section.append(code, content.sizes[0], is_final=len(content.sizes) == 1)
            assembly.anchors.note(section, code, content.expressions)
        if self._implicit is not None:
            self._implicit.put(code)

    def _early_misfit(self, content: Pending) -> SourceError | None:
        """Why values that are known at this point do not fit an instruction; None if they do, or are not known."""
        symbols = self._assembly.symbols
        try:
            for one in content.expressions:
                number_of(self._assembly.early(one))
        except SourceError:
            return None
        try:
            content.encode(0, Values(symbols, 0), content.sizes[0])
        except SourceError as error:
            return error
        return None

    def _sequence(self, statement: Statement, error: SourceError) -> None:
        """The statements that the description has for one that is no instruction, as `error` says."""
        try:
            steps = self._assembly.target.sequences.statements(
                statement.word.lower(), statement.rest, self._assembly.expressions,
                lambda one: number_of(self._assembly.early(one)))
        except SourceError as other:
            # What an instruction of that name lacks says more, where the operands are none of a sequence's.
            raise (error if other.is_form and error.offset != AT_WORD else other) from None
        if steps is None:
            raise error
        if self._depth >= MAX_DEPTH:
            raise SourceError(f"'{statement.word}' stands for itself", AT_WORD)
        self._depth += 1
        try:
            for word, rest in steps:
                self._instruction(replace(statement, word=word, rest=rest, labels=()))
        except SourceError as inner:
            # What is wrong is told where the source's own statement stands.
            raise SourceError(inner.message, AT_WORD, inner.hint) from inner
        finally:
            self._depth -= 1

    def _as_move(self, statement: Statement) -> bytes | Pending | None:
        """The move that does what loading a literal would do, if the architecture names one that can."""
        for move in literal_moves(self._assembly, statement):
            made = self._reader.read_as(move.instruction, move.word, move.rest, self._assembly.instruction_set)
            if made is not None:
                return made
        return None

    def _read_one(self, word: str, rest: str) -> bytes:
        """One instruction whose operands are known."""
        made = self._reader.read(word, rest, self._assembly.instruction_set)
        if not isinstance(made, bytes):
            raise SourceError(f"'{word} {rest}' waits for a value")
        return made

    def _read(self, statement: Statement, rest: str) -> bytes | Pending:
        chosen = self._assembly.instruction_set
        if chosen.has_long_addresses and statement.word[-1] in "lL":
            made = read_long_address(statement.word, rest, self._assembly.expressions, self._read_one)
            if made is not None:
                return made
        if self._assembly.is_divided and chosen.divided:
            divided = read_divided(self._assembly, self._reader, statement, rest)
            if divided is not None:
                return divided
        is_in_block = self._reader.is_in_block
        try:
            return self._reader.read(statement.word, rest, chosen)
        except SourceError as error:
            if self._implicit is not None and not is_in_block:
                inside = self._implicit.read(statement, rest)
                if inside is not None:
                    return inside
            if rest != statement.rest and error.offset == statement.rest.find("="):
                raise SourceError(f"'{statement.word}' cannot load a literal here", error.offset,
                                  "put the value somewhere and load it through a register") from error
            if error.offset == AT_WORD and not error.hint:
                error.hint = did_you_mean(statement.word.lower(), self._expander.macro_names())
            raise


def first_pass(sources: list[Source], assembly: Assembly) -> None:
    """Assemble every file and join their global symbols.  Stops early when there are too many errors."""
    try:
        passing = FirstPass(assembly)
        for source in sources:
            passing.run(source)
        assembly.symbols.link(assembly.reporter)
        settle_definitions(assembly.symbols, assembly.reporter)
    except TooManyErrors:
        assembly.reporter.raise_if_any()
