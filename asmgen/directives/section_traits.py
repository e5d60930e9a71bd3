"""What `.section` says of a section behind its name: flags and type."""

from __future__ import annotations

from ..text.arguments import unquoted
from ..text.diagnostics import SourceError

LETTERS = "awxMSGToeR"
"""In memory, writable, code, merged, strings, of a group, thread-local, linked to another, excluded, kept."""
KINDS = ("progbits", "nobits", "note", "init_array", "fini_array", "preinit_array")
SOLARIS_FLAGS = {"#alloc": "a", "#write": "w", "#execinstr": "x", "#exclude": "e", "#tls": "T"}
"""Solaris's way to say flags, with commas between them."""


def read_flags(text: str, offset: int) -> str:
    """GNU as's letters, in the order of `LETTERS`.  Raises SourceError."""
    letters = unquoted(text)
    if text.startswith("#"):
        if text not in SOLARIS_FLAGS:
            raise SourceError(f"cannot read the flag '{text}'", offset, ", ".join(SOLARIS_FLAGS))
        return SOLARIS_FLAGS[text]
    unknown = set(letters) - set(LETTERS)
    if unknown:
        raise SourceError(f"cannot read the flags '{letters}'", offset,
                          "a: in memory, w: writable, x: code, M: merged, S: strings, G: group, T: thread-local, "
                          "o: linked, e: excluded, R: kept")
    return in_order(letters)


def in_order(letters: str) -> str:
    """Letters in the order of `LETTERS`, each once."""
    return "".join(letter for letter in LETTERS if letter in letters)


def read_kind(text: str, offset: int) -> str:
    """The type: a name of `KINDS`, or a number as text.  Raises SourceError."""
    kind = text.lstrip("@%#").strip('"').lower()
    if kind in KINDS:
        return kind
    try:
        return str(int(kind, 0))
    except ValueError:
        raise SourceError(f"there is no type of section '{text}'", offset, "use " + ", ".join(KINDS)) from None
