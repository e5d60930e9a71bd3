"""Our Power cores as a Linux process sees them: problem state, 64-bit mode, every facility, precise FP exceptions."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from trapline.isa.engine.layout import layout_of
from trapline.isa.lang.load import load_files

from .qemu_power import PowerState
from .qemu_user import Fault
from .user_machine import UserMachine

SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV = 4, 5, 7, 8, 11

_DESCRIPTION = Path(__file__).with_name("user_mode_power.isa")
_LOW = (1 << 64) - 1
_HID5 = 0x80
"""Of QEMU's 970 in user mode: dcbz clears 32 bytes."""
_SIGNALS = {
    "hypervisor_emulation_assistance": SIGILL,
    "alignment": SIGBUS,
    "data_storage": SIGSEGV,
    "instruction_storage": SIGSEGV,
    "machine_check": SIGSEGV,
}


class PowerMachine(UserMachine[PowerState]):
    """POWER7 or PowerPC 970 with PR = 1, and a translation of its own, which lets every address through."""

    filler = bytes(4)

    def __init__(self, core: str, engine: str = "reference") -> None:
        description = load_files([_DESCRIPTION], core)
        self._has_vsx = "VSX" in description.features
        super().__init__(description, engine)

    def prepare(self) -> None:
        bits = {f.name: 1 << f.low for f in self.description.registers["MSR"].fields}
        wanted = ["SF", "HV", "PR", "FP", "VEC", "ME", "FE0", "FE1", *(["VSX"] if self._has_vsx else [])]
        self._msr = sum(bits[name] for name in wanted)
        self.registers.MSR = self._msr
        if not self._has_vsx:
            self.registers.HID5 = _HID5
        names = ("GPR", "FPR", "VR", *(["VSR_LOW"] if self._has_vsx else []))
        block, slots = self.state.blocks["thread"], layout_of(self.description).blocks["thread"].slots
        self._read: dict[str, Callable[[], Sequence[int]]] = {}
        self._write: dict[str, Callable[[Sequence[int]], None]] = {}
        for name in names:
            held = getattr(self.registers, name)
            if isinstance(held, list):
                self._read[name] = partial(tuple, held)
                self._write[name] = partial(held.__setitem__, slice(None))
            else:
                places = [(slots[name], index) for index in range(32)]
                self._read[name], self._write[name] = block.reader(places), block.writer(places)

    def vectors(self) -> dict[int, str]:
        return {one.vector: name for name, one in self.description.interrupts.items() if one.vector >= 0}

    def put(self, state: PowerState) -> None:
        registers = self.registers
        self._write["GPR"](state.gpr)
        self._write["FPR"]([value >> 64 for value in state.vsr[:32]])
        self._write["VR"](state.vsr[32:])
        if self._has_vsx:
            self._write["VSR_LOW"]([value & _LOW for value in state.vsr[:32]])
        registers.CR, registers.XER, registers.LR, registers.CTR = state.cr, state.xer, state.lr, state.ctr
        registers.FPSCR, registers.VRSAVE, registers.VSCR = state.fpscr, state.vrsave, state.vscr

    def take(self) -> PowerState:
        registers = self.registers
        high = self._read["FPR"]()
        low = self._read["VSR_LOW"]() if self._has_vsx else (0,) * 32
        return PowerState(
            gpr=tuple(self._read["GPR"]()),
            cr=registers.CR,
            xer=registers.XER,
            lr=registers.LR,
            ctr=registers.CTR,
            fpscr=registers.FPSCR,
            vrsave=registers.VRSAVE,
            vscr=registers.VSCR,
            vsr=(*(one << 64 | rest for one, rest in zip(high, low, strict=True)), *self._read["VR"]()),
        )

    def in_user_mode(self) -> bool:
        return bool(self.registers.MSR == self._msr)

    def fault(self, interrupt: str) -> Fault:
        """The reason of a program interrupt is in SRR1 (Book III-S, 6.5.9); SRR0 or HSRR0 has the address."""
        registers = self.registers
        pc = registers.HSRR0 if interrupt.startswith("hypervisor") else registers.SRR0
        signal = _SIGNALS.get(interrupt)
        if interrupt == "program":
            reasons = self.description.enums["program_reason"].members
            kinds = {"floating_point_enabled": SIGFPE, "illegal": SIGILL, "privileged": SIGILL, "trap": SIGTRAP}
            signal = next(kinds[name] for name, bit in reasons.items() if registers.SRR1 >> (20 - bit) & 1)
        if signal is None:
            raise ValueError(f"a process does not get {interrupt} as a signal")
        return Fault(signal, 0, registers.DAR, pc)
