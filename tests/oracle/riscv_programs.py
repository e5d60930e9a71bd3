"""Programs for the RISC-V board and for QEMU's: both run the same file, and print."""

from __future__ import annotations

import random
import struct
from dataclasses import dataclass
from pathlib import Path

from trapline.asmgen import Layout, Source, assemble, target_for
from trapline.isa.lang.load import load_core

GUESTS = Path(__file__).resolve().parents[1] / "guests"
BASE, DATA = 0x8000_0000, 0x8010_0000
TWO = (
    *("add", "sub", "sll", "slt", "sltu", "xor", "srl", "sra", "or", "and", "addw", "subw", "sllw", "srlw", "sraw"),
    *("mul", "mulh", "mulhsu", "mulhu", "div", "divu", "rem", "remu", "mulw", "divw", "divuw", "remw", "remuw"),
)
IMMEDIATE = ["addi", "slti", "sltiu", "xori", "ori", "andi", "addiw"]
ON_MEMORY = ("swap", "add", "xor", "and", "or", "min", "max", "minu", "maxu")
AMOS = [f"amo{name}.{size}" for name in ON_MEMORY for size in "wd"]
BRANCHES = ["beq", "bne", "blt", "bge", "bltu", "bgeu"]
EDGES = (
    *(0, 1, 2, 31, 32, 63, 64, 1 << 31, (1 << 31) - 1, (1 << 32) - 1),
    *(1 << 63, (1 << 63) - 1, (1 << 64) - 1, (1 << 64) - 2),
)
HEAD = """
        .globl _start
_start: lui s3, 0x10000
        lui s1, 0x80100
        slli s1, s1, 32
        srli s1, s1, 32
        lui s4, 0x80200
        slli s4, s4, 32
        srli s4, s4, 32
"""
TAIL = """
        lui t0, 0x100
        lui t1, 5
        addi t1, t1, 0x555
        sw t1, 0(t0)
stop:   j stop
print:  li t0, 60
next:   srl t1, s2, t0
        andi t1, t1, 15
        addi t2, t1, -10
        bltz t2, digit
        addi t1, t1, 39
digit:  addi t1, t1, 48
        sb t1, 0(s3)
        addi t0, t0, -4
        bgez t0, next
        li t1, 10
        sb t1, 0(s3)
        ret
"""


@dataclass(frozen=True)
class Program:
    """An ELF file, and what lies at DATA."""

    elf: bytes
    data: bytes = b""


def assembled(source: str, name: str, data: bytes = b"") -> Program:
    """A program at BASE."""
    return Program(assemble([Source(name, source)], target_for(load_core("rv64")), Layout(base=BASE)).elf, data)


def traps() -> Program:
    """What traps tell, in each mode, with and without delegation and translation."""
    path = GUESTS / "riscv_traps.s"
    return assembled(path.read_text(), str(path))


def hypervisor(is_common: bool) -> Program:
    """A hypervisor and its guest. `is_common`: without the lines in which QEMU 7.2 does otherwise than the manual."""
    text = "".join((GUESTS / name).read_text() for name in ("riscv_guest.s", "riscv_guest_handlers.s"))
    lines = [line for line in text.splitlines() if not (is_common and "the manual's:" in line)]
    return assembled("\n".join(lines) + "\n", "riscv_guest.s")


def operations(seed: int, pairs: int) -> Program:
    """Each instruction with `pairs` pairs of operands, edges among them; a line for what it made of them."""
    chosen = random.Random(seed)
    code: list[str] = [HEAD]
    data: list[int] = []

    def block(*variants: list[str]) -> None:
        code.append(" li s2, 0")
        for number in range(pairs):
            data.extend(chosen.choice(EDGES) if chosen.random() < 0.5 else chosen.getrandbits(64) for _ in range(2))
            code.append(" ld t3, 0(s1)\n ld t4, 8(s1)\n addi s1, s1, 16")
            code.extend(f" {line}" for line in variants[number % len(variants)])
            code.append(" slli t5, s2, 1\n srli s2, s2, 63\n or s2, s2, t5\n xor s2, s2, t6")
        code.append(" jal print")

    for name in TWO:
        block([f"{name} t6, t3, t4"])
    for name in IMMEDIATE:
        block(*([f"{name} t6, t3, {number}"] for number in (-2048, -1, 0, 1, 2047, chosen.randrange(-2048, 2048))))
    for name in ("slli", "srli", "srai"):
        block(*([f"{name} t6, t3, {number}"] for number in (0, 1, 31, 32, 63)))
    for name in ("slliw", "srliw", "sraiw"):
        block(*([f"{name} t6, t3, {number}"] for number in (0, 1, 15, 31)))
    block(["lui t6, 0x80000"], ["lui t6, 0x7FFFF"])
    for name in AMOS:
        block(["sd t3, 0(s4)", f"{name} t6, t4, (s4)", "ld t5, 0(s4)", "xor t6, t6, t5"])
    for size in "wd":
        pair = [
            "sd t3, 0(s4)",
            f"lr.{size} t6, (s4)",
            f"sc.{size} t5, t4, (s4)",
            "add t6, t6, t5",
            f"sc.{size} t5, t3, (s4)",
        ]
        block([*pair, "add t6, t6, t5", "ld t5, 0(s4)", "xor t6, t6, t5"])
    for size, offset in ("b0", "b3", "h2", "h1", "w4", "w1", "d0", "d3"):
        load = f"l{size}" if size == "d" else f"l{size}u"
        both = [f"s{size} t4, {offset}(s4)", f"l{size} t6, {offset}(s4)", f"{load} t5, {offset}(s4)", "xor t6, t6, t5"]
        block(["sd t3, 0(s4)", "sd t4, 8(s4)", *both, "ld t5, 0(s4)", "add t6, t6, t5"])
    for name in BRANCHES:
        block(["li t6, 1", f"{name} t3, t4, 1f", "li t6, 2\n1:"])
    return assembled("\n".join([*code, TAIL]), "operations.s", struct.pack(f"<{len(data)}Q", *data))


POOL = (*(f"a{n}" for n in range(6)), "s0", "t3", "t4", "s5", "s6")
"""Registers of random blocks; those of compressed instructions are among them."""


def _random_line(chosen: random.Random, label: str) -> str:
    """An instruction over the pool, over 64 bytes at s4, or over the next one."""
    a, b, c = (chosen.choice(POOL) for _ in range(3))
    small = chosen.randrange(-2048, 2048) if chosen.random() < 0.4 else chosen.randrange(-32, 32)
    kind = chosen.randrange(12)
    if kind < 4:
        return f"{chosen.choice(TWO)} {a}, {chosen.choice((a, b))}, {c}"
    if kind < 6:
        return f"{chosen.choice(IMMEDIATE)} {a}, {chosen.choice((a, b))}, {small}"
    if kind == 6:
        name = chosen.choice(("slli", "srli", "srai", "slliw", "srliw", "sraiw"))
        return f"{name} {a}, {chosen.choice((a, b))}, {chosen.randrange(32 if name[-1] == 'w' else 64)}"
    if kind == 7:
        return f"{chosen.choice(('lb', 'lbu', 'lh', 'lhu', 'lw', 'lwu', 'ld'))} {a}, {chosen.randrange(57)}(s4)"
    if kind == 8:
        return f"{chosen.choice(('sb', 'sh', 'sw', 'sd'))} {a}, {chosen.randrange(57)}(s4)"
    if kind == 9:
        return f"{chosen.choice(BRANCHES)} {a}, {b}, {label}\n c.addi {c}, {chosen.randrange(1, 32)}\n{label}:"
    if kind == 10:
        return f"{chosen.choice(AMOS)} {a}, {b}, (s4)"
    return chosen.choice((f"mv {a}, {b}", f"li {a}, {small}", f"lui {a}, {chosen.randrange(1 << 20)}", f"not {a}, {b}",
                          f"bnez {a}, {label}\n c.mv {c}, {b}\n{label}:", f"sext.w {a}, {b}", f"zext.w {a}, {b}",
                          f"li {a}, {chosen.getrandbits(64)}"))  # fmt: skip


def random_blocks(seed: int, blocks: int, length: int = 14) -> Program:
    """Blocks of random instructions over random and edge values; a line for each, made of all that it has left."""
    chosen = random.Random(seed)
    code, data = [HEAD], []
    for number in range(blocks):
        values = [
            chosen.choice(EDGES) if chosen.random() < 0.4 else chosen.getrandbits(64) for _ in range(len(POOL) + 8)
        ]
        data += values
        code += [f" ld t5, {8 * at}(s1)\n sd t5, {8 * at}(s4)" for at in range(8)]
        code += [f" ld {name}, {64 + 8 * at}(s1)" for at, name in enumerate(POOL)]
        code.append(f" addi s1, s1, {8 * len(values)}")
        code += [f" {_random_line(chosen, f'b{number}_{at}')}" for at in range(length)]
        code.append(" li s2, 0")
        for name in POOL:
            code.append(f" slli t5, s2, 1\n srli s2, s2, 63\n or s2, s2, t5\n xor s2, s2, {name}")
        code += [f" ld t5, {8 * at}(s4)\n add s2, s2, t5" for at in range(8)]
        code.append(" jal print")
    return assembled("\n".join([*code, TAIL]), "blocks.s", struct.pack(f"<{len(data)}Q", *data))
