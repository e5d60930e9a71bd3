"""What a statement may mean: a template of a form or alias, with what the text binds to its operands."""

from __future__ import annotations

from msgspec import Struct

from ....isa.model.items import Alias, Template
from ..codecs.codecs import Late
from ..codecs.encoding import FormEncoder
from .templates import Binding, Flags, Part


class Entry(Struct, frozen=True, eq=False):
    """A template with what it belongs to; `order` is its place in the description."""

    order: int
    encoder: FormEncoder
    alias: Alias | None
    mnemonic: tuple[Part, ...]
    operands: tuple[Part, ...]
    template: Template
    shapes: frozenset[str]
    """The shapes of operands that the template can take (`templates.shape_of`)."""


class Spelling(Struct, frozen=True):
    """An entry whose mnemonic matches a word, and what the word's parts say."""

    entry: Entry
    bindings: tuple[Binding, ...]
    flags: Flags


class Candidate(Struct, frozen=True):
    """An entry whose mnemonic and operands match a statement."""

    entry: Entry
    bindings: tuple[Binding, ...]
    flags: Flags

    @property
    def is_late(self) -> bool:
        """Whether an operand waits for an address."""
        return any(isinstance(b.bits, Late) for b in self.bindings)
