"""Pieces of Arm code that several generators use."""

from __future__ import annotations

from typing import Final

from ...making.case import Check

NO_VECTORS: Final = (
    "        .data",
    "        .balign 8",
    "        .global suite_vectors",
    "suite_vectors:",
    "        .skip   256",
)
"""What d0 to d31 hold at a step's begin, where that does not matter."""
MODES: Final = {"svc": 0x13, "fiq": 0x11, "irq": 0x12, "abt": 0x17, "und": 0x1B, "sys": 0x1F, "usr": 0x10}
HYP: Final = {"HCR": (1, 1, 0), "HDCR": (1, 1, 1), "HCPTR": (1, 1, 2), "HSTR": (1, 1, 3), "CNTHCTL": (14, 1, 0)}
"""CRn, CRm, opc2 of what traps (opc1 is 4)."""


def told() -> tuple[Check, ...]:
    """What an exception leaves."""
    return (
        *(Check(one) for one in ("trap", "elr", "spsr", "fsr", "icpsr")),
        Check("far", unless=0),
        Check("hpfar", unless=0),
    )


def in_hyp(**registers: int) -> list[str]:
    """Writes registers of Hyp mode's, and comes back. r0 is lost."""
    code = ["into_hyp"]
    for name, value in registers.items():
        first, second, third = HYP[name]
        code += [f"load32  r0, {value:#x}", f"mcr     p15, 4, r0, c{first}, c{second}, {third}           @ {name}"]
    return [*code, "isb", "out_of_hyp"]


def in_user(code: tuple[str, ...]) -> tuple[str, ...]:
    """Runs code in User mode, behind which is a supervisor call."""
    return ("cps     #0x10", *code)


def entered(mode: str) -> tuple[str, ...]:
    """Goes from Supervisor mode to another one."""
    return () if mode == "svc" else (f"cps     #{MODES[mode]:#x}",)


def left(mode: str) -> tuple[str, ...]:
    """Behind what is tested: a way out of User mode, from where nothing can be recorded."""
    return ("svc     #0",) if mode == "usr" else ()
