"""GNU as and objdump as oracles: thousands of lines, or of words, in one run of the tool.

An instruction is one `int` here: the word for Power and A32; for T32 the halfword, or two halfwords with
the first in the upper half, as the Arm ARM writes them (a 32-bit one is never below 0xE8000000).
"""

import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Literal

from elftools.elf.elffile import ELFFile

from .require import OracleError, oracle

_TIMEOUT_S = 120
_FIRST_WIDE_HALFWORD = 0xE800  # Arm ARM A6.1: a halfword from here on is the first of two


@dataclass(frozen=True, slots=True)
class _Tools:
    prefix: str
    assembler: tuple[str, ...]
    prologue: str
    disassembler: tuple[str, ...]
    byte_order: Literal["big", "little"]
    halfwords: bool = False


class Dialect(Enum):
    """An instruction set as binutils knows it. Extended mnemonics are taken; *_RAW prints none."""

    POWER7 = _Tools(
        "powerpc64-linux-gnu",
        ("-a64", "-mbig", "-mpower7", "-mregnames"),
        "",
        ("-m", "powerpc:common64", "-EB", "-M", "power7"),
        "big",
    )
    POWER7_RAW = _Tools(
        "powerpc64-linux-gnu",
        ("-a64", "-mbig", "-mpower7", "-mregnames"),
        "",
        ("-m", "powerpc:common64", "-EB", "-M", "power7,raw"),
        "big",
    )
    PPC970 = _Tools(
        "powerpc64-linux-gnu",
        ("-a64", "-mbig", "-mpower4", "-maltivec", "-mregnames"),
        "",
        ("-m", "powerpc:common64", "-EB", "-M", "power4,altivec"),
        "big",
    )
    ARM = _Tools(
        "arm-linux-gnueabihf",
        ("-march=armv7ve", "-mfpu=neon-vfpv4", "-mimplicit-it=never"),
        ".syntax unified; .arm",
        ("-m", "arm", "-EL"),
        "little",
    )
    THUMB = _Tools(
        "arm-linux-gnueabihf",
        ("-march=armv7ve", "-mfpu=neon-vfpv4", "-mimplicit-it=never"),
        ".syntax unified; .thumb",
        ("-m", "arm", "-EL", "-M", "force-thumb"),
        "little",
        halfwords=True,
    )


@dataclass(frozen=True, slots=True)
class Assembled:
    """What became of one line: its instructions (none for a comment), or why it was refused."""

    words: tuple[int, ...]
    error: str | None = None

    @property
    def word(self) -> int:
        """The one instruction of the line; raises `ValueError` when there is not exactly one."""
        if len(self.words) != 1:
            raise ValueError(self.error or f"{len(self.words)} instructions, not one")
        return self.words[0]


def assemble(dialect: Dialect, lines: Sequence[str]) -> list[Assembled]:
    """Assemble each line by itself (`;` joins several instructions, as an IT block needs).

    A refused line gets its error and does not disturb the others. Raises `OracleError` when the tool's
    answer cannot be matched with the lines.
    """
    return list(_assemble(dialect, tuple(lines)))


@lru_cache(maxsize=32)
def _assemble(dialect: Dialect, lines: tuple[str, ...]) -> tuple[Assembled, ...]:
    for line in lines:
        if "\n" in line or "/*" in line:
            raise ValueError(f"not a single line of assembly: {line!r}")
    errors: dict[int, str] = {}
    # Some errors only show when the others are gone, so go on until a round brings none.
    while True:
        kept = ["" if number in errors else line for number, line in enumerate(lines)]
        codes, found = _assemble_once(dialect.value, kept)
        if not found:
            break
        if not found.keys() - errors.keys():
            raise OracleError(f"as refuses what is not there: {found}")
        errors |= found
    return tuple(
        Assembled((), errors[number]) if number in errors else Assembled(tuple(_instructions(dialect.value, code)))
        for number, code in enumerate(codes)
    )


def _assemble_once(tools: _Tools, lines: Sequence[str]) -> tuple[list[bytes], dict[int, str]]:
    """Assemble a file with a label behind each line and a table of the labels' offsets at the end."""
    source = [tools.prologue, ".text", ".Lstart:"]
    above = len(source)
    for number, line in enumerate(lines):
        source += [line, f".L{number}:"]
    source += [".section .ends"]
    source += [f".4byte .L{number} - .Lstart" for number in range(len(lines))]
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, "code.o")
        done = subprocess.run(
            [oracle(f"{tools.prefix}-as"), *tools.assembler, "-o", str(output), "-"],
            input="\n".join([*source, ""]),
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
        )
        if done.returncode:
            return [], _errors(done.stderr, above, len(lines))
        with output.open("rb") as stream:
            elf = ELFFile(stream)
            text, table = (_contents(elf, name) for name in (".text", ".ends"))
    ends = [int.from_bytes(table[at : at + 4], tools.byte_order) for at in range(0, len(table), 4)]
    if len(ends) != len(lines):
        raise OracleError(f"as was given {len(lines)} lines and made {len(ends)}")
    return [text[start:end] for start, end in zip([0, *ends], ends, strict=False)], {}


def _contents(elf: ELFFile, name: str) -> bytes:
    section = elf.get_section_by_name(name)
    return section.data() if section else b""


def _errors(printed: str, above: int, count: int) -> dict[int, str]:
    errors: dict[int, str] = {}
    for at, text in re.findall(r"^[^:\n]*:(\d+): Error: (.*)$", printed, re.MULTILINE):
        number, is_label = divmod(int(at) - above - 1, 2)
        if is_label or not 0 <= number < count:
            raise OracleError(f"as complains about the harness: {printed[:2000]}")
        errors.setdefault(number, text)
    if not errors:
        raise OracleError(f"as failed: {printed[:2000]}")
    return errors


def _instructions(tools: _Tools, code: bytes) -> Iterator[int]:
    if not tools.halfwords:
        yield from (int.from_bytes(code[at : at + 4], tools.byte_order) for at in range(0, len(code), 4))
        return
    halves = iter(int.from_bytes(code[at : at + 2], "little") for at in range(0, len(code), 2))
    for half in halves:
        yield half if half < _FIRST_WIDE_HALFWORD else half << 16 | next(halves)


def to_bytes(dialect: Dialect, words: Sequence[int]) -> bytes:
    """Return instructions as they stand in memory."""
    tools = dialect.value
    if not tools.halfwords:
        return b"".join(word.to_bytes(4, tools.byte_order) for word in words)
    halves = (half for word in words for half in ((word >> 16, word & 0xFFFF) if word >> 16 else (word,)))
    return b"".join(half.to_bytes(2, "little") for half in halves)


def disassemble(dialect: Dialect, words: Sequence[int]) -> list[str]:
    """Return objdump's text for each instruction, blanks made single: `add r3,r4,r5`.

    Instruction `i` is taken to stand at address 4 * i, which is what branch targets are printed from.
    What objdump does not know it prints as data (`.long 0x0`, `<UNDEFINED> instruction: ...`).
    """
    return list(_disassemble(dialect, tuple(words)))


@lru_cache(maxsize=32)
def _disassemble(dialect: Dialect, words: tuple[int, ...]) -> tuple[str, ...]:
    tools = dialect.value
    filler = assemble(dialect, ["nop"])[0].word
    slots = []
    for word in words:
        if tools.halfwords and word >> 16 and word >> 16 < _FIRST_WIDE_HALFWORD:
            raise ValueError(f"{word:#x} is not one T32 instruction: its first halfword is complete")
        slots.append(to_bytes(dialect, [word, filler])[:4])
    with tempfile.NamedTemporaryFile(suffix=".bin") as image:
        image.write(b"".join(slots))
        image.flush()
        done = subprocess.run(
            [oracle(f"{tools.prefix}-objdump"), "-D", "-z", "-b", "binary", *tools.disassembler, image.name],
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
        )
    if done.returncode:
        raise OracleError(f"objdump failed: {done.stderr[:2000]}")
    found = {
        int(address, 16): " ".join(text.split())
        for address, text in re.findall(r"^ *([0-9a-f]+):\t[0-9a-f ]+\t(.*)$", done.stdout, re.MULTILINE)
    }
    missing = [number for number in range(len(words)) if number * 4 not in found]
    if missing:
        raise OracleError(f"objdump printed nothing for instruction {missing[0]}")
    return tuple(found[number * 4] for number in range(len(words)))
