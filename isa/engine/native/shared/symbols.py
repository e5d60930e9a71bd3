"""What a region refers to outside itself, by symbols that whoever loads it gives values: so its object is the same in
every process, and can be kept.

`h.FORM` are forms' own handlers, `s.NAME` the special ones, `block.FIELD` the register blocks of wider scopes by the
field that leads to them.
"""

from __future__ import annotations

import re
from typing import Final

_PLAIN = re.compile(r"[^A-Za-z0-9_.$-]")
REGION: Final = "region"
"""The function's own name."""
ENTRIES: Final = "@entries"
"""The first entry of the decoded page."""
LOADS: Final = "@loads"
STORES: Final = "@stores"
BESIDE: Final = "@beside"
MISSES: Final = "@misses"
"""A count down of 64 bits: how often the region may still be entered with other modes than it was made for."""
_OUTSIDE = re.compile(r'@(?:entries|loads|stores|beside|misses|block\.\d+|"[hs]\.[^"]*")')


def symbol(kind: str, name: str) -> str:
    """The IR name of something described, like `@"f.translate_address"`."""
    return f'@"{kind}.{_PLAIN.sub(lambda found: f"${ord(found[0]):x}", name)}"'


def handler_symbol(form: str) -> str:
    """A form's own handler."""
    return symbol("h", form)


def own_symbol(form: str) -> str:
    """The function that is a form's own handler."""
    return symbol("do", form)


def variant_symbol(form: str, number: int) -> str:
    """The function that is the handler of one of a form's variants."""
    return symbol(f"do.{number}", form)


def pick_symbol(form: str) -> str:
    """The function that gives the best handler for a word of a form; it has the platform's calling convention."""
    return symbol("pick", form)


def call_symbol(function: str) -> str:
    """The function by which Python calls a described one; it has the platform's calling convention."""
    return symbol("call", function)


def plain(symbol_: str) -> str:
    """A symbol as an object has it."""
    return symbol_.removeprefix("@").strip('"')


def special_symbol(name: str) -> str:
    """See `SPECIAL_HANDLERS`."""
    return symbol("s", name)


def block_symbol(field: int) -> str:
    """A register block."""
    return f"@block.{field}"


def with_declarations(text: str) -> str:
    """A region's text with what it refers to declared: as bytes, also what is called."""
    found = sorted(set(_OUTSIDE.findall(text)))
    return "\n".join([text, *(f"{name} = external global i8" for name in found)])
