"""Conditional blocks that a source leaves out: `-mimplicit-it` of GNU as, for code that is written for A32 and T32.

An instruction with a condition outside of any block opens one, or joins the one that was opened so in front of it.
Source: GNU as manual, "ARM Options"; ARM DDI 0406C, A2.5.2 "Execution state registers", ITSTATE.
"""

from __future__ import annotations

import re

from .instructions.reader import DescribedReader
from .instructions.templates.conditional_blocks import BlockOpener
from .layout.assembly import Assembly
from .layout.sections import Code, Mark
from .target.seam import InstructionReader, Pending
from .text.diagnostics import SourceError
from .text.source import Statement

LONGEST = 4
"""Instructions of a block."""
_BRANCH = re.compile(r"b(?!ic|f[ci]|kpt)|tb[bh]", re.IGNORECASE)
_TO_COUNTER = re.compile(r"\s*pc\b", re.IGNORECASE)
_FROM = re.compile(r"st|cmp|cmn|tst|teq|push", re.IGNORECASE)
"""What goes elsewhere ends its block: branches, and what writes the program counter alone, which stands first then."""


class ImplicitBlocks:
    """Opens blocks in one section after the other."""

    def __init__(self, assembly: Assembly, reader: InstructionReader) -> None:
        self._assembly, self._reader = assembly, reader
        self._opener: Code | None = None
        self._last: Code | None = None
        self._conditions: list[int] = []
        self._is_asked = False

    def read(self, statement: Statement, rest: str) -> bytes | Pending | None:
        """What an instruction with a condition makes inside of a block; None where no condition makes it one.

        The block stands in the section then, or has got longer; `put` has to be told of the instruction.
        """
        reader, chosen = self._reader, self._assembly.instruction_set
        if not isinstance(reader, DescribedReader):
            return None
        opener = reader.block_opener(chosen)
        if opener is None:
            return None
        for condition in range(opener.always):
            reader.enter_block(condition)
            try:
                made = reader.read(statement.word, rest, chosen)
            except SourceError:
                continue
            finally:
                reader.enter_block(None)
            if made != b"":
                self._admit(condition, opener, statement)
                return made
        return None

    def close(self) -> None:
        """Where a label stands a block ends."""
        self._last = None

    def put(self, code: Code) -> None:
        """An instruction stands in the section: one that `read` was asked for, or another, which ends the block."""
        goes_on = self._is_asked and not _leaves(code.statement.word, code.statement.rest)
        self._last, self._is_asked = (code if goes_on else None), False

    def _admit(self, condition: int, opener: BlockOpener, statement: Statement) -> None:
        """Make room for an instruction under a condition: in the block that ends here, or in a new one."""
        reader, section, chosen = self._reader, self._assembly.section, self._assembly.instruction_set
        assert isinstance(reader, DescribedReader)
        behind = next((item for item in reversed(section.items) if not isinstance(item, Mark)), None)
        is_joined = (self._opener is not None and self._last is not None and behind is self._last
                     and len(self._conditions) < LONGEST and self._conditions[0] & ~1 == condition & ~1)
        if is_joined:
            self._conditions.append(condition)
        else:
            self._conditions = [condition]
            self._opener = Code(b"", statement, chosen)
        self._is_asked = True
        assert self._opener is not None
        word, name = opener.statement(self._conditions)
        made = reader.read(word, name, chosen)
        reader.enter_block(None)
        assert isinstance(made, bytes)
        self._opener.content = made
        if not is_joined:
            section.code_alignment = max(section.code_alignment, chosen.alignment)
            section.append(self._opener, len(made))


def _leaves(word: str, rest: str) -> bool:
    return bool(_BRANCH.match(word)) or (bool(_TO_COUNTER.match(rest)) and not _FROM.match(word))
