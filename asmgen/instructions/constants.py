"""The names of a description that sources may use as numbers, so that no number is written down twice.

    H_ENTER, power_off          numbers of hypervisor calls
    H_SUCCESS                   return codes (signed)
    SLB_ENTRIES                 constants, parameters and choices
    access.store                members of enums
    data_storage_vector         vectors of interrupts
"""

from __future__ import annotations

from ...isa.model.items import Description


def described_constants(description: Description) -> dict[str, int]:
    """All such names; where two kinds share a name the order above decides."""
    names: dict[str, int] = {}
    for interrupt in description.interrupts.values():
        if interrupt.vector >= 0:
            names[f"{interrupt.name}_vector"] = interrupt.vector
    for enum in description.enums.values():
        names.update({f"{enum.name}.{member}": value for member, value in enum.members.items()})
    names.update({constant.name: constant.value for constant in description.constants.values()})
    for abi in description.abis.values():
        names.update({code.name: code.value for code in abi.return_codes.values()})
    names.update({call.name: call.number for call in description.hypercalls.values()})
    return names
