"""The programs that whole processes run. All end by themselves, with a checksum and a verdict on the console."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ....asmgen import Layout, Source, assemble
from ....firmware.catalogue import FOLDER as FIRMWARE
from ..architectures import ARM, Architecture
from ..catalogue import Kernel, Kind, find_kernel
from ..compilers import missing_compiler, to_assembly
from ..programs import FOLDER, Counts, Form, Program, build, target_of

_OWN = Path(__file__).resolve().parent / "guests"
SEVEN = ("crc32", "sha256", "quicksort", "sieve", "matrix", "list", "dispatch")
_LOOPS, _IN_LOOP, _TIMES = 40, 150, 150_000
_BLOCKS = 58_000


@dataclass(frozen=True, slots=True)
class Guest:
    """A program, and how often its kernel runs."""

    program: Program
    runs: int

    @property
    def counts(self) -> Counts:
        """As the driver takes them."""
        return Counts(self.runs, 0, 0)


def tiny(arch: Architecture) -> Guest:
    """Some 500 instructions."""
    return Guest(_linked("tiny", arch, [Source.read(_OWN / f"tiny_{arch.name}.s")]), 1)


def contended(arch: Architecture, times: int = 100_000) -> Guest:
    """Two vcpus that want one lock, so many times each."""
    text = (_OWN / f"contended_{arch.name}.s").read_text(encoding="utf-8")
    return Guest(_linked("contended", arch, [Source("contended.s", f"        .equ    TIMES, {times}\n{text}")]), 1)


def edited(arch: Architecture) -> Guest:
    """Prints what an instruction gives that somebody edits."""
    return Guest(_linked("edited", arch, [Source.read(_OWN / f"edited_{arch.name}.s")]), 1)


def kernels(arch: Architecture, instructions: int) -> Guest:
    """Seven kernels in C, about so many instructions. Raises TraplineError without a compiler."""
    return Guest(_seven(arch), max(1, instructions // 2_100_000))


@cache
def _seven(arch: Architecture) -> Program:
    sources = [Source("seven.s", to_assembly(_OWN / "seven.c", arch))]
    for name in SEVEN:
        text = to_assembly(FOLDER / "c" / f"{name}.c", arch, [f"-Dkernel={name}_kernel"])
        sources.append(Source(f"{name}.c.s", text))
    return _linked("kernels", arch, sources)


def needs_compiler(arch: Architecture) -> str | None:
    """Why `kernels` cannot be made, or None."""
    return missing_compiler(arch)


def lukewarm(arch: Architecture) -> Guest:
    """40 loops of 150 instructions, 150,000 times each: none is worth much of a compiler's time."""
    return Guest(_linked("lukewarm", arch, [Source("lukewarm.s", _loops(arch))]), 1)


def code(arch: Architecture, times: int) -> Guest:
    """2 MB of distinct code, each block run so many times."""
    text = (FOLDER / arch.name / "blocks.s").read_text(encoding="utf-8")
    for name, old, new in (("BLOCKS", 20000, _BLOCKS), ("PASSES", 50, times)):
        line = f".equ    {name}, {old}"
        assert line in text, line
        text = text.replace(line, f".equ    {name}, {new}")
    return Guest(_linked(f"code_{times}", arch, [Source("code.s", text)]), 2)


def world_switch(arch: Architecture) -> Guest:
    """200,000 times from the hypervisor to a guest and back."""
    kernel = find_kernel("world_switch")
    return Guest(build(kernel, arch, Form.ASSEMBLY), 200)


def _linked(name: str, arch: Architecture, own: list[Source]) -> Program:
    kernel = Kernel(name, name, Kind.SYSTEM, lambda: 0)
    library = Source.read(FIRMWARE / "lib" / arch.library)
    sources = [library, Source.read(FOLDER / arch.name / "driver.s"), *own]
    return Program(kernel, arch, Form.ASSEMBLY, assemble(sources, target_of(arch), Layout(base=arch.base)))


def _loops(arch: Architecture) -> str:
    """Arithmetic, loads and stores, drawn from a seed."""
    seeded = random.Random(40)
    writer = _arm_loop if arch == ARM else _power_loop
    head = "        .text\n        .global kernel\n        .type kernel, %function\nkernel:\n"
    if arch == ARM:
        enter, leave = (
            "        push {r4, r5, r6, r7, r8, r9, r10, r11, lr}\n",
            ("        mov r0, r4\n        pop {r4, r5, r6, r7, r8, r9, r10, r11, pc}\n"),
        )
        seeds = "".join(f"        mov r{register}, #{register}\n" for register in range(4, 10))
    else:
        enter, leave = "", "        mr r3, r4\n        blr\n"
        seeds = "".join(f"        li r{register}, {register}\n" for register in range(4, 10))
    return head + enter + seeds + "".join(writer(number, seeded) for number in range(_LOOPS)) + leave


def _arm_loop(number: int, seeded: random.Random) -> str:
    lines = [f"        ldr r10, ={_TIMES}", f"loop{number}:"]
    for _ in range(_IN_LOOP - 2):
        a, b, c = (seeded.randrange(4, 10) for _ in range(3))
        lines.append("        " + seeded.choice([
            f"add r{a}, r{b}, r{c}", f"eor r{a}, r{b}, r{c}, ror #{seeded.randrange(1, 31)}",
            f"sub r{a}, r{b}, #{seeded.randrange(256)}", f"mul r{a}, r{b}, r{c}",
            f"str r{a}, [r0, #{4 * seeded.randrange(1000)}]", f"ldr r{a}, [r0, #{4 * seeded.randrange(1000)}]",
        ]))  # fmt: skip
    return "\n".join([*lines, "        subs r10, r10, #1", f"        bne loop{number}", f"        b behind{number}",
                      "        .ltorg", f"behind{number}:", ""])  # fmt: skip


def _power_loop(number: int, seeded: random.Random) -> str:
    lines = [f"        lis r10, {_TIMES >> 16}", f"        ori r10, r10, {_TIMES & 0xFFFF}", "        mtctr r10",
             f"loop{number}:"]  # fmt: skip
    for _ in range(_IN_LOOP - 1):
        a, b, c = (seeded.randrange(4, 10) for _ in range(3))
        lines.append("        " + seeded.choice([
            f"add r{a}, r{b}, r{c}", f"xor r{a}, r{b}, r{c}", f"rotlwi r{a}, r{b}, {seeded.randrange(1, 31)}",
            f"addi r{a}, r{b}, {-seeded.randrange(256)}", f"mullw r{a}, r{b}, r{c}",
            f"stw r{a}, {4 * seeded.randrange(1000)}(r3)", f"lwz r{a}, {4 * seeded.randrange(1000)}(r3)",
        ]))  # fmt: skip
    return "\n".join([*lines, f"        bdnz loop{number}", ""])
