"""A vcpu's registers as KVM hands them to user space: regs, fpu, sregs, one-reg.

Linux, arch/powerpc/include/asm/kvm.h (struct kvm_regs, kvm_fpu, kvm_sregs, KVM_REG_PPC_*) and book3s_hv.c. One-reg
takes KVM's ids, KVM's names (`KVM_REG_PPC_DAR`, or without the prefix), and the description's names (`GPR[3]`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import msgspec

from .....isa.errors import TraplineError
from ...errors import KvmError
from ...exits import MpState

if TYPE_CHECKING:
    from ....core import Core
    from .vpa import VirtualProcessorAreas

_PPC: Final = 0x1 << 60
_U32, _U64, _U128 = (size << 52 for size in (2, 3, 4))
_SREGS: Final = ("PVR", "SDR1", "LPCR", "LPIDR", "RMOR", "HRMOR", "HID4", "HIOR")
_AREAS: Final = {"VPA_ADDR": "vpa", "VPA_SLB": "slb_shadow", "VPA_DTL": "dispatch_log"}
_ELEMENT: Final = re.compile(r"(\w+)\[(\d+)\]")


class OneReg(msgspec.Struct, frozen=True):
    """A register of KVM's: its id, and what it is in the description (`index` -1: no array)."""

    id: int
    register: str
    index: int = -1


def _one_regs() -> dict[str, OneReg]:
    plain = {
        "HIOR": (0x01, _U64, "HIOR"),
        "DABR": (0x08, _U64, "DABR"),
        "DSCR": (0x09, _U64, "DSCR"),
        "PURR": (0x0A, _U64, "PURR"),
        "SPURR": (0x0B, _U64, "SPURR"),
        "DAR": (0x0C, _U64, "DAR"),
        "DSISR": (0x0D, _U32, "DSISR"),
        "AMR": (0x0E, _U64, "AMR"),
        "UAMOR": (0x0F, _U64, "UAMOR"),
        "MMCR0": (0x10, _U64, "MMCR0"),
        "MMCR1": (0x11, _U64, "MMCR1"),
        "MMCRA": (0x12, _U64, "MMCRA"),
        **{f"PMC{n + 1}": (0x18 + n, _U32, f"PMC{n + 1}") for n in range(8)},
        "FPSCR": (0x80, _U64, "FPSCR"),
        "VSCR": (0x81, _U32, "VSCR"),
        "VPA_ADDR": (0x82, _U64, "VPA_ADDR"),
        "VPA_SLB": (0x83, _U128, "VPA_SLB"),
        "VPA_DTL": (0x84, _U128, "VPA_DTL"),
    }
    found = {name: OneReg(_PPC | size | number, register) for name, (number, size, register) in plain.items()}
    for name, first, size in (("FPR", 0x20, _U64), ("VR", 0x40, _U128), ("VSR", 0x60, _U128)):
        found |= {f"{name}{n}": OneReg(_PPC | size | (first + n), name, n) for n in range(32)}
    return found


ONE_REGS: Final[Mapping[str, OneReg]] = _one_regs()
"""By KVM's names without KVM_REG_PPC_; arrays with their index: FPR3."""
_BY_ID: Final = {one.id: one for one in ONE_REGS.values()}


class Regs(msgspec.Struct):
    """struct kvm_regs."""

    pc: int = 0
    cr: int = 0
    ctr: int = 0
    lr: int = 0
    xer: int = 0
    msr: int = 0
    srr0: int = 0
    srr1: int = 0
    pid: int = 0
    sprg: list[int] = msgspec.field(default_factory=lambda: [0] * 8)
    gpr: list[int] = msgspec.field(default_factory=lambda: [0] * 32)


class SlbEntry(msgspec.Struct, frozen=True):
    """An entry as slbmte takes it: RB with its index, and RS."""

    slbe: int
    slbv: int


class Sregs(msgspec.Struct):
    """struct kvm_sregs, as far as Book3S HV fills it in: the valid SLB entries."""

    pvr: int = 0
    sdr1: int = 0
    slb: list[SlbEntry] = msgspec.field(default_factory=list)


_PLAIN: Final = ("CR", "CTR", "LR", "XER", "MSR", "SRR0", "SRR1")
_SPRGS: Final = 4
"""The cores have no more; the others of the struct are zero."""


class VcpuRegisters:
    """KVM_GET/SET_REGS, _FPU, _SREGS, _ONE_REG, _MP_STATE."""

    core: Core
    areas: VirtualProcessorAreas
    mp_state: MpState

    def get_regs(self) -> Regs:
        """KVM_GET_REGS."""
        core = self.core
        plain = {name.lower(): core.get(name) for name in _PLAIN}
        sprg = [core.get(f"SPRG{n}") for n in range(_SPRGS)] + [0] * _SPRGS
        return Regs(pc=core.pc, sprg=sprg, gpr=[core.read("GPR", n) for n in range(32)], **plain)

    def set_regs(self, regs: Regs) -> None:
        """KVM_SET_REGS. The partition's MSR never has HV. Raises KvmError (EINVAL) for what does not fit."""
        core = self.core
        values = {name: getattr(regs, name.lower()) for name in _PLAIN}
        values["MSR"] &= ~core.constant("HYPERVISOR_STATE")
        if len(regs.gpr) != 32 or len(regs.sprg) != 2 * _SPRGS:
            raise KvmError("there are 32 GPRs and 8 SPRGs")
        if regs.pc >> 64:
            raise KvmError(f"{regs.pc:#x} is no address", "it has 64 bits")
        for name, value in (values | {f"SPRG{n}": regs.sprg[n] for n in range(_SPRGS)}).items():
            self._set(name, None, value)
        for n, value in enumerate(regs.gpr):
            self._set("GPR", n, value)
        core.pc = regs.pc & ~3

    def get_fpu(self) -> list[int]:
        """KVM_GET_FPU: the floating-point registers' bits."""
        return [self.core.read("FPR", n) for n in range(32)]

    def set_fpu(self, fpr: list[int]) -> None:
        """KVM_SET_FPU. Raises KvmError (EINVAL)."""
        if len(fpr) != 32:
            raise KvmError(f"there are 32 floating-point registers, not {len(fpr)}")
        for n, value in enumerate(fpr):
            self._set("FPR", n, value)

    def get_sregs(self) -> Sregs:
        """KVM_GET_SREGS."""
        core = self.core
        valid = core.constant("SLB_VALID")
        entries = ((n, core.read("SLB_ESID", n), core.read("SLB_VSID", n)) for n in range(core.constant("SLB_ENTRIES")))
        slb = [SlbEntry(esid | n, vsid) for n, esid, vsid in entries if esid & valid]
        return Sregs(core.get("PVR"), core.get("SDR1"), slb)

    def set_sregs(self, sregs: Sregs) -> None:
        """KVM_SET_SREGS: the valid entries replace the SLB; each goes where its index says, or (with none) behind
        the last.

        Raises KvmError (EINVAL) for more entries than there are.
        """
        core = self.core
        count, valid = core.constant("SLB_ENTRIES"), core.constant("SLB_VALID")
        if len(sregs.slb) > count:
            raise KvmError(f"this core has {count} SLB entries, not {len(sregs.slb)}")
        for n in range(count):
            core.write("SLB_ESID", 0, n)
            core.write("SLB_VSID", 0, n)
        for entry in sregs.slb:
            if entry.slbe & valid:
                n = entry.slbe % count
                core.write("SLB_ESID", entry.slbe & core.constant("SLB_ESID_IMPLEMENTED"), n)
                core.write("SLB_VSID", entry.slbv & core.constant("SLB_VSID_IMPLEMENTED"), n)
        core.tlb_flush()

    def sregs(self) -> Mapping[str, int]:
        """What translation rests on, by the description's names; registers that this core lacks are left out."""
        registers = self.core.description.registers
        return {name: self.core.get(name) for name in _SREGS if name in registers}

    # One-reg

    def get_one_reg(self, which: int | str) -> int:
        """KVM_GET_ONE_REG: by id or name. VPA_SLB and VPA_DTL are address << 64 | length. Raises KvmError (EINVAL)."""
        name, index = self._find(which)
        if name in _AREAS:
            return self.areas.get_from_outside(_AREAS[name])
        if name == "HIOR":
            return 0
        try:
            return self.core.get(name, index)
        except TraplineError as error:
            raise KvmError(error.message, error.hint) from error

    def set_one_reg(self, which: int | str, value: int) -> None:
        """KVM_SET_ONE_REG, as the guest would see it set; HIOR takes 0 only. Raises KvmError (EINVAL)."""
        name, index = self._find(which)
        if name in _AREAS:
            self.areas.set_from_outside(_AREAS[name], value)
        elif name != "HIOR":
            self._set(name, index, value)
        elif value != 0:
            raise KvmError("HIOR takes 0 only: interrupts of a partition go to its own vectors")

    def _find(self, which: int | str) -> tuple[str, int | None]:
        """The description's name of a register, and its index; or the name of what only KVM has."""
        found: OneReg | None
        if isinstance(which, int):
            found = _BY_ID.get(which)
            if found is None:
                raise KvmError(f"KVM has no register {which:#x}", "ids are KVM_REG_PPC_*, with the size in them")
        else:
            found = ONE_REGS.get(which.removeprefix("KVM_REG_PPC_"))
        if found is not None:
            if found.register not in _AREAS and found.register != "HIOR":
                self._check(found.register, str(which))
            return found.register, None if found.index < 0 else found.index
        assert isinstance(which, str)
        element = _ELEMENT.fullmatch(which)
        name, index = (element[1], int(element[2])) if element else (which, None)
        self._check(name, which)
        return name, index

    def _check(self, name: str, asked: str) -> None:
        if name not in self.core.description.registers:
            raise KvmError(
                f"there is no register {asked!r}", "one-reg takes KVM's ids and names, and the names of the description"
            )

    def _set(self, name: str, index: int | None, value: int) -> None:
        register = self.core.register(name)
        if value < 0 or value >> register.width:
            raise KvmError(f"{value:#x} does not fit {name}, which has {register.width} bits")
        try:
            self.core.put(name, value, index)
        except TraplineError as error:
            raise KvmError(error.message, error.hint) from error

    # Multiprocessing state

    def get_mp_state(self) -> MpState:
        """KVM_GET_MP_STATE."""
        return self.mp_state

    def set_mp_state(self, state: MpState) -> None:
        """KVM_SET_MP_STATE: RUNNABLE or STOPPED; a vcpu halts by its own doing alone. Raises KvmError (EINVAL)."""
        if state is MpState.HALTED:
            raise KvmError("a vcpu cannot be set to halted", "it cedes, by H_CEDE")
        self.mp_state = state
