"""Faults that are planted into descriptions: each an item that replaces another, and tests that notice."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import trapline

_POWER = Path(trapline.__file__).resolve().parent / "isa" / "arch" / "power"


@dataclass(frozen=True)
class Fault:
    """`text` is a file for --isa; `tests` are names of a suite's."""

    name: str
    suite: str
    tests: tuple[str, ...]
    text: str


_H_READ = """replace hypercall H_READ = 0x0C "Read an entry, or four, of the page table" in papr real_mode {
    arguments  flags : hpt_flags, index : hpt_index
    returns    H_SUCCESS(read_first : u64, read_second : u64) | H_PARAMETER | H_NOT_FOUND
    body {
        if index >= hpt_entries() { return H_NOT_FOUND }
        let first = phys_be[hpte_address(index), 8]
        return H_SUCCESS(shown_first(first), shown_second(index, first))
    }
}
"""
_READS = tuple(f"H_READ-00{number}" for number in range(1, 5))


def _changed(instruction: str, old: str, new: str) -> str:
    """An instruction's item with one line of its body changed, as a file for --isa."""
    head = re.compile(rf'^instruction {re.escape(instruction)} "[^\n]*\n(?:.*\n)*?\}}\n', re.MULTILINE)
    for file in sorted(_POWER.rglob("*.isa")):
        found = head.search(file.read_text())
        if found is not None:
            assert found[0].count(old) == 1, f"{instruction} has '{old}' {found[0].count(old)} times"
            return f"replace {found[0].replace(old, new)}"
    raise AssertionError(f"there is no instruction {instruction}")


def _fault(instruction: str, old: str, new: str, *tests: str) -> Fault:
    return Fault(instruction, "isa-power7", tests or (instruction,), _changed(instruction, old, new))


FAULTS = (
    Fault("H_READ", "papr-hcalls", _READS, _H_READ),
    _fault("cntlzd", "GPR[RA] = result", "GPR[RA] = result ^ 1"),
    _fault("nand", "GPR[RA] = result", "GPR[RA] = ~result"),
    _fault("nor", "GPR[RA] = result", "GPR[RA] = result | 1"),
    _fault("eqv", "GPR[RA] = result", "GPR[RA] = result ^ 0x8000000000000000"),
    _fault("orc", "if Rc { record_cr0(result) }", "if Rc { record_cr0(~result) }"),
    _fault("cntlzw", "GPR[RA] = result", "GPR[RA] = result + 1"),
    _fault("extsb", "GPR[RA] = result", "GPR[RA] = result & 0xFFFFFFFF"),
    _fault("extsh", "GPR[RA] = result", "GPR[RA] = result ^ 0x10000"),
    _fault("srad", "XER.CA = carry", "XER.CA = ~carry"),
    _fault("mulhd", "GPR[RT] = product[0:63]", "GPR[RT] = product[1:64]"),
    _fault("divd", "overflow { undefined_quotient(dividend) }", "overflow { 1 }"),
    _fault("addc", "XER.CA = carry", "XER.CA = overflow"),
    _fault("adde", "GPR[RB], XER.CA)", "GPR[RB], 0)"),
    _fault("subfe", "~GPR[RA], GPR[RB]", "GPR[RA], GPR[RB]"),
    _fault("slw", "GPR[RB][58:63]", "GPR[RB][59:63]"),
    _fault("isel", "{ RA|0 } else { GPR[RB] }", "{ GPR[RB] } else { RA|0 }"),
    _fault("cmpb", "= 0xFF", "= 0x7F"),
    _fault("lwbrx", "zero_extend(", "sign_extend("),
    _fault("stdbrx", "byte_reverse(GPR[RS])", "GPR[RS]"),
)
"""Each is noticed by a test of the suite's."""
