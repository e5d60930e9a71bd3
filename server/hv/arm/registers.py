"""A vcpu's registers as KVM hands them to user space: one-reg and the list of what there is.

Linux, arch/arm/include/uapi/asm/kvm.h (KVM_REG_ARM_*), arch/arm/kvm/guest.c and coproc.c. Coprocessor registers have
the numbers by which the description says that they are accessed; one-reg takes KVM's ids, the names of struct kvm_regs
(`usr_regs.ARM_pc`, `svc_regs[2]`), and the description's names (`SCTLR`, `R[3]`).
"""

from __future__ import annotations

import errno
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from ....isa.errors import TraplineError
from ....isa.model.items import Description
from ..errors import KvmError

if TYPE_CHECKING:
    from ...core import Core
    from .vm import ArmVm

ARM: Final = 0x4000_0000_0000_0000
_U32, _U64 = 2 << 52, 3 << 52
_CORE, _DEMUX, _VFP = 0x10 << 16, 0x11 << 16, 0x12 << 16
_CACHE_SIZES: Final = 12
"""CSSELR goes to level 7, but KVM asks for no more than six levels of two caches."""
_ELEMENT: Final = re.compile(r"(\w+)\[(\d+)\]")

_BANKED: Final = (
    *((f"{mode}_regs", (f"SP_{mode}", f"LR_{mode}", f"SPSR_{mode}")) for mode in ("svc", "abt", "und", "irq")),
    ("fiq_regs", (*(f"BANKED_R{n}_fiq" for n in range(8, 13)), "SP_fiq", "LR_fiq", "SPSR_fiq")),
)
_CP15: Final = (
    *("CSSELR", "TTBR0", "TTBR1", "TTBCR", "DACR", "DFSR", "IFSR", "ADFSR", "AIFSR", "DFAR", "IFAR", "PAR"),
    *("L2CTLR", "MAIR0", "MAIR1", "AMAIR0", "AMAIR1", "VBAR", "CONTEXTIDR", "TPIDRURW", "TPIDRURO"),
    *("TPIDRPRW", "CNTKCTL", "SCTLR", "ACTLR", "CPACR", "MPIDR_of_mode", "CNTV_CTL", "CNTV_CVAL", "CNTVCT"),
)
"""What user space may read and write."""
_INVARIANT: Final = (
    *("MIDR_of_mode", "CTR", "TCMTR", "TLBTR", "REVIDR", "CLIDR", "AIDR", "ID_PFR0", "ID_PFR1", "ID_DFR0"),
    *("ID_AFR0", "ID_MMFR0", "ID_MMFR1", "ID_MMFR2", "ID_MMFR3", "ID_ISAR0", "ID_ISAR1", "ID_ISAR2"),
    *("ID_ISAR3", "ID_ISAR4", "ID_ISAR5"),
)
"""What user space may read, and write with the value that it has."""
_STORED: Final = {"MIDR_of_mode": "MIDR", "MPIDR_of_mode": "VMPIDR"}
_VFP_CONTROL: Final = {"FPSID": 0, "FPSCR": 1, "MVFR1": 6, "MVFR0": 7, "FPEXC": 8}
_VFP_FIRST_CONTROL: Final = 0x1000
_FOR_USER_SPACE: Final = frozenset(["usr", "fiq", "irq", "svc", "abt", "und"])
"""Modes that a vcpu can be put in."""


class OneReg(NamedTuple):
    """A register of KVM's: its id, and what it is in the description (`element` -1: no array)."""

    id: int
    register: str
    element: int = -1
    invariant: bool = False


def one_regs(description: Description) -> dict[str, OneReg]:
    """All of a description, by the names of struct kvm_regs and the description's."""
    found = {f"usr_regs.ARM_r{n}": OneReg(_core_id(n), "R", n) for n in range(13)}
    names = ("SP_usr", "LR_usr", "pc", "CPSR", "ORIG_r0")
    for n, (name, register) in enumerate(zip(("sp", "lr", "pc", "cpsr", "ORIG_r0"), names, strict=True), start=13):
        found[f"usr_regs.ARM_{name}"] = OneReg(_core_id(n), register)
    at = 18
    for group, registers in _BANKED:
        for n, register in enumerate(registers):
            found[f"{group}[{n}]"] = OneReg(_core_id(at), register)
            at += 1
    for coprocessor, invariant in ((_CP15, False), (_INVARIANT, True)):
        for name in coprocessor:
            if name in description.registers:
                stored = _STORED.get(name, name)
                found[stored] = OneReg(_cp15_id(description, name), stored, -1, invariant)
    if "VFP" in description.features:
        for n in range(description.registers["D"].count):
            found[f"D[{n}]"] = OneReg(ARM | _U64 | _VFP | n, "D", n)
        for name, n in _VFP_CONTROL.items():
            fixed = name in ("FPSID", "MVFR0", "MVFR1")
            found[name] = OneReg(ARM | _U32 | _VFP | _VFP_FIRST_CONTROL + n, name, -1, fixed)
    return found


def _core_id(n: int) -> int:
    return ARM | _U32 | _CORE | n


def _cp15_id(description: Description, name: str) -> int:
    """KVM's id of a register: ARM_CP15_REG32 and ARM_CP15_REG64, of the numbers at which it stands."""
    access = next(one for one in description.registers[name].accesses if one.space.startswith("CP15"))
    if access.space == "CP15":
        opc1, crn, crm, opc2 = access.keys
        return ARM | _U32 | 15 << 16 | crn << 11 | crm << 7 | opc1 << 3 | opc2
    opc1, crm = access.keys
    return ARM | _U64 | 15 << 16 | crm << 7 | opc1 << 3


class ArmRegisters:
    """KVM_GET_ONE_REG, KVM_SET_ONE_REG, KVM_GET_REG_LIST."""

    core: Core
    vm: ArmVm
    affinity: int
    initialized: bool
    _orig_r0 = 0

    def get_reg_list(self, most: int | None = None) -> list[int]:
        """KVM_GET_REG_LIST: the ids of all registers. Raises KvmError: E2BIG if that is more than `most`, ENOEXEC."""
        self._need_init()
        ids = [one.id for one in self.vm.kvm.one_regs.values()]
        ids += [ARM | _U32 | _DEMUX | n for n in range(_CACHE_SIZES) if self._has_cache(n)]
        if most is not None and len(ids) > most:
            raise KvmError(f"there are {len(ids)} registers", "give room for that many", errno=errno.E2BIG)
        return ids

    def get_one_reg(self, which: int | str) -> int:
        """KVM_GET_ONE_REG: by id or name. Raises KvmError: ENOENT, EINVAL for an id of no Arm, ENOEXEC."""
        self._need_init()
        cache = self._cache_of(which)
        if cache is not None:
            return self._cache_size(cache)
        one = self._find(which)
        if one.register == "pc":
            return self.core.pc
        if one.register == "ORIG_r0":
            return self._orig_r0
        if one.register == "VMPIDR":
            return self.affinity
        if one.register == "R" and one.element >= 8:
            return self.core.get(f"BANKED_R{one.element}_usr")
        return self._get(one.register, None if one.element < 0 else one.element)

    def set_one_reg(self, which: int | str, value: int) -> None:
        """KVM_SET_ONE_REG. Raises KvmError: ENOENT, EINVAL for a value that cannot be, ENOEXEC."""
        self._need_init()
        cache = self._cache_of(which)
        if cache is not None:
            if value != self._cache_size(cache):
                raise KvmError("the size of a cache cannot be changed")
            return
        one, core = self._find(which), self.core
        width = 32 if one.register in ("pc", "ORIG_r0") else core.register(one.register).width
        if value < 0 or value >> width:
            raise KvmError(f"{value:#x} does not fit {which}, which has {width} bits")
        if one.invariant:
            if value != core.get(one.register):
                raise KvmError(f"{one.register} is the processor's own and cannot be changed")
            return
        match one.register:
            case "pc":
                core.pc = value
            case "ORIG_r0":
                self._orig_r0 = value
            case "CPSR":
                self._set_status(value)
            case "VMPIDR":
                self.affinity = value
                core.put("VMPIDR", value)
            case "CNTVCT":
                self.vm.set_counter(self.core, value)
            case "R" if one.element >= 8:
                core.put(f"BANKED_R{one.element}_usr", value)
            case name:
                try:
                    core.put(name, value, None if one.element < 0 else one.element)
                except TraplineError as error:
                    raise KvmError(error.message, error.hint) from error

    def _set_status(self, value: int) -> None:
        modes = self.core.description.enums["processor_mode"].members
        low, width = self.core.bits("CPSR", "M")
        mode = value >> low & ((1 << width) - 1)
        if mode not in {modes[name] for name in _FOR_USER_SPACE}:
            raise KvmError(f"CPSR {value:#x} has no mode that a vcpu can be put in")
        self.core.put("CPSR", value)

    def _find(self, which: int | str) -> OneReg:
        if isinstance(which, int):
            return self.vm.kvm.one_reg(which)
        known = self.vm.kvm.one_regs.get(which)
        if known is not None:
            return known
        element = _ELEMENT.fullmatch(which)
        name, index = (element[1], int(element[2])) if element else (which, -1)
        register = self.core.description.registers.get(name)
        if register is None or (index >= 0) != (register.count > 0) or index >= max(register.count, 1):
            raise KvmError(
                f"there is no register {which!r}",
                "one-reg takes KVM's ids, the names of struct kvm_regs, and the names of the description",
                errno=errno.ENOENT,
            )
        return OneReg(0, name, index)

    def _need_init(self) -> None:
        if not self.initialized:
            raise KvmError("the vcpu was not initialized", "call init() first", errno=errno.ENOEXEC)

    def _get(self, name: str, index: int | None) -> int:
        try:
            return self.core.get(name, index)
        except TraplineError as error:
            raise KvmError(error.message, error.hint) from error

    # Caches

    def _cache_of(self, which: int | str) -> int | None:
        """The value of CSSELR that an id asks for, or None: it asks for no cache."""
        if not isinstance(which, int) or which & ~0xFFFF != ARM | _U32 | _DEMUX:
            return None
        if which & 0xFF00 or not self._has_cache(which & 0xFF):
            raise KvmError(f"there is no cache {which:#x}", errno=errno.ENOENT)
        return which & 0xFF

    def _has_cache(self, selected: int) -> bool:
        """Whether CLIDR has a cache of that level and kind."""
        if selected >= _CACHE_SIZES:
            return False
        level, instruction = selected >> 1, selected & 1
        kind = self.core.get("CLIDR") >> 3 * level & 7
        return kind in ((1, 3) if instruction else (2, 3, 4))

    def _cache_size(self, selected: int) -> int:
        core = self.core
        before = core.read("CSSELR")
        core.state.write("CSSELR", selected)
        size = core.get("CCSIDR")
        core.state.write("CSSELR", before)
        return size

    def sregs(self) -> Mapping[str, int]:
        """What translation rests on, both stages."""
        return {name: self.core.get(name) for name in _SREGS}


_SREGS: Final = ("SCTLR", "TTBCR", "TTBR0", "TTBR1", "DACR", "VBAR", "CONTEXTIDR", "HCR", "VTCR", "VTTBR")
