"""Tests that look into a machine: the fixtures come from Trapline's plugin."""

from collections.abc import Callable

import trapline

GUEST = """
        .global _start
_start: li      r3, 6
        mulli   r4, r3, 7
stop:   b       stop
"""


def test_registers_behind_three_instructions(
    machine: Callable[..., trapline.Machine], assemble: Callable[..., bytes]
) -> None:
    """A guest is assembled, put into a machine, and run to a symbol."""
    board = machine(assemble(GUEST, "power7", base=0x10000), machine="pseries")
    assert board.run_until("stop")
    assert board.registers["r4"] == 42


def test_the_debugger_sees_the_same(gdb: Callable[..., str], assemble: Callable[..., bytes]) -> None:
    """gdb-multiarch, attached to the served guest."""
    said = gdb(assemble(GUEST, "power7", base=0x10000), "break stop", "continue", "print $r4", machine="pseries")
    assert "$1 = 42" in said
