"""A case: one test as data, before it has become an ELF file. What generators yield."""

from __future__ import annotations

from typing import Final

import msgspec

ALL: Final = (1 << 64) - 1
"""A mask that compares every bit."""


class Check(msgspec.Struct, frozen=True):
    """One word of a step's block (`r3`, `cr`, `trap`), compared under `mask` with what the reference engine leaves
    there; `note` says in words what stands in it.

    With `codes` or `unless` it is compared only if the first result is one of `codes`, or the word is expected to
    be something else than `unless` (what went in): volatile registers that are results sometimes.
    """

    word: str
    mask: int = ALL
    note: str = ""
    codes: tuple[int, ...] = ()
    unless: int | None = None


class Allowed(msgspec.Struct, frozen=True):
    """An answer that is not excluded: `value` in the first result register."""

    name: str
    value: int


class Step(msgspec.Struct, frozen=True):
    """Part of a test: `code` is run from a known state, then `checks` hold. One test point of its TAP.

    `title` is one line; `comments` explain the code in the generated source. `rule` names book and section. `allowed`,
    if there are any, are the only values that the first result register may have, whatever is expected. A step that is
    `needed` only makes ready for others.
    """

    title: str
    code: tuple[str, ...]
    checks: tuple[Check, ...] = ()
    rule: str = ""
    comments: tuple[str, ...] = ()
    allowed: tuple[Allowed, ...] = ()
    after: tuple[str, ...] = ()
    """Code behind what is tested: it brings what has no word of its own into registers. Not run after an interrupt."""
    covers: tuple[str, ...] = ()
    """What of the description it reaches: `hcall H_READ`, `instruction add`."""


class Case(msgspec.Struct, frozen=True):
    """One test. `name` is unique in its suite; letters, digits, `-`, `_` and `.`."""

    name: str
    title: str
    steps: tuple[Step, ...]
    tags: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    """Assembly of whatever else the steps need: data, handlers."""
    is_drawn: bool = False
    """Its code was drawn by chance: where that cannot be assembled at the test's addresses, the case is left out and
    told of. Of any other case it is an error."""


class Expected(msgspec.Struct, frozen=True):
    """A check with its value."""

    word: str
    mask: int
    value: int
    note: str = ""


class LeftOut(msgspec.Struct, frozen=True):
    """A case that cannot be a test, and why: never dropped in silence."""

    name: str
    title: str
    reason: str
