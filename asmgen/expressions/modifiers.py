"""Parts of a value: what `@ha`, `@l`, `:lower16:` and their like take of it."""

from __future__ import annotations

from collections.abc import Callable

PARTS: dict[str, Callable[[int], int]] = {
    "l": lambda v: v & 0xFFFF,
    "h": lambda v: (v >> 16) & 0xFFFF,
    "ha": lambda v: ((v + 0x8000) >> 16) & 0xFFFF,
    "high": lambda v: (v >> 16) & 0xFFFF,
    "higha": lambda v: ((v + 0x8000) >> 16) & 0xFFFF,
    "higher": lambda v: (v >> 32) & 0xFFFF,
    "highera": lambda v: ((v + 0x8000) >> 32) & 0xFFFF,
    "highest": lambda v: (v >> 48) & 0xFFFF,
    "highesta": lambda v: ((v + 0x8000) >> 48) & 0xFFFF,
    "lower16": lambda v: v & 0xFFFF,
    "upper16": lambda v: (v >> 16) & 0xFFFF,
    # A linked program has one module: all of it is local, and a call goes straight to its function.
    **dict.fromkeys(("plt", "local", "notoc", "target1", "none"), lambda v: v),
}
"""The 16-bit parts of an address.  Source: 64-bit PowerPC ELF ABI supplement, 4.5.1 (`#lo`, `#hi`,
`#ha` …); ELF for the Arm Architecture, MOVW/MOVT relocations."""

_TOC = ("toc", "got", "plt", "sectoff", "tprel", "dtprel", "got@tlsgd", "got@tlsld", "got@tprel", "got@dtprel")
_ENDS = ("", "@l", "@h", "@ha", "@high", "@higha", "@higher", "@highera", "@highest", "@highesta")

BRACKETED = frozenset((
    "got", "gotoff", "plt", "target1", "target2", "sbrel", "prel31", "none", "tlsgd", "tlsldm", "tlsldo", "gottpoff",
    "tpoff", "tlsdesc", "tlscall", "tlsdescseq", "got_prel", "gotfuncdesc", "gotofffuncdesc", "funcdesc",
))
"""Modifiers written in brackets: `sym(GOT)`.  Source: GNU as manual, "ARM Relocation Generation"."""

RELOCATED = frozenset((
    *(kind + end for kind in _TOC for end in _ENDS), "tocbase", "tlsgd", "tlsld", "tls", "dtpmod", "pcrel", "notoc",
    "local", "lower0_7", "lower8_15", "upper0_7", "upper8_15", *BRACKETED,
))
"""Modifiers that ask for a relocation of their own: no number is taken of the value itself.
Source: 64-bit PowerPC ELF ABI supplement 1.9, 4.5.1 and 4.6; GNU as manual, "PowerPC Dependent Features"."""
