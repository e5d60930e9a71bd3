"""VFP results and FPSCR flags of an emulated Cortex-A15 (Unicorn) agree, flush to zero included."""

import itertools
import struct
from collections.abc import Callable

import pytest
import unicorn
from unicorn import arm_const as arm

from trapline.isa.engine import fp

from .samples import edges, random_patterns

CODE = 0x1000
FLUSH, DEFAULT_NAN = 1 << 24, 1 << 25
# FPSCR.RMode by our rounding number; FPSCR cumulative bits IOC, DZC, OFC, UFC, IXC, IDC by our flags.
RMODE = {fp.NEAREST_EVEN: 0, fp.TOWARD_PLUS: 1, fp.TOWARD_MINUS: 2, fp.TOWARD_ZERO: 3}
CUMULATIVE = {
    fp.INVALID: 1 << 0,
    fp.DIVIDE_BY_ZERO: 1 << 1,
    fp.OVERFLOW: 1 << 2,
    fp.UNDERFLOW: 1 << 3,
    fp.INEXACT: 1 << 4,
    fp.INPUT_DENORMAL: 1 << 7,
}

# Encodings with Dd = d0, Dn = d1, Dm = d2 (Arm ARM DDI 0406C, A8.8): bit 8 selects double precision.
VADD, VMUL, VDIV, VFMA = 0xEE310B02, 0xEE210B02, 0xEE810B02, 0xEEA10B02
OPERATIONS: list[tuple[str, int, Callable[..., tuple[int, int]]]] = [
    ("vadd", VADD, fp.fp_add),
    ("vmul", VMUL, fp.fp_mul),
    ("vdiv", VDIV, fp.fp_div),
]


class EmulatedVfp:
    """Runs one double-precision instruction d0 = d1 op d2 a time and returns d0 and FPSCR."""

    def __init__(self, instruction: int) -> None:
        self._machine = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_ARM)
        self._machine.ctl_set_cpu_model(arm.UC_CPU_ARM_CORTEX_A15)
        self._machine.mem_map(CODE, 0x1000)
        vmsr_r0, vmrs_r0 = 0xEEE10A10, 0xEEF10A10
        self._machine.mem_write(CODE, struct.pack("<3I", vmsr_r0, instruction, vmrs_r0))
        self._machine.reg_write(arm.UC_ARM_REG_C1_C0_2, 0xF << 20)
        self._machine.reg_write(arm.UC_ARM_REG_FPEXC, 1 << 30)

    def run(self, a: int, b: int, c: int, fpscr: int) -> tuple[int, int]:
        """(d0, FPSCR) after the instruction, from d0 = c, d1 = a, d2 = b."""
        for register, value in ((arm.UC_ARM_REG_D0, c), (arm.UC_ARM_REG_D1, a), (arm.UC_ARM_REG_D2, b)):
            self._machine.reg_write(register, value)
        self._machine.reg_write(arm.UC_ARM_REG_R0, fpscr)
        self._machine.emu_start(CODE, CODE + 12)
        return self._machine.reg_read(arm.UC_ARM_REG_D0), self._machine.reg_read(arm.UC_ARM_REG_R0)


def as_fpscr(flags: int, flush: bool) -> int:
    """Our flags as FPSCR cumulative bits; IDC exists only while flushing."""
    bits = sum(bit for ours, bit in CUMULATIVE.items() if flags & ours)
    return bits if flush else bits & ~CUMULATIVE[fp.INPUT_DENORMAL]


@pytest.mark.oracle
@pytest.mark.parametrize("flush", [False, True])
@pytest.mark.parametrize(("name", "instruction", "operation"), OPERATIONS, ids=[name for name, _, _ in OPERATIONS])
def test_vfp_arithmetic_agrees_with_unicorn(
    name: str, instruction: int, operation: Callable[..., tuple[int, int]], flush: bool
) -> None:
    """Double-precision results and all six cumulative flags agree in four roundings with default NaNs."""
    vfp = EmulatedVfp(instruction)
    many = random_patterns(64, 1200, 41)
    tiny_before_rounding = [(0x0010_0000_0000_0001, 0x3FEF_FFFF_FFFF_FFFE)]
    pairs = [*itertools.product(edges(64), edges(64)), *zip(many[::2], many[1::2], strict=True)]
    mode = fp.FLUSH_TO_ZERO if flush else 0
    for (a, b), rounding in itertools.product(pairs + tiny_before_rounding, range(4)):
        fpscr = DEFAULT_NAN | (FLUSH if flush else 0) | RMODE[rounding] << 22
        bits, flags = operation(a, b, 64, rounding, 0, mode)
        expected, after = vfp.run(a, b, 0, fpscr)
        assert (hex(bits), as_fpscr(flags, flush)) == (hex(expected), after & 0x9F), (
            name,
            hex(a),
            hex(b),
            rounding,
        )


@pytest.mark.oracle
def test_vfma_agrees_with_unicorn_also_for_nan_addends() -> None:
    """The fused multiply-add agrees, and infinity times zero is invalid also beside a quiet NaN."""
    vfp = EmulatedVfp(VFMA)
    few = [*edges(64)[::3], 0, 1 << 63, 0x7FF << 52, 0xFFF << 52]
    for (a, b, c), rounding in itertools.product(itertools.product(few, few, few), range(4)):
        bits, flags = fp.fp_fma(a, b, c, 64, rounding)
        expected, after = vfp.run(a, b, c, DEFAULT_NAN | RMODE[rounding] << 22)
        assert (hex(bits), as_fpscr(flags, False)) == (hex(expected), after & 0x9F), (hex(a), hex(b), hex(c))
