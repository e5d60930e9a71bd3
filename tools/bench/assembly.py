"""`trapline bench --asm`: the assembler and the disassembler beside GNU as and objdump, as ratios of one run.

Times are processor time of whole processes, the least of a few: what a Makefile waits for.  Both sides assemble the
same generated lines, and what they make must be the same.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ...isa.errors import TraplineError

LINES = 100_000
SEED = 20_260
_POWER = ("power7", ("powerpc64-linux-gnu-",), ("-mpower7", "-mregnames", "-a64"))
_ARM = ("armv7ve", ("arm-linux-gnueabihf-", "arm-linux-gnueabi-", "arm-none-eabi-"), ("-march=armv7ve",))


@dataclass(frozen=True, slots=True)
class Ratio:
    """Seconds of ours and of the peer (None where it is not installed), and whether both made the same."""

    name: str
    ours: float
    peer: float | None
    is_same: bool = True


def power_lines(count: int) -> list[str]:
    """Functions of mixed instructions, labels, branches, addresses, words and comments for Power."""

    def body(pick: random.Random, known: int) -> list[str]:
        a, b, c = (pick.randrange(3, 31) for _ in range(3))
        target = pick.randrange(known)
        return [
            f"addi r{a}, r{b}, {pick.randrange(-30000, 30000)}",
            f"ld r{a}, {8 * pick.randrange(4000)}(r{b})",
            f"stw r{a}, {4 * pick.randrange(8000)}(r{b})",
            f"add r{a}, r{b}, r{c}",
            f"mr r{a}, r{b}",
            f"rldicl r{a}, r{b}, {pick.randrange(64)}, {pick.randrange(64)}",
            f"cmpdi cr1, r{a}, {pick.randrange(99)}",
            "bne 1f",
            f"bl function_{target}",
            f"lis r{a}, function_{target}@ha",
            f"ori r{a}, r{b}, {pick.randrange(65536):#x}",
            f".long {pick.randrange(1 << 32):#x}",
        ]

    return _lines(count, "#", ["mflr r0", "std r0, 16(r1)", "stdu r1, -112(r1)"], "blr", body)


def arm_lines(count: int) -> list[str]:
    """The same for Arm."""

    def body(pick: random.Random, known: int) -> list[str]:
        a, b, c = (pick.randrange(13) for _ in range(3))
        target = pick.randrange(known)
        return [
            f"add r{a}, r{b}, #{pick.randrange(256)}",
            f"ldr r{a}, [r{b}, #{pick.randrange(4096)}]",
            f"str r{a}, [r{b}, #-{pick.randrange(1, 4096)}]",
            f"addeq r{a}, r{b}, r{c}, lsl #{pick.randrange(1, 31)}",
            f"mov r{a}, r{b}",
            f"cmp r{a}, #{pick.randrange(256)}",
            "bne 1f",
            f"bl function_{target}",
            f"movw r{a}, #:lower16:function_{target}",
            f"orr r{a}, r{b}, r{c}",
            f".word {pick.randrange(1 << 32):#x}",
        ]

    return [".syntax unified", ".arm", *_lines(count - 2, "@", ["push {r4, r5, r6, lr}"], "pop {r4, r5, r6, pc}", body)]


def _lines(
    count: int, comment: str, head: list[str], tail: str, body: Callable[[random.Random, int], list[str]]
) -> list[str]:
    pick = random.Random(SEED)
    lines: list[str] = []
    known = 0
    while len(lines) < count:
        known += 1
        lines += [f"function_{known - 1}:", *(f"\t{line}" for line in head)]
        for _ in range(pick.randrange(8, 30)):
            note = f"\t{comment} a comment" if not pick.randrange(10) else ""
            lines.append("\t" + pick.choice(body(pick, known)) + note)
        lines.append(f"1:\t{tail}")
    return [*lines[: count - 1], f"1:\t{tail}"]


ASSEMBLE, DISASSEMBLE, START = WORKS = ("assemble", "disassemble", "start")
_ARCHITECTURES = {"power": (_POWER, power_lines), "arm": (_ARM, arm_lines)}


def measure(
    samples: int, lines: int = LINES, works: Sequence[str] = (), architectures: Sequence[str] = ()
) -> list[Ratio]:
    """The works (all of WORKS where none is named) on the architectures (both).  Raises TraplineError."""
    _check_names(works, WORKS, "work of the assembler")
    _check_names(architectures, tuple(_ARCHITECTURES), "architecture")
    found: list[Ratio] = []
    with tempfile.TemporaryDirectory() as folder:
        for name, ((core, prefixes, options), source) in _ARCHITECTURES.items():
            if name in (architectures or _ARCHITECTURES):
                found += _measured(core, prefixes, options, source(lines), Path(folder), samples, works or WORKS)
    return found


def _check_names(names: Sequence[str], known: Sequence[str], what: str) -> None:
    for name in names:
        if name not in known:
            raise TraplineError(f"there is no {what} '{name}'", "known: " + ", ".join(known))


def _measured(
    core: str,
    prefixes: tuple[str, ...],
    options: tuple[str, ...],
    source: list[str],
    folder: Path,
    samples: int,
    works: Sequence[str],
) -> list[Ratio]:
    whole, one = folder / f"{core}.s", folder / f"{core}-one.s"
    ours, theirs, small = folder / f"{core}.o", folder / f"{core}-gnu.o", folder / "one.o"
    whole.write_text("\n".join(source) + "\n")
    one.write_text("\tnop\n")
    us = [sys.executable, "-m", "trapline"]
    # What a first run makes ready for later ones is no part of the times.
    _seconds([*us, "asm", "--arch", core, "-c", "-o", str(small), str(one)], 1)
    prefix = next((p for p in prefixes if shutil.which(p + "as") and shutil.which(p + "objdump")), None)
    assemble = [*us, "asm", "--arch", core, "-c", "-o"]
    assemble_by_gnu = None if prefix is None else [prefix + "as", *options, "-o"]
    found: list[Ratio] = []
    if ASSEMBLE in works:
        ratio = _ratio(
            f"{core}: assemble {len(source):,} lines",
            [*assemble, str(ours), str(whole)],
            assemble_by_gnu and [*assemble_by_gnu, str(theirs), str(whole)],
            samples,
        )
        found.append(replace(ratio, is_same=prefix is None or _code(ours) == _code(theirs)))
    if DISASSEMBLE in works:
        if not ours.exists():
            _seconds([*assemble, str(ours), str(whole)], 1)
        found.append(
            _ratio(
                f"{core}: disassemble them",
                [*us, "disasm", "--arch", core, str(ours)],
                None if prefix is None else [prefix + "objdump", "-d", str(ours)],
                samples,
            )
        )
    if START in works:
        found.append(
            _ratio(
                f"{core}: assemble one line",
                [*assemble, str(small), str(one)],
                assemble_by_gnu and [*assemble_by_gnu, str(small), str(one)],
                samples,
            )
        )
    return found


def _ratio(name: str, ours: list[str], peer: list[str] | None, samples: int) -> Ratio:
    return Ratio(name, _seconds(ours, samples), _seconds([*peer], samples) if peer else None)


def _seconds(command: list[str], samples: int) -> float:
    """The least processor time of a few runs.  Raises TraplineError if one fails."""
    best = float("inf")
    for _ in range(samples):
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
            told = process.stderr.read() if process.stderr is not None else b""
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise TraplineError(f"{command[0]} failed: {told.decode('utf-8', 'replace').strip()[-300:]}")
        best = min(best, usage.ru_utime + usage.ru_stime)
    return best


def _code(path: Path) -> bytes:
    from elftools.elf.elffile import ELFFile

    with path.open("rb") as file:
        section = ELFFile(file).get_section_by_name(".text")
        return bytes(section.data()) if section is not None else b""


def rows(ratios: list[Ratio]) -> list[tuple[str, str, str, str]]:
    """Name, milliseconds of ours and of the peer, and how many times the peer's time ours is."""
    shown = []
    for one in ratios:
        peer = f"{1000 * one.peer:,.0f} ms" if one.peer is not None else "not installed"
        ratio = f"{one.ours / one.peer:.1f}" if one.peer else ""
        shown.append((one.name, f"{1000 * one.ours:,.0f} ms", peer, ratio if one.is_same else "other code than GNU as"))
    return shown
