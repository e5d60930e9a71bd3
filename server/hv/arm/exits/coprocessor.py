"""System registers that a guest's accesses trap to Hyp mode for: what KVM does in their place.

Linux, arch/arm/kvm/coproc.c and coproc_a15.c. ACTLR and L2CTLR read as they are and ignore writes, L2ECTLR and the
performance monitors read as zero and ignore writes; maintenance by set and way is done already (everything is
coherent), and cannot be read. All else is undefined: every 64-bit access that traps, too. How a register is kept, the
description says of it: `@kvm(kept = ...)`.
"""

from __future__ import annotations

from enum import Enum

from .....isa.model.items import Description, Register, RegisterRef
from ...errors import KvmError
from ..facts.fields import Fields
from ..guest import GuestVcpu


class Kept(Enum):
    """How KVM keeps a register from its guests."""

    AS_IT_IS = "as_it_is"
    """It reads as it is, and ignores writes."""
    ZERO = "zero"
    """It reads as zero, and ignores writes."""
    DONE = "done"
    """A write is done already, a read is undefined."""


class Coprocessor:
    """CP15 as the guests of one description see what traps."""

    def __init__(self, description: Description) -> None:
        self._fields = Fields(description, "iss_mcr_mrc")
        self.kept = {
            access.keys: (register.name, kept)
            for register in description.registers.values()
            for access in register.accesses
            if access.space == "CP15" and (kept := _kept(register)) is not None
        }

    def emulate(self, vcpu: GuestVcpu, syndrome: int) -> bool:
        """Performs the trapped MCR or MRC that HSR describes; False: the guest takes an undefined instruction."""
        parts = self._fields
        keys = tuple(parts.get(syndrome, name) for name in ("OPC1", "CRN", "CRM", "OPC2"))
        name, kept = self.kept.get(keys, ("", None))
        is_read = bool(parts.get(syndrome, "DIRECTION"))
        if kept is None or (kept is Kept.DONE and is_read):
            return False
        if is_read:
            value = vcpu.core.read(name) if kept is Kept.AS_IT_IS else 0
            vcpu.core.write_ref(RegisterRef("R", parts.get(syndrome, "RT")), value)
        return True


def _kept(register: Register) -> Kept | None:
    """None: KVM does not know it, and it is undefined. Raises KvmError for a word that says nothing."""
    said = register.annotations.get("kvm", {}).get("kept")
    known = {one.value: one for one in Kept}
    if said is not None and said not in known:
        raise KvmError(f"{register.name} is kept as '{said}'", f"@kvm(kept = ...) knows {', '.join(known)}")
    return None if said is None else known[said]
