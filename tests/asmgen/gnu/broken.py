"""Broken sources with the one error that each must get: read from tests/asmgen/broken, and made here.

A file there holds cases `=== NAME | CORE | LINE | TEXT`: the error stands at LINE and its message has TEXT in it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "broken"
_PLACE = re.compile(r"^(?P<file>[^\n:]+):(?P<line>\d+):(?P<column>\d+): error: (?P<message>.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Broken:
    """A source that must be refused; `line` 0 where any will do."""

    group: str
    name: str
    core: str
    line: int
    text: str
    source: bytes

    def write(self, folder: Path) -> Path:
        """Put the source into a folder."""
        path = folder / "broken.s"
        path.write_bytes(self.source)
        return path


@dataclass(frozen=True, slots=True)
class Told:
    """An error as it was printed."""

    line: int
    message: str


def written() -> Iterator[Broken]:
    """The cases of the files."""
    for path in sorted(FOLDER.glob("*.txt")):
        for part in re.split(r"^=== ", path.read_text(), flags=re.MULTILINE)[1:]:
            head, _, source = part.partition("\n")
            name, core, line, text = (word.strip() for word in head.split("|"))
            yield Broken(path.stem, name, core, int(line), text, source.encode())


def errors(printed: str) -> list[Told]:
    """The errors in what the command printed."""
    return [Told(int(found["line"]), found["message"]) for found in _PLACE.finditer(printed)]


def _doubling() -> str:
    return ".macro m0\n.byte 1\n.endm\n" + "".join(
        f".macro m{n}\nm{n - 1}\nm{n - 1}\n.endm\n" for n in range(1, 40)) + "m39\n"


def _growing() -> str:
    return "x0 = 3\n" + "".join(f"x{n + 1} = x{n} * x{n}\n" for n in range(64)) + ".quad x64\n"


def _chain(length: int, more: str, last: str) -> str:
    steps = "".join(f"x{n} = x{n + 1} {more}\n" for n in range(length))
    return f"{steps}x{length} = {last}\n.long x0\n"


_LONG = 1 << 20

RUNAWAYS: dict[str, Callable[[], str]] = {
    "doubling macros": _doubling,
    "doubling text": lambda: ".macro m n, t:vararg\n.if \\n\nm \\n-1, \\t, \\t\n.endif\n.endm\nm 40, abcdefgh\n",
    "repetitions inside repetitions": lambda: ".rept 10000\n" * 5 + ".byte 1\n" + ".endr\n" * 5,
    "a repetition without measure": lambda: ".rept 1 << 40\n.byte 1\n.endr\n",
    "a long .irp of nothing": lambda: ".rept 100000000\n.endr\n",
    "a gap without measure": lambda: ".data\n.fill 1 << 40, 8, 1\n",
    "gaps that add up": lambda: ".data\n" + ".space 1 << 27, 1\n" * 40,
    "an address without measure": lambda: ".data\n.org 1 << 60\n.byte 1\n",
    "an endless device": lambda: '.incbin "/dev/zero"\n',
    "an endless source": lambda: '.include "/dev/zero"\n',
    "a pipe that nobody writes to": lambda: '.incbin "pipe"\n',
    "a source from a pipe": lambda: '.include "pipe"\n',
    "a folder": lambda: '.include "."\n',
    "a file that includes itself": lambda: '.include "broken.s"\n',
    "brackets without end": lambda: ".long " + "(" * _LONG + "\n",
    "signs without end": lambda: ".long " + "-" * _LONG + "\n",
    "a sum without end": lambda: ".long " + "1+" * (_LONG // 2) + "\n",
    "a shift without measure": lambda: ".long 1 << 100000000000\n",
    "numbers that grow": _growing,
    "a number without end": lambda: ".long " + "9" * _LONG + "\n",
    "a name without end": lambda: "a" * _LONG + "\n",
    "an operand without end": lambda: " add " + "r3," * (_LONG // 3) + "\n",
    "a register list without end": lambda: " ldr r3, {" + "r1," * (_LONG // 3) + "\n",
    "conditions without end": lambda: ".if 1\n" * 100_000,
    "sections pushed without end": lambda: ".pushsection .data\n" * 100_000,
    "symbols that wait for each other": lambda: _chain(60, "* 2", "x0"),
    "a chain of symbols": lambda: _chain(20_000, "+ 1", "bogus"),
    "an argument that grows": lambda: ".macro g a\ng \\a\\a\n.endm\ng 12345678\n",
}
"""Sources that ask for memory or time without measure."""


def runaways() -> Iterator[Broken]:
    """The cases that are made."""
    for name, make in RUNAWAYS.items():
        yield Broken("runaway", name, "power7", 0, "", make().encode())


def surroundings(folder: Path) -> None:
    """What the made cases name: a pipe without a writer."""
    os.mkfifo(folder / "pipe")
