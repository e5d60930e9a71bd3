"""Results and FPSCR reasons of an emulated POWER7 (QEMU's user mode) agree, operation by operation."""

import itertools
import struct
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from trapline.isa.engine import fp

from ..oracle import require
from .samples import edges, random_patterns

# FPSCR bits, counted from the right (Power ISA Book I, 4.2.2), by our flags.
FPSCR = {
    fp.OVERFLOW: 28,
    fp.UNDERFLOW: 27,
    fp.DIVIDE_BY_ZERO: 26,
    fp.INEXACT: 25,
    fp.VXSNAN: 24,
    fp.VXISI: 23,
    fp.VXIDI: 22,
    fp.VXZDZ: 21,
    fp.VXIMZ: 20,
    fp.VXVC: 19,
    fp.VXSQRT: 9,
    fp.VXCVI: 8,
}

# Reads records of four doublewords (FPSCR, a, b, c), does one instruction on f1, f2, f3 with the
# result in f0, and writes (f0, FPSCR) for each, until the input ends.
PROGRAM = """
        .globl _start
_start: .quad code, 0, 0
code:   bl 1f
1:      mflr 31
        addis 30, 31, buffer - 1b@ha
        addi 30, 30, buffer - 1b@l
next:   li 0, 3
        li 3, 0
        mr 4, 30
        li 5, 32
        sc
        cmpdi 3, 32
        bne done
        lfd 4, 0(30)
        mtfsf 0xff, 4
        lfd 1, 8(30)
        lfd 2, 16(30)
        lfd 3, 24(30)
        {instruction}
        mffs 5
        stfd 0, 0(30)
        stfd 5, 8(30)
        li 0, 4
        li 3, 1
        mr 4, 30
        li 5, 16
        sc
        b next
done:   li 0, 1
        li 3, 0
        sc
        .data
        .balign 8
buffer: .space 32
"""


def emulate(instruction: str, records: Sequence[tuple[int, ...]], folder: Path) -> list[tuple[int, int]]:
    """(f0, FPSCR) after `instruction`, for each record (FPSCR, f1, f2, f3)."""
    for tool in ("powerpc64-linux-gnu-as", "powerpc64-linux-gnu-ld", "qemu-ppc64"):
        require.oracle(tool)
    source = PROGRAM.replace("{instruction}", instruction)
    subprocess.run(["powerpc64-linux-gnu-as", "-mpower7", "-o", folder / "p.o"], input=source.encode(), check=True)
    subprocess.run(["powerpc64-linux-gnu-ld", "-o", folder / "p", folder / "p.o"], check=True)
    data = b"".join(struct.pack(">4Q", *record) for record in records)
    command = ["qemu-ppc64", "-cpu", "POWER7", str(folder / "p")]
    done = subprocess.run(command, input=data, capture_output=True, check=True, timeout=120)
    return list(struct.iter_unpack(">2Q", done.stdout))


OPERATIONS: dict[str, Callable[[int, int, int, int], tuple[int, int]]] = {
    "fadd 0, 1, 2": lambda a, b, c, rounding: fp.fp_add(a, b, 64, rounding),
    "fsub 0, 1, 2": lambda a, b, c, rounding: fp.fp_sub(a, b, 64, rounding),
    "fmul 0, 1, 2": lambda a, b, c, rounding: fp.fp_mul(a, b, 64, rounding),
    "fdiv 0, 1, 2": lambda a, b, c, rounding: fp.fp_div(a, b, 64, rounding),
    "fmadd 0, 1, 2, 3": lambda a, b, c, rounding: fp.fp_fma(a, b, c, 64, rounding),
    "fsqrt 0, 1": lambda a, b, c, rounding: fp.fp_sqrt(a, 64, rounding),
    "fctid 0, 1": lambda a, b, c, rounding: fp.fp_to_int(a, 64, 64, True, rounding),
    "fctiwz 0, 1": lambda a, b, c, rounding: fp.fp_to_int(a, 64, 32, True, fp.TOWARD_ZERO),
    "fctiduz 0, 1": lambda a, b, c, rounding: fp.fp_to_int(a, 64, 64, False, fp.TOWARD_ZERO),
}


@pytest.mark.oracle
@pytest.mark.parametrize("instruction", OPERATIONS)
def test_power_reasons_and_results_agree_with_qemu(instruction: str, tmp_path: Path) -> None:
    """Each reason and exception bit agrees in four roundings, and the result when no NaN is involved."""
    zeros_ones_infinities = [bits | sign for bits in (0, 0x3FF << 52, 0x7FF << 52) for sign in (0, 1 << 63)]
    few = edges(64)[::3] + zeros_ones_infinities
    many = random_patterns(64, 3000, 43)
    triples = [*itertools.product(few, few, few[::4]), *zip(many[::3], many[1::3], many[2::3], strict=True)]
    cases = list(itertools.product(triples, range(4)))
    emulated = emulate(instruction, [(rounding, *triple) for triple, rounding in cases], tmp_path)
    assert len(emulated) == len(cases)
    for ((a, b, c), rounding), (result, fpscr) in zip(cases, emulated, strict=True):
        bits, flags = OPERATIONS[instruction](a, b, c, rounding)
        expected = {flag for flag, position in FPSCR.items() if fpscr >> position & 1}
        shown = (instruction, hex(a), hex(b), hex(c), rounding)
        assert {flag for flag in FPSCR if flags & flag} == expected, shown
        if not any(fp.is_nan(operand, 64) for operand in (a, b, c)):
            width_mask = 0xFFFF_FFFF if "fctiw" in instruction else (1 << 64) - 1
            assert hex(bits) == hex(result & width_mask), shown
