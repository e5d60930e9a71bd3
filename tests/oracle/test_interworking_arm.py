"""Claims: branches between instruction sets, and table branches, go where Unicorn's Cortex-A15 goes (A2.3.2)."""

import random
from dataclasses import replace

import pytest

from trapline.isa.lang.load import load_core
from trapline.tests.oracle import unicorn_arm
from trapline.tests.oracle.arm_blocks import ArmArchitecture
from trapline.tests.oracle.arm_machine import ArmMachine
from trapline.tests.oracle.instances import Sampler
from trapline.tests.oracle.qemu_arm import CPSR_T
from trapline.tests.oracle.qemu_user import IN_BASE, Instance

pytestmark = pytest.mark.oracle

FORMS = ("blx_immediate", "blx_register", "bx", "t32_blx", "t16_blx", "t16_bx")
DRAWS = 60


@pytest.mark.parametrize("name", FORMS)
def test_a_branch_ends_in_the_same_place_and_instruction_set(name: str) -> None:
    """One instruction from random registers: its target, bit T, and every register are compared."""
    description = load_core("armv7ve")
    form = description.forms[name]
    machine = ArmMachine("armv7ve")
    architecture = ArmArchitecture(machine, form.instruction_set == "T32")
    sampler, draw = Sampler(description, 1), random.Random(name)
    for _ in range(DRAWS):
        sample = sampler.one(form, draw)
        assert sample is not None
        code, state = architecture.bytes_of([sample]), architecture.state(draw)
        left = machine.step(Instance(state, code), IN_BASE)
        core = unicorn_arm.ArmCore(
            pc=IN_BASE, cpsr=state.cpsr | unicorn_arm.MODE_USER, r=state.r, fpscr=state.fpscr, d=state.d
        )
        page = code.ljust(unicorn_arm.PAGE, b"\0")
        outcome = unicorn_arm.run(core, {IN_BASE: page}, count=1)
        ours = (left.pc, machine.registers.CPSR & CPSR_T, left.result.state.r)
        theirs = (outcome.core.pc, outcome.core.cpsr & CPSR_T, outcome.core.r)
        assert ours == theirs, f"{sample.name} {sample.word:#x} from {[hex(value) for value in state.r]}"


@pytest.mark.parametrize("name", ["t32_tbb", "t32_tbh"])
def test_a_table_branch_goes_forward_by_twice_its_entry(name: str) -> None:
    """The table stands behind the instruction, and the base is a register or the pc."""
    description = load_core("armv7ve")
    machine = ArmMachine("armv7ve")
    architecture = ArmArchitecture(machine, True)
    sampler, draw = Sampler(description, 1), random.Random(name)
    for _ in range(DRAWS):
        sample = sampler.one(description.forms[name], draw)
        assert sample is not None
        code, state = architecture.bytes_of([sample]) + draw.randbytes(64), architecture.state(draw)
        base, index = sample.word >> 16 & 15, sample.word & 15
        r = list(state.r)
        if base < len(r):
            r[base] = IN_BASE + 4
        if index == base:
            continue
        r[index] = draw.randrange(24)
        state = replace(state, r=tuple(r))
        left = machine.step(Instance(state, code), IN_BASE)
        core = unicorn_arm.ArmCore(
            pc=IN_BASE, cpsr=state.cpsr | unicorn_arm.MODE_USER, r=state.r, fpscr=state.fpscr, d=state.d
        )
        outcome = unicorn_arm.run(core, {IN_BASE: code.ljust(unicorn_arm.PAGE, b"\0")}, count=1)
        assert (left.pc, left.result.state.r) == (outcome.core.pc, outcome.core.r), f"{sample.word:#x}"
