"""System registers that a guest's accesses trap to Hyp mode for: what KVM does in their place.

Linux, arch/arm/kvm/coproc.c and coproc_a15.c. ACTLR and L2CTLR read as they are and ignore writes, L2ECTLR and the
performance monitors read as zero and ignore writes; maintenance by set and way is done already (everything is
coherent), and cannot be read. All else is undefined: every 64-bit access that traps, too. Which register it is, and
that it belongs to the performance monitors or is maintenance, is told by the rights that the description gives it.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from .....isa.model.items import Access, Description, RegisterRef
from ..facts.fields import Fields
from ..guest import GuestVcpu


class Kept(Enum):
    """How KVM keeps a register from its guests."""

    AS_IT_IS = "reads as it is, ignores writes"
    ZERO = "reads as zero, ignores writes"
    DONE = "a write is done already, a read is undefined"


_BY_NAME: Final = {"ACTLR": Kept.AS_IT_IS, "L2CTLR": Kept.AS_IT_IS, "L2ECTLR": Kept.ZERO}


class Coprocessor:
    """CP15 as the guests of one description see what traps."""

    def __init__(self, description: Description) -> None:
        self._fields = Fields(description, "iss_mcr_mrc")
        self._kept = {
            access.keys: (register.name, kept)
            for register in description.registers.values()
            for access in register.accesses
            if access.space == "CP15" and (kept := _kept(register.name, access)) is not None
        }

    def emulate(self, vcpu: GuestVcpu, syndrome: int) -> bool:
        """Performs the trapped MCR or MRC that HSR describes; False: the guest takes an undefined instruction."""
        parts = self._fields
        keys = tuple(parts.get(syndrome, name) for name in ("OPC1", "CRN", "CRM", "OPC2"))
        name, kept = self._kept.get(keys, ("", None))
        is_read = bool(parts.get(syndrome, "DIRECTION"))
        if kept is None or (kept is Kept.DONE and is_read):
            return False
        if is_read:
            value = vcpu.core.read(name) if kept is Kept.AS_IT_IS else 0
            vcpu.core.write_ref(RegisterRef("R", parts.get(syndrome, "RT")), value)
        return True


def _kept(name: str, access: Access) -> Kept | None:
    """None: KVM does not know it, and it is undefined."""
    if name in _BY_NAME:
        return _BY_NAME[name]
    rights = (access.read, access.write)
    if any(right.startswith("pmu") for right in rights if right):
        return Kept.ZERO
    return Kept.DONE if any(right.endswith("_tsw") for right in rights if right) else None
