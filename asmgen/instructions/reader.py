"""Reads instructions by the description: the first candidate that encodes is taken."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ...isa.model.items import Literal
from ..expressions.parser import ExpressionReader
from ..expressions.tree import Expression
from ..target.plans import CodePlan, Token
from ..target.seam import Pending
from ..target.traits import InstructionSet
from ..text.diagnostics import AT_WORD, SourceError, did_you_mean
from .codecs.names_codecs import NamesCodec
from .other_spellings import other_spellings
from .pending import PendingInstruction, WordWriter
from .plans.shapes import Shapes
from .plans.statement_plans import StatementPlanner
from .templates.candidates import MnemonicTable
from .templates.conditional_blocks import ANNOTATION, BlockOpener, check_condition, opened_by
from .templates.entries import Candidate, Spelling, usual_of
from .templates.templates import ANY_SHAPE, Attempt, Slot, match_parts, shape_of

_NAME = re.compile(r"#[^,\]}]*|=.*|(?<![\w.$])[A-Za-z_][\w.$]*")
"""Names in operands that may be registers', and numbers, in which they are symbols'."""
_TYPED_REGISTER = re.compile(r"(\w+)(?:\.([a-z]?(?:8|16|32|64)))?(\[\d+\])?")
CACHE_LIMIT = 100_000
"""Statements whose bytes are remembered."""


class DescribedReader:
    """The InstructionReader of a description, for one file."""

    def __init__(
        self, table: MnemonicTable, shapes: Shapes, planner: StatementPlanner, expressions: ExpressionReader,
        writers: dict[str, WordWriter]
    ) -> None:
        self._planner = planner
        self._table = table
        self._writers = writers
        self._named = expressions.named
        self._touched = False
        self._expressions = expressions.with_names(self._name)
        self._cache: dict[tuple[str, int | None, str, str], bytes] = {}
        self._block: tuple[int, ...] = ()
        self._aliases: dict[str, str] = {}
        self._types: dict[str, str] = {}
        self._shapes = shapes

    def _name(self, name: str, offset: int) -> Expression:
        # A statement that names a symbol may mean something else the next time; a register is no symbol.
        if name.lower() not in self._table.registers:
            self._touched = True
        return self._named(name, offset)

    def read(self, word: str, rest: str, instruction_set: InstructionSet) -> bytes | Pending:
        """See InstructionReader."""
        condition = self._block[0] if self._block else None
        key = (instruction_set.name, condition, word, rest)
        known = self._cache.get(key)
        self._block = self._block[1:]
        if known is not None:
            return known
        lower = word.lower()
        types: tuple[str, ...] = ()
        if self._aliases:
            types = tuple(self._types[name] for name in _NAME.findall(rest) if name in self._types)
            rest = _NAME.sub(lambda hit: self._aliases.get(hit.group(), hit.group()), rest)
        if (same := instruction_set.same_names) and any(name in rest for name in same):
            rest = _NAME.sub(lambda hit: same.get(hit.group(), hit.group()), rest)
        quick = self._shapes.read(lower, rest, instruction_set.name, condition)
        if quick is not None:
            return self._writers[instruction_set.base or instruction_set.name].bytes_of(*quick)
        self._touched = False
        try:
            result = self._read(lower, rest, instruction_set, condition)
        except SourceError:
            other = self._read_otherwise(lower, rest, types, instruction_set, condition)
            if other is None:
                raise
            return other
        if isinstance(result, bytes) and not self._touched and not self._block:
            if len(self._cache) < CACHE_LIMIT:
                self._cache[key] = result
            spellings = self.spellings(lower, instruction_set, shape_of(rest))
            self._shapes.learn(lower, rest, instruction_set.name, condition, spellings, self._expressions)
        return result

    def _read_otherwise(
        self, word: str, rest: str, types: Sequence[str], instruction_set: InstructionSet, condition: int | None
    ) -> bytes | Pending | None:
        """What a statement means by one of the spellings that stand for its own; None where there is none."""
        for other, operands in other_spellings(word, rest, types, instruction_set, self._expressions):
            try:
                return self._read(other, operands, instruction_set, condition)
            except SourceError:
                continue
        return None

    def _opens_block(self, word: str, instruction_set: InstructionSet) -> bool:
        """Whether the word opens a block of conditions in another instruction set: here it makes nothing (IT, A32)."""
        return any(ANNOTATION in spelling.entry.encoder.form.annotations
                   for other in self._writers if other != instruction_set.name
                   for spelling in self._table.find(other, word))

    def _read(
        self, word: str, rest: str, instruction_set: InstructionSet, condition: int | None
    ) -> bytes | Pending:
        attempt = Attempt(rest, self._expressions)
        likely = self.spellings(word, instruction_set, shape_of(rest))
        found = self._first_fit(likely, attempt, instruction_set, condition)
        if found is not None:
            return found
        # Nothing of that shape will do; all that the mnemonic takes is looked at, to explain what is missing.
        spellings = self.spellings(word, instruction_set, ANY_SHAPE)
        if not spellings:
            return b""
        found = self._first_fit(spellings, attempt, instruction_set, condition)
        if found is None:
            usual, attempt = usual_of(spellings), Attempt(rest, self._expressions)
            self._first_fit(tuple(s for s in usual if s in likely) + usual, attempt, instruction_set, condition)
            raise self._explained(attempt, usual, word, instruction_set)
        return found

    def _first_fit(
        self, spellings: tuple[Spelling, ...], attempt: Attempt, instruction_set: InstructionSet, condition: int | None
    ) -> bytes | Pending | None:
        """The first candidate that encodes, or those that wait for a symbol; None if there is none."""
        writer = self._writers[instruction_set.base or instruction_set.name]
        late: list[Candidate] = []
        for spelling in spellings:
            try:
                check_condition(spelling.bindings, condition, self._table.written_condition)
            except SourceError as error:
                attempt.fail(error, False)
                continue
            for candidate in candidates_of(spelling, attempt):
                if candidate.is_late:
                    late += () if candidate.is_parted_option else (candidate,)
                    continue
                try:
                    made = self._table.word(candidate, None, 0)
                except SourceError as error:
                    attempt.fail(error, True)
                    continue
                self._open_block(candidate, made)
                return writer.bytes_of(made, candidate.entry.encoder.size)
        if not late:
            return None
        return PendingInstruction(self._table, tuple(late), writer,
                                  tuple(sorted({c.entry.encoder.size for c in late})))

    def read_as(
        self, instruction: str, word: str, rest: str, instruction_set: InstructionSet
    ) -> bytes | Pending | None:
        """See InstructionReader."""
        condition = self._block[0] if self._block else None
        rest = _NAME.sub(lambda hit: self._aliases.get(hit.group(), hit.group()), rest) if self._aliases else rest
        spellings = tuple(s for s in self._table.find(instruction_set.name, word)
                          if s.entry.encoder.form.instruction == instruction)
        found = self._first_fit(spellings, Attempt(rest, self._expressions), instruction_set, condition)
        if found is not None:
            self._block = self._block[1:]
        return found

    def block_opener(self, instruction_set: InstructionSet) -> BlockOpener | None:
        """How conditional blocks are opened; None where the set has none."""
        for entry in (spelling.entry for spelling in self._table.find(instruction_set.name, "it")):
            notes = entry.encoder.form.annotations.get(ANNOTATION)
            if notes is not None:
                codec = next(part.codec for part in entry.operands
                             if isinstance(part, Slot) and part.name == str(notes["condition"]))
                prefix = entry.mnemonic[0]
                if isinstance(codec, NamesCodec) and isinstance(prefix, Literal):
                    return BlockOpener(prefix.text, tuple(codec.texts))
        return None

    @property
    def is_in_block(self) -> bool:
        """Whether the next instruction stands in a conditional block of the source."""
        return bool(self._block)

    @property
    def is_plain(self) -> bool:
        """See InstructionReader."""
        return not self._aliases and not self._block

    def plan(
        self, word: str, rest: str, tokens: Sequence[Token], first: int, instruction_set: InstructionSet,
        named: Mapping[int, str]
    ) -> CodePlan | None:
        """See InstructionReader."""
        if any(name in rest for name in instruction_set.same_names):
            return None
        try:
            spellings = self.spellings(word.lower(), instruction_set, shape_of(rest))
        except SourceError:
            return None
        return self._planner.plan(spellings, rest, tokens, first, named) or self._memo(
            word.lower(), rest, instruction_set, min(named, default=first), [
                *named.values(), *(token.text(rest) for token in tokens)])

    def _memo(
        self, word: str, rest: str, instruction_set: InstructionSet, first: int, texts: Sequence[str]
    ) -> CodePlan | None:
        """A plan that knows this one statement; None if it may mean something else the next time."""
        self._touched = False
        try:
            made = self._read(word, rest, instruction_set, None)
        except SourceError:
            return None
        opens_block, self._block = bool(self._block), ()
        if not isinstance(made, bytes) or not made or self._touched or opens_block:
            return None
        memo = {tuple(texts): self._writers[instruction_set.base or instruction_set.name].word_of(made)}
        last = first + len(texts)
        return CodePlan(len(made), lambda numbers, at: memo[tuple(numbers[at + first : at + last])], None, memo)

    def alias(self, name: str, text: str | None) -> None:
        """From here on `name` stands for `text` in operands (`.req`), or for itself again.

        A register may have an element type, and an index (`d0.s16[2]`): mnemonics that have no type get that one.
        Raises SourceError where it is none.
        """
        self._cache.clear()
        typed = _TYPED_REGISTER.fullmatch(text or "")
        register, kind, index = typed.groups() if typed is not None else (text, "", "")
        if register is not None and register not in self._aliases and not self._table.is_register(register):
            raise SourceError(f"'{register}' is no register", 0, did_you_mean(register, self._table.registers))
        for spelling in (name, name.upper(), name.lower()):
            if register is None:
                self._aliases.pop(spelling, None)
                self._types.pop(spelling, None)
                continue
            self._aliases[spelling] = self._aliases.get(register, register) + (index or "")
            if kind or register in self._types:
                self._types[spelling] = kind or self._types[register]

    def enter_block(self, condition: int | None) -> None:
        """Take it that the next instruction stands in a block under `condition`, or in none."""
        self._block = () if condition is None else (condition,)

    def _open_block(self, candidate: Candidate, word: int) -> None:
        encoder = candidate.entry.encoder
        if ANNOTATION in encoder.form.annotations:
            slots = {b.slot.name: b.slot for b in candidate.bindings}
            self._block = opened_by(encoder, encoder.decode(word), slots) or ()

    def spellings(self, word: str, instruction_set: InstructionSet, shape: str) -> tuple[Spelling, ...]:
        """What a mnemonic in lower case may mean, with operands of the shape (`templates.shape_of`), in order.

        Raises SourceError where the set has no such mnemonic.
        """
        found = self._table.find(name := instruction_set.name, word, shape)
        if instruction_set.has_widths:
            stem, dot, width = word.rpartition(".")
            if dot and width in ("n", "w"):
                # `.n` and `.w` ask for the short and the long encoding of an instruction.
                found += tuple(s for s in self._table.find(name, stem, shape)
                               if (s.entry.encoder.size > instruction_set.alignment) == (width == "w"))
            else:
                # Without `.w` the long encoding is taken where the short one does not do.
                found += self._table.find(name, word + ".w", shape)
        if found or shape != ANY_SHAPE:
            return found
        if not found and self._opens_block(word, instruction_set):
            return ()
        if not found:
            raise SourceError(f"there is no instruction '{word}' in {instruction_set.base or name} of "
                              f"{self._table.core}", AT_WORD, self._table.near_mnemonic(name, word))
        return found

    def _explained(
        self, attempt: Attempt, spellings: tuple[Spelling, ...], word: str, instruction_set: InstructionSet
    ) -> SourceError:
        failure = attempt.explained() or SourceError("the operands do not fit any form of this instruction")
        if failure.is_form:
            base = instruction_set.base or instruction_set.name
            there_is_none = f"there is no instruction '{word}' in {base} of {self._table.core}"
            failure = SourceError(f"{there_is_none} with such operands: {failure.message}", failure.offset,
                                  failure.hint)
        if not failure.hint and not attempt.is_misfit:
            forms = list(dict.fromkeys(s.entry.template.source.strip() for s in spellings))
            failure.hint = "it is written " + " or ".join(forms[:3]) + (" …" if len(forms) > 3 else "")
        return failure


def candidates_of(spelling: Spelling, attempt: Attempt) -> list[Candidate]:
    """The ways in which the operands can be read for one spelling of the mnemonic."""
    found: list[Candidate] = []
    for bindings, flags, end in match_parts(spelling.entry.operands, attempt, 0):
        if attempt.text[end:].strip():
            start = len(attempt.text) - len(attempt.text[end:].lstrip())
            error = SourceError(f"'{attempt.text[start:].strip()}' is more than the instruction takes", start)
            error.is_form = True
            attempt.fail(error, False)
            continue
        found.append(Candidate(spelling.entry, (*spelling.bindings, *bindings), spelling.flags + flags))
    return found
