"""Claims: branches that change the instruction set go where Unicorn's Cortex-A15 goes (DDI 0406C, A2.3.2)."""

import random

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
