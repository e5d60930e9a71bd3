"""System registers that a guest's accesses trap to Hyp mode for: what KVM does in their place.

Linux, arch/arm/kvm/coproc.c: ACTLR reads as it is and ignores writes, the performance monitors read as zero and
ignore writes, maintenance by set and way is done already (everything is coherent). All else is undefined. Which
register it is, and why it traps, is told by the rights that the description gives it.
"""

from __future__ import annotations

from typing import Final

from ....isa.model.items import Access, Description, RegisterRef
from ...core import Core

_OPC2, _OPC1, _CRN, _RT, _CRM = (17, 7), (14, 7), (10, 15), (5, 15), (1, 15)
_READS: Final = 1


def emulate_coprocessor(core: Core, syndrome: int) -> bool:
    """Performs the trapped access that HSR describes; False if the guest has to take an undefined instruction."""
    if core.field("HSR", "EC") != core.constant("EC_CP15_MCR_MRC"):
        return False
    opc1, crn, crm, opc2, rt = (syndrome >> low & mask for low, mask in (_OPC1, _CRN, _CRM, _OPC2, _RT))
    found = _access(core.description, (opc1, crn, crm, opc2))
    if found is None:
        return False
    name, access = found
    is_read = bool(syndrome & _READS)
    right = access.read if is_read else access.write
    if not right:
        return False
    if right.startswith("pmu"):
        value = 0
    elif right.endswith("_tac"):
        value = core.read(name)
    else:
        return right.endswith("_tsw")
    if is_read:
        core.write_ref(RegisterRef("R", rt), value)
    return True


def _access(description: Description, keys: tuple[int, ...]) -> tuple[str, Access] | None:
    """The register at those numbers in CP15, and how it stands there."""
    for register in description.registers.values():
        for access in register.accesses:
            if access.space == "CP15" and access.keys == keys:
                return register.name, access
    return None
