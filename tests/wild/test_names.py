"""Addresses are called by the function whose code is there, also where a symbol stands for something else."""

from __future__ import annotations

import pytest

import trapline
from trapline.server.wild.names import Names

from ..server.guests import ARM_BASE, POWER_BASE, guest

ELFV1 = """
.section .opd, "aw"
.globl _start, second
_start: .quad .Lfirst, 0, 0
second: .quad .Lsecond, 0, 0
.text
.Lfirst: nop
         b .Lsecond
.Lsecond: addi %r3, %r3, 1
          b .
"""
THUMB = """
.globl _start, second
_start: nop
        blx second
        b .
.thumb
.thumb_func
second: adds r0, r0, #1
        b .
"""
CASES = [
    pytest.param("power7", ELFV1, POWER_BASE, 4, id="elfv1"),
    pytest.param("armv7ve", THUMB, ARM_BASE, 2, id="thumb"),
]


@pytest.mark.parametrize(("core", "text", "base", "step"), CASES)
def test_a_function_is_called_by_its_name_where_its_code_is(core: str, text: str, base: int, step: int) -> None:
    """A descriptor of ELFv1 is data, bit 0 of a Thumb function no part of its address; messages name the function, and
    `run_until` comes to it."""
    program = guest(text, core, base)
    names = Names([program])
    with trapline.Machine(program.raw) as machine:
        assert machine.run_until("second", max_instructions=100)
        assert machine.instructions == 2
        code = machine.pc
        assert machine.symbol("second") == program.symbols["second"] != code
    assert names.symbol(code) == "second"
    assert names.symbol(code + step) == f"second+{step:#x}"
    assert names.symbol(code - 1).startswith("_start+")
