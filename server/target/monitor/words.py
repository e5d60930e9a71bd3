"""What `monitor` commands take and show: numbers, ranges, bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ....isa.engine.kept import kept_product
from ....isa.errors import TraplineError
from ....isa.model.items import Description
from ...core import Core
from ...rsp.errors import MonitorError
from ..registers import Shown, register_map
from ..state import TargetState

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
        value = register_value(core, word[1:]) if word.startswith("$") else int(word, 0)
    except ValueError:
        raise MonitorError(f"{name}: {word[:_SHOWN]!r} is no number; write 4096, 0x1000 or $r3") from None
    except TraplineError as error:
        raise MonitorError(f"{name}: {word[:_SHOWN]!r} is no register: {str(error)[:_TOLD]}") from error
    if value < 0:
        raise MonitorError(f"{name}: {word[:_SHOWN]} is negative")
    if value >> 64:
        raise MonitorError(f"{name}: {word[:_SHOWN]} has more than 64 bits")
    return value


def register_place(core: Core, name: str) -> tuple[str, int | None]:
    """The description's register behind a name that gdb or the description has for it, an element as NAME[N]; "" is the
    program counter. Raises TraplineError."""
    plain, bracket, index = name.partition("[")
    for one in (plain, plain.upper()):
        if one in core.description.registers:
            return one, int(index.rstrip("]"), 0) if bracket else None
    shown = _gdb_names(core.description).get(name.lower())
    if shown is None:
        raise TraplineError(f"there is no register {name[:_SHOWN]!r}", "an element is $GPR[3]; or use gdb's $r3, $pc")
    return shown.register, shown.index


def register_value(core: Core, name: str) -> int:
    """Its value as somebody outside sees it. Raises TraplineError."""
    register, index = register_place(core, name)
    return core.get(register, index) if register else core.pc


def _gdb_names(description: Description) -> dict[str, Shown]:
    def made() -> dict[str, Shown]:
        known = register_map(description, "big")
        return {one.name.lower(): known.shown[one.number] for f in known.description.features for one in f.registers}

    return kept_product(description.fingerprint, "gdb-names", made)


def place_of(target: TargetState, core: Core, name: str, word: str) -> int:
    """An address, or a symbol of the guest's programs. Raises MonitorError."""
    if not word[:1].isdigit() and not word.startswith(("$", "-")):
        for elf in target.machine.guest.elfs:
            if word in elf.symbols:
                return elf.symbols[word]
        raise MonitorError(f"{name}: the guest has no symbol {word[:_SHOWN]!r}; an address is 4096, 0x1000 or $r3")
    return number(core, name, [word], 0)


def options(name: str, words: Sequence[str], known: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """What is given as NAME=VALUE, and the other words. Raises MonitorError."""
    given: dict[str, str] = {}
    rest: list[str] = []
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            rest.append(word)
        elif key not in known or key in given or not value:
            names = ", ".join(f"{one}=" for one in known)
            raise MonitorError(f"{name}: {word[:_SHOWN]!r} says nothing here; there are {names}, each once")
        else:
            given[key] = value
    return given, rest


def which(name: str, words: Sequence[str], there: Sequence[int]) -> list[int]:
    """Numbers of what is to be deleted. Raises MonitorError."""
    if list(words) == ["all"]:
        return list(there)
    if len(words) == 1 and words[0].isascii() and words[0].isdigit() and len(words[0]) < 10:
        return [int(words[0])]
    raise MonitorError(f"{name}: say which: {name} delete NUMBER, or all")


def dump(address: int, data: bytes) -> str:
    """Bytes as people read them, sixteen a line."""
    lines = []
    for start in range(0, len(data), 16):
        row = data[start : start + 16]
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        lines.append(f"{address + start:#x}  {row.hex(' ', 4):<35}  {text}\n")
    return "".join(lines)
