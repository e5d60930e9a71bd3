"""Claims: small facilities of Power do what Power ISA 2.06 says, on both engines.

QEMU as a process shows none of these: they are privileged, or not modelled there.
"""

from __future__ import annotations

import decimal
import functools
from collections.abc import Mapping

import pytest

from trapline.asmgen import Layout, Source, assemble, target_for
from trapline.isa.engine.state import State
from trapline.tests.native.pair import CODE, DATA, Pair

HYPERVISOR, PROBLEM = 0x9000000000001000, 0x9000000000005000
DATA_STORAGE, ALIGNMENT, PROGRAM, EMULATION = 0x300, 0x600, 0x700, 0xE40


@functools.cache
def pair(core: str) -> Pair:
    """Both engines of a core."""
    return Pair(core)


def run(
    core: str,
    text: str,
    steps: int,
    msr: int = HYPERVISOR,
    floats: Mapping[int, int] | None = None,
    handlers: bool = False,
    also: Mapping[str, int] | None = None,
    **registers: int,
) -> State:
    """Where both machines are after `steps` instructions at CODE; r3 is DATA, which holds bytes 0, 1, 2, …"""
    machines = pair(core)
    image = assemble([Source("test.s", text)], target_for(machines.description), Layout(base=CODE))
    code = image.sections[0].data
    for side in machines.sides:
        side.engine.reset()
        side.ram.write(0, bytes(DATA))
        side.ram.write(CODE, code)
        # Each interrupt's handler is a branch to itself.
        for vector in range(0x100, 0x1000, 0x20) if handlers else ():
            side.ram.write(vector, bytes.fromhex("48000000"))
        side.ram.write(DATA, bytes(range(256)))
        side.engine.invalidate_code(0, DATA)
        for number in range(32):
            side.state.write("GPR", 0x1111 * number, number)
        side.state.write("GPR", DATA, 3)
        for number, value in (floats or {}).items():
            side.state.write("FPR", value, number)
        for name, value in (registers | dict(also or {})).items():
            side.state.write(name, value)
        side.state.write("MSR", msr)
        side.state.pc = CODE
        side.engine.state_changed()
        side.engine.run(steps)
    assert machines.differences() == []
    return machines.sides[0].state


def test_cfar_has_the_last_branch_that_was_taken() -> None:
    """Book III-S, 8.1.1: a branch that is not taken, and what does not branch, leave it."""
    text = "b 1f\nnop\n1: nop\ncmpw 3, 3\nbne 1b\nbeq 2f\nnop\n2: nop\nbl 3f\n3: mtctr 3\nbctr\n"
    after = {steps: run("power7", text, steps).read("CFAR") for steps in (1, 2, 4, 5, 6, 7, 9)}
    assert after == {1: CODE, 2: CODE, 4: CODE, 5: CODE + 20, 6: CODE + 20, 7: CODE + 32, 9: CODE + 40}


def test_cfar_has_the_return_from_an_interrupt() -> None:
    """The same section: rfid and hrfid set it; entering an interrupt does not."""
    state = run("power7", "nop\nrfid\n", 2, SRR0=CODE + 0x100, SRR1=HYPERVISOR)
    assert (state.pc, state.read("CFAR")) == (CODE + 0x100, CODE + 4)
    state = run("power7", "b 1f\n1: .long 0\n", 2)
    assert (state.pc, state.read("CFAR")) == (EMULATION, CODE)


@pytest.mark.parametrize(
    ("number", "in_problem_state", "in_hypervisor_state"),
    [(1, 2, 2), (2, 4, 4), (3, 4, 6), (5, 4, 5), (6, 3, 3), (7, 4, 7), (31, 4, 1), (4, 4, 4), (0, 4, 4)],
)
def test_moves_of_a_register_to_itself_set_the_priority(
    number: int, in_problem_state: int, in_hypervisor_state: int
) -> None:
    """Book II, 3.2, Book III-S, 4.4.6: what is not allowed is a no-operation; mfspr reads PRI; or. only moves."""
    text = f"or {number}, {number}, {number}\nmfspr 9, 896\n"
    for msr, expected in ((PROBLEM, in_problem_state), (HYPERVISOR, in_hypervisor_state)):
        assert run("power7", text, 2, msr).read("GPR", 9) >> 50 & 7 == expected
    assert run("power7", text.replace("or ", "or. "), 2).read("GPR", 9) >> 50 & 7 == 4
    assert run("ppc970", f"or {number}, {number}, {number}\n", 1).pc == CODE + 4


def test_a_quadword_is_two_registers() -> None:
    """Book I, 3.3.2: the even register has the doubleword at the lower address; stq takes them back."""
    state = run("power7", "lq 8, 16(3)\nstq 8, 32(3)\nld 10, 40(3)\n", 3)
    assert state.read("GPR", 8) == 0x1011121314151617
    assert state.read("GPR", 9) == state.read("GPR", 10) == 0x18191A1B1C1D1E1F


def test_a_quadword_is_privileged_and_aligned() -> None:
    """Programs may use it on no core; a boundary is needed everywhere."""
    assert run("power7", "lq 8, 16(3)\n", 1, PROBLEM).pc == PROGRAM
    assert run("ppc970", "lq 8, 16(3)\n", 1, PROBLEM).pc == PROGRAM
    assert run("ppc970", "lq 8, 16(3)\n", 1).pc == CODE + 4
    state = run("power7", "addi 3, 3, 8\nlq 8, 16(3)\n", 2)
    assert (state.pc, state.read("DAR")) == (ALIGNMENT, DATA + 24)


def test_external_control_needs_ear() -> None:
    """Book II, 5: with EAR.E = 0 a data storage interrupt (DSISR 43); else a word, on its boundary."""
    state = run("power7", "eciwx 8, 0, 3\n", 1)
    assert (state.pc, state.read("DSISR"), state.read("DAR")) == (DATA_STORAGE, 1 << 20, DATA)
    assert run("power7", "eciwx 8, 0, 3\n", 1, EAR=1 << 31).read("GPR", 8) == 0x00010203
    assert run("power7", "addi 3, 3, 2\necowx 8, 0, 3\n", 2, EAR=1 << 31).pc == ALIGNMENT
    assert run("ppc970", ".long 0x7d001a6c\n", 1).pc == PROGRAM


def test_a_request_to_a_coprocessor_is_rejected_or_refused() -> None:
    """ACOP says which types a program may use: others are a data storage interrupt (DSISR 49); none is there."""
    request = "lis 8, 5\nicswx. 8, 0, 3\n"
    state = run("power7", request, 2, PROBLEM, ACOP=1 << (63 - 5))
    assert (state.pc, state.read("CR") >> 28) == (CODE + 8, 0b0010)
    state = run("power7", request, 2, PROBLEM, ACOP=(1 << 64) - 1 ^ 1 << (63 - 5))
    assert (state.pc, state.read("DSISR"), state.read("DAR")) == (DATA_STORAGE, 1 << 14, DATA)
    assert run("power7", request, 2).read("CR") >> 28 == 0b0010


@pytest.mark.parametrize(
    ("operation", "exponent", "enable", "exception", "result"),
    [("dadd", 767, 6, 28, 370 - 576), ("dmul", 767, 6, 28, 754 - 576), ("dmul", 0, 5, 27, -780 + 576)],
)
def test_an_enabled_decimal_overflow_or_underflow_adjusts_the_exponent(
    operation: str, exponent: int, enable: int, exception: int, result: int
) -> None:
    """Book I, 5.5.10: by 576 in long numbers. Operands are sixteen nines at the ends of the exponents' range."""
    nines = 0b11 << 61 | exponent >> 8 << 59 | 1 << 58 | (exponent & 0xFF) << 50 | sum(0xFF << 10 * n for n in range(5))
    state = run("power7", f"{operation} 2, 1, 1\ndxex 4, 2\n", 2, HYPERVISOR | 1 << 13, {1: nines}, FPSCR=1 << enable)
    assert state.read("FPR", 4) == result + 398
    assert state.read("FPSCR") >> exception & 1


@pytest.mark.parametrize("negative", [False, True])
@pytest.mark.parametrize("drn", range(8))
def test_decimal_rounding_is_that_of_drn(drn: int, negative: bool) -> None:
    """Book I, 5.5.2: the eight modes of FPSCR.DRN, which mtfsfi with W = 1 sets, on numbers of 17 digits made 16."""
    modes = ["HALF_EVEN", "DOWN", "CEILING", "FLOOR", "HALF_UP", "HALF_DOWN", "UP", "05UP"]
    context = decimal.Context(prec=16, rounding=f"ROUND_{modes[drn]}")
    for last in (0, 1, 49, 50, 51, 99, 150, 250, 501, 550):
        number = (12345678901234000 + last) * (-1 if negative else 1)
        floats = {1: number % (1 << 64)}
        state = run("power7", f"mtfsfi 7, {drn}, 1\ndcffix 2, 1\ndctfix 3, 2\n", 3, HYPERVISOR | 0x2000, floats)
        assert state.read("FPSCR") >> 32 & 7 == drn
        assert state.read("FPR", 3) == int(context.create_decimal(number)) % (1 << 64)
