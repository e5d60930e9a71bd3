"""What a statement may mean: a template of a form or alias, with what the text binds to its operands."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from ....isa.model.items import Alias, Literal, Template
from ..codecs.codecs import Late
from ..codecs.encoding import FormEncoder
from ..codecs.names_codecs import NamesCodec
from .templates import Binding, Choice, Flags, Part

OPTION = "option"
"""`@option(name = "rvc")` at an alias: it is read while `.option rvc` holds."""


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


def is_optional(entry: Entry) -> bool:
    """Whether it is read only while an option is on."""
    return entry.alias is not None and OPTION in entry.alias.annotations


class Spelling(Struct, frozen=True):
    """An entry whose mnemonic matches a word, and what the word's parts say."""

    entry: Entry
    bindings: tuple[Binding, ...]
    flags: Flags


def usual_of(spellings: tuple[Spelling, ...]) -> tuple[Spelling, ...]:
    """Those that are always read, where there are any: what is wrong with a statement is told by them."""
    return tuple(s for s in spellings if not is_optional(s.entry)) or spellings


class Candidate(Struct, frozen=True):
    """An entry whose mnemonic and operands match a statement."""

    entry: Entry
    bindings: tuple[Binding, ...]
    flags: Flags

    @property
    def is_late(self) -> bool:
        """Whether an operand waits for an address."""
        return any(isinstance(b.bits, Late) for b in self.bindings)

    @property
    def is_parted_option(self) -> bool:
        """Whether it is a spelling of an option (`@option`), and an operand waits for more than a distance: what is
        known of such a value comes too late to choose the shorter encoding."""
        return is_optional(self.entry) and any(
            isinstance(b.bits, Late) and not b.bits.is_relative for b in self.bindings)


def is_read(entry: Entry, options: list[str]) -> bool:
    """Whether an entry is read while these options are on."""
    note = None if entry.alias is None else entry.alias.annotations.get(OPTION)
    return note is None or note["name"] in options


def spellings_of(parts: tuple[Part, ...]) -> Iterator[str]:
    """The mnemonics that parts can spell; names that may be left out are."""
    if not parts:
        yield ""
        return
    part, rest = parts[0], parts[1:]
    if isinstance(part, Literal):
        texts = [part.text]
    elif isinstance(part, Choice):
        texts = ["", *spellings_of(part.parts)]
    else:
        names = part.codec.values if isinstance(part.codec, NamesCodec) else {}
        texts = [""] if "" in names else list(names)
    for tail in spellings_of(rest):
        yield from (text + tail for text in texts)
