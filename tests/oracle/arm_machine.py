"""Our Armv7 core as a Linux process sees it: user mode, VFP and Advanced SIMD enabled."""

from pathlib import Path

from trapline.isa.lang.load import load_core

from .qemu_arm import CPSR_FLAGS, CPSR_T, ArmState
from .qemu_user import Fault, Instance
from .user_machine import UserMachine

SIGILL, SIGTRAP, SIGBUS, SIGSEGV = 4, 5, 7, 11

_CHANGES = Path(__file__).with_name("user_mode_arm.isa")
_USER = 0x10
_IT = 0x0600FC00


class ArmMachine(UserMachine[ArmState]):
    """A core in user mode with a translation of its own."""

    filler = b"\xff" * 4  # of coprocessor 15, and there is no such register, in A32 and T32

    def __init__(self, core: str, engine: str = "reference") -> None:
        super().__init__(load_core(core, changes=[_CHANGES]), engine)

    def prepare(self) -> None:
        self.engine.write_external("CPSR", _USER)
        self.engine.write_external("CPACR", 0x00F00000)
        self.engine.write_external("FPEXC", 1 << 30)
        self.registers.SCTLR |= 1 << 10  # SW: SWP, which QEMU's process has

    def vectors(self) -> dict[int, str]:
        return {
            self.description.interrupts[name].vector: name
            for name in ("undefined_instruction", "prefetch_abort", "data_abort")
        }

    def put(self, state: ArmState) -> None:
        registers = self.registers
        for number, value in enumerate(state.r):
            registers.R[number] = value
        for number, value in enumerate(state.d):
            registers.D[number] = value
        registers.CPSR, registers.FPSCR = state.cpsr | _USER, state.fpscr

    def before(self, instance: Instance[ArmState], code_address: int) -> None:
        # See user_mode_arm.isa.
        self.registers.TPIDRPRW = code_address
        self.registers.HTPIDR = code_address + len(instance.code)

    def take(self) -> ArmState:
        registers = self.registers
        r = list(registers.R)[:15]
        if registers.CPSR & 0x1F != _USER:
            r[13], r[14] = registers.R13_usr, registers.R14_usr
        return ArmState(r=tuple(r), cpsr=self._process_cpsr() & CPSR_FLAGS, fpscr=registers.FPSCR, d=tuple(registers.D))

    def is_in_set(self, is_thumb: bool) -> bool:
        """Whether the run ended in this instruction set, and outside of conditional blocks unless by a fault."""
        cpsr = self._process_cpsr()
        in_block = cpsr == self.registers.CPSR and cpsr & _IT != 0
        return not in_block and bool(cpsr & CPSR_T) == is_thumb

    def _process_cpsr(self) -> int:
        """CPSR, or what a fault saved of it."""
        cpsr: int = self.registers.CPSR
        saved: dict[int, int] = {0x1B: self.registers.SPSR_und, 0x17: self.registers.SPSR_abt}
        return saved.get(cpsr & 0x1F, cpsr)

    def in_user_mode(self) -> bool:
        return bool(self.registers.CPSR & 0x1F == _USER)

    def fault(self, interrupt: str) -> Fault:
        """The link register is ahead of the instruction (DDI 0406C, B1.8.3); a debug event is a trap."""
        registers = self.registers
        link = registers.R[14]
        if interrupt == "undefined_instruction":
            return Fault(SIGILL, 0, 0, link - (2 if registers.SPSR_und & CPSR_T else 4))
        if interrupt == "prefetch_abort":
            is_debug = registers.IFSR & 0x40F == 2
            return Fault(SIGTRAP if is_debug else SIGSEGV, 0, registers.IFAR, link - 4)
        is_alignment = registers.DFSR & 0x40F == 1
        return Fault(SIGBUS if is_alignment else SIGSEGV, 0, registers.DFAR, link - 8)
