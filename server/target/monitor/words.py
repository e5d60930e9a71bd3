"""What `monitor` commands take and show: numbers, ranges, bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ....isa.errors import TraplineError
from ...core import Core
from ...rsp.errors import MonitorError

_MOST_BYTES: Final = 0x10000
_SHOWN: Final = 40
_TOLD: Final = 200
"""Characters of a word, and of what is wrong with it, that a message repeats."""


def address_and_length(core: Core, name: str, words: Sequence[str]) -> tuple[int, int]:
    """Where to look, and how many bytes to show: 64 if that is not said. Raises MonitorError."""
    address = number(core, name, words, 0)
    length = number(core, name, words, 1) if len(words) > 1 else 64
    if not 0 < length <= _MOST_BYTES:
        raise MonitorError(f"{name}: {length:#x} bytes cannot be shown: 1 to {_MOST_BYTES:#x}")
    return address, length


def number(core: Core, name: str, words: Sequence[str], at: int) -> int:
    """A number of at most 64 bits, or a register's name behind a `$`. Raises MonitorError."""
    if len(words) <= at:
        raise MonitorError(f"{name}: an address is missing; `monitor help {name}` shows what it takes")
    word = words[at]
    try:
        value = core.get(word[1:].upper()) if word.startswith("$") else int(word, 0)
    except ValueError:
        raise MonitorError(f"{name}: {word[:_SHOWN]!r} is no number; write 4096, 0x1000 or $r3") from None
    except TraplineError as error:
        raise MonitorError(f"{name}: {word[:_SHOWN]!r} is no register: {str(error)[:_TOLD]}") from error
    if value < 0:
        raise MonitorError(f"{name}: {word[:_SHOWN]} is negative")
    if value >> 64:
        raise MonitorError(f"{name}: {word[:_SHOWN]} has more than 64 bits")
    return value


def dump(address: int, data: bytes) -> str:
    """Bytes as people read them, sixteen a line."""
    lines = []
    for start in range(0, len(data), 16):
        row = data[start : start + 16]
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        lines.append(f"{address + start:#x}  {row.hex(' ', 4):<35}  {text}\n")
    return "".join(lines)
