"""A vcpu's registers as KVM hands them to user space: one-reg and the list of what there is.

Linux, arch/arm/kvm/guest.c and coproc.c. One-reg takes KVM's ids, the names of struct kvm_regs (`usr_regs.ARM_pc`,
`svc_regs[2]`), and the description's names (`SCTLR`, `R[3]`).
"""

from __future__ import annotations

import errno
import re
from collections.abc import Mapping
from typing import Final

from .....isa.errors import TraplineError
from ....core import Core
from ...errors import KvmError
from .ids import CACHE_SIZE, OneReg, RegisterIds

_CACHE_SIZES: Final = 12
"""CSSELR goes to level 7, but KVM asks for no more than six levels of two caches."""
_ELEMENT: Final = re.compile(r"(\w+)\[(\d+)\]")
_FOR_USER_SPACE: Final = frozenset(["usr", "fiq", "irq", "svc", "abt", "und"])
"""Modes that a vcpu can be put in."""


class ArmRegisters:
    """KVM_GET_ONE_REG, KVM_SET_ONE_REG, KVM_GET_REG_LIST."""

    core: Core
    affinity: int
    initialized: bool
    original_r0 = 0

    def register_ids(self) -> RegisterIds:
        """The host's."""
        raise NotImplementedError

    def set_counter(self, value: int) -> None:
        """The guest's counter (KVM_REG_ARM_TIMER_CNT) is `value` from now on, for all vcpus of the guest."""
        raise NotImplementedError

    def get_reg_list(self, most: int | None = None) -> list[int]:
        """KVM_GET_REG_LIST: the ids of all registers. Raises KvmError: E2BIG if that is more than `most`, ENOEXEC."""
        self._need_init()
        ids = [one.id for one in self.register_ids().by_name.values()]
        ids += [CACHE_SIZE | n for n in range(_CACHE_SIZES) if self._has_cache(n)]
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
            return self.original_r0
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
                self.original_r0 = value
            case "CPSR":
                self._set_status(value)
            case "VMPIDR":
                self.affinity = value
                core.put("VMPIDR", value)
            case "CNTVCT":
                self.set_counter(value)
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
            return self.register_ids().find(which)
        known = self.register_ids().by_name.get(which)
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
        if not isinstance(which, int) or which & ~0xFFFF != CACHE_SIZE:
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
