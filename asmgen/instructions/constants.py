"""The names of a description that sources may use as numbers, so that no number is written down twice.

    H_ENTER, power_off          numbers of hypervisor calls
    H_SUCCESS                   return codes (signed)
    SLB_ENTRIES                 constants, parameters and choices
    access.store                members of enums
    data_storage_vector         vectors of interrupts
    MSR_PR, SDR1_HTABORG        fields of registers: a mask of their bits
    SPR_LPCR                    where a register stands in a space of one number, such as that of SPRs
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...isa.model.items import Description, Register


class DescribedConstants(Mapping[str, int]):
    """All such names; where two kinds share a name the order above decides.

    Registers are looked into when a name asks for it: few sources do.
    """

    def __init__(self, description: Description) -> None:
        self._registers = description.registers
        self._spaces = {space.name: space for space in description.spaces.values() if len(space.keys) == 1}
        self._plain = _plain(description)

    def __getitem__(self, name: str) -> int:
        value = self._plain.get(name)
        if value is None:
            value = self._of_register(name)
        if value is None:
            raise KeyError(name)
        return value

    def __contains__(self, name: object) -> bool:
        return name in self._plain or (isinstance(name, str) and self._of_register(name) is not None)

    def __iter__(self) -> Iterator[str]:
        yield from self._plain
        for register in self._registers.values():
            names = [f"{register.name}_{one.name}" for one in register.fields]
            names += [f"{space}_{register.name}" for space in self._spaces if _number(register, space) is not None]
            yield from (name for name in names if name not in self._plain)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _of_register(self, name: str) -> int | None:
        at = name.find("_")
        while at > 0:
            before, behind = name[:at], name[at + 1 :]
            register = self._registers.get(before)
            for field in () if register is None else register.fields:
                if field.name == behind:
                    return ((1 << field.width) - 1) << field.low
            if before in self._spaces and (register := self._registers.get(behind)) is not None:
                return _number(register, before)
            at = name.find("_", at + 1)
        return None


def _number(register: Register, space: str) -> int | None:
    """Where a register stands in a space: where it can be written, if it stands there several times."""
    found = [one for one in register.accesses if one.space == space]
    found.sort(key=lambda one: not one.write)
    return found[0].keys[0] if found else None


def _plain(description: Description) -> dict[str, int]:
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
