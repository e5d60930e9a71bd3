"""What to call an instruction word: its text by the description, and what the description says of it."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from ...isa.model.items import Description, InstructionSet

if TYPE_CHECKING:
    from ...asmgen.disassembly import Disassembled, Disassembler

_NAMES = re.compile(r"%?[a-z][a-z0-9_]*")


class Word(msgspec.Struct, frozen=True):
    """An instruction word: `text` "" where the description has no form for it; `title` is its instruction's."""

    text: str
    title: str
    registers: tuple[str, ...]
    """Names in the text that may be those of registers."""


class Words:
    """Disassembles for one description; what that needs is loaded when it is first asked."""

    def __init__(self, description: Description) -> None:
        self._description = description

    @cached_property
    def _disassembler(self) -> Disassembler:
        from ...asmgen import target_for
        from ...asmgen.disassembly import Disassembler

        return Disassembler(target_for(self._description))

    def instruction_set(self, code: int) -> InstructionSet:
        """The description's instruction set with a code."""
        sets = self._description.instruction_sets.values()
        return next((one for one in sets if one.code == code), next(iter(sets)))

    def word(self, word: int, length: int, address: int, code: int) -> Word:
        """A word of `length` bytes at an address, in the instruction set with a code."""
        name = self.instruction_set(code).name
        found = self._disassembler.word(word, length, address, self._disassembler.instruction_set(name))
        if not found.form:
            return Word("", "", ())
        form = self._description.forms[found.form]
        return Word(found.text, form.title, tuple(dict.fromkeys(_NAMES.findall(found.text))))

    def listing(self, data: bytes, address: int, code: int) -> list[Disassembled]:
        """The instructions in some bytes."""
        name = self.instruction_set(code).name
        return list(self._disassembler.run(data, address, self._disassembler.instruction_set(name)))
