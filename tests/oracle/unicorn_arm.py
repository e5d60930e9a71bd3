"""Unicorn as an oracle: A32 and T32 code on a Cortex-A15, in any mode, with VFPv4 and NEON enabled.

What `qemu_arm` does faster for user mode, this does for privileged modes, for given pages of memory, and
one instruction at a time. The MMU is off; addresses are physical.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import unicorn
from unicorn import arm_const

PAGE = 4096
CPSR_T = 1 << 5
MODE_USER = 0x10
MODE_SVC = 0x13

_CPACR = arm_const.UC_ARM_REG_C1_C0_2
_CPACR_FULL_VFP = 0xF << 20
_FPEXC_EN = 1 << 30
_R = (
    *(getattr(arm_const, f"UC_ARM_REG_R{number}") for number in range(13)),
    arm_const.UC_ARM_REG_SP,
    arm_const.UC_ARM_REG_LR,
)
_D = tuple(getattr(arm_const, f"UC_ARM_REG_D{number}") for number in range(32))


@dataclass(frozen=True, slots=True)
class ArmCore:
    """Registers of the current mode: `r` is r0 to r14, `d` 32 of 64 bits; the mode is in `cpsr`.

    `pc` has bit 0 clear; CPSR.T alone chooses the instruction set.
    """

    pc: int
    cpsr: int = MODE_SVC
    r: tuple[int, ...] = (0,) * 15
    spsr: int = 0
    fpscr: int = 0
    d: tuple[int, ...] = (0,) * 32


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run left: the core, the pages that were given, and why it ended early, if it did.

    `exception` is Unicorn's own message (undefined instructions, unmapped memory), or `interrupt N` with
    QEMU's number of the exception (2 SVC, 7 breakpoint).
    """

    core: ArmCore
    pages: Mapping[int, bytes] = field(default_factory=dict)
    exception: str | None = None


def run(core: ArmCore, pages: Mapping[int, bytes], count: int) -> Outcome:
    """Run at most `count` instructions from `core.pc`, which lies in one of `pages`.

    `pages`: address, a multiple of 4096, to contents of a multiple of 4096 bytes; nothing else is mapped.
    Raises `ValueError` for pages of another shape.
    """
    machine = _machine()
    for address, contents in pages.items():
        if address % PAGE or not contents or len(contents) % PAGE:
            raise ValueError(f"page {address:#x} of {len(contents)} bytes: both must be multiples of {PAGE}")
        machine.mem_map(address, len(contents))
        machine.mem_write(address, contents)
    _load(machine, core)
    interrupts: list[int] = []

    def on_interrupt(uc: unicorn.Uc, number: int, _: object) -> None:
        interrupts.append(number)
        uc.emu_stop()

    machine.hook_add(unicorn.UC_HOOK_INTR, on_interrupt)
    exception = None
    try:
        machine.emu_start(core.pc | bool(core.cpsr & CPSR_T), until=0xFFFF_FFFF, count=count)
    except unicorn.UcError as error:
        exception = str(error)
    if interrupts:
        exception = f"interrupt {interrupts[0]}"
    left = {address: bytes(machine.mem_read(address, len(contents))) for address, contents in pages.items()}
    return Outcome(_save(machine), left, exception)


def _machine() -> unicorn.Uc:
    machine = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_ARM)
    machine.ctl_set_cpu_model(arm_const.UC_CPU_ARM_CORTEX_A15)
    machine.reg_write(arm_const.UC_ARM_REG_CPSR, MODE_SVC)
    machine.reg_write(_CPACR, _CPACR_FULL_VFP)
    machine.reg_write(arm_const.UC_ARM_REG_FPEXC, _FPEXC_EN)
    return machine


def _load(machine: unicorn.Uc, core: ArmCore) -> None:
    # The mode first: it says which bank r13, r14 and the SPSR are written to.
    machine.reg_write(arm_const.UC_ARM_REG_CPSR, core.cpsr)
    for register, value in _pairs(core):
        machine.reg_write(register, value)


def _pairs(core: ArmCore) -> Iterator[tuple[int, int]]:
    yield from zip(_R, core.r, strict=True)
    yield from zip(_D, core.d, strict=True)
    yield arm_const.UC_ARM_REG_SPSR, core.spsr
    yield arm_const.UC_ARM_REG_FPSCR, core.fpscr


def _save(machine: unicorn.Uc) -> ArmCore:
    def read(register: int) -> int:
        value: int = machine.reg_read(register)
        return value

    return ArmCore(
        pc=read(arm_const.UC_ARM_REG_PC),
        cpsr=read(arm_const.UC_ARM_REG_CPSR),
        r=tuple(read(register) for register in _R),
        spsr=read(arm_const.UC_ARM_REG_SPSR),
        fpscr=read(arm_const.UC_ARM_REG_FPSCR),
        d=tuple(read(register) for register in _D),
    )
