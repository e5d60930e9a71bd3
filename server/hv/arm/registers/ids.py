"""KVM's ids of a vcpu's registers, made of what the description says of them.

Linux, arch/arm/include/uapi/asm/kvm.h (KVM_REG_ARM_*), arch/arm/kvm/guest.c and coproc.c. Coprocessor registers have
the numbers by which the description says that they are accessed.
"""

from __future__ import annotations

import errno
from typing import Final, NamedTuple

from .....isa.model.items import Description
from ...errors import KvmError

ARM: Final = 0x4000_0000_0000_0000
_U32, _U64 = 2 << 52, 3 << 52
_CORE, _DEMUX, _VFP = 0x10 << 16, 0x11 << 16, 0x12 << 16
CACHE_SIZE: Final = ARM | _U32 | _DEMUX
"""Id of the size of the cache that CSSELR 0 selects; those of others follow."""

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


class OneReg(NamedTuple):
    """A register of KVM's: its id, and what it is in the description (`element` -1: no array)."""

    id: int
    register: str
    element: int = -1
    invariant: bool = False


class RegisterIds:
    """All registers of a description: `by_name` goes by the names of struct kvm_regs and by the description's."""

    def __init__(self, description: Description) -> None:
        self.by_name: Final = _one_regs(description)
        self._by_id = {one.id: one for one in self.by_name.values()}

    def find(self, number: int) -> OneReg:
        """The register with an id. Raises KvmError: EINVAL for no id of Arm's, ENOENT."""
        if number >> 56 != ARM >> 56:
            raise KvmError(f"{number:#x} is no id of an Arm register", "they begin with 0x40")
        found = self._by_id.get(number)
        if found is None:
            raise KvmError(f"KVM has no register {number:#x}", "get_reg_list has them all", errno=errno.ENOENT)
        return found


def _one_regs(description: Description) -> dict[str, OneReg]:
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
