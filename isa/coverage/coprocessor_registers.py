"""A table of an Arm core's coprocessor registers: numbers, rights, widths; what others know of the numbers."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ..model.items import Access, Description
from .coprocessor_lists import BLANKET, MANUAL, QEMU, RIGHTS

_COPROCESSORS = {"CP14": 14, "CP14_64": 14, "CP15": 15, "CP15_64": 15}


class Row(msgspec.Struct, frozen=True):
    """A number: the register that stands there, or the reason why none does. `manual` is what the manual calls it."""

    number: str
    name: str = ""
    title: str = ""
    width: int = 0
    reads: str = ""
    writes: str = ""
    manual: str = ""
    in_qemu: bool = False
    because: str = ""

    @property
    def is_unexplained(self) -> bool:
        """Whether somebody knows the number, and the description says nothing of it."""
        return not self.name and not self.because

    @property
    def rights(self) -> str:
        """RW, RO or WO."""
        return "RW" if self.reads and self.writes else "RO" if self.reads else "WO" if self.writes else ""

    @property
    def has_other_rights(self) -> bool:
        """Whether the manual has other rights."""
        return bool(self.name) and self.rights != RIGHTS.get(self.number, self.rights)


def number_of(space: str, keys: Sequence[int]) -> str:
    """How lists write a number: p15.opc1.CRn.CRm.opc2, of a pair p15.opc1.CRm."""
    head, *rest = keys
    if len(rest) == 1:
        return f"p{_COPROCESSORS[space]}.{head}.c{rest[0]}"
    return f"p{_COPROCESSORS[space]}.{head}.c{rest[0]}.c{rest[1]}.{rest[2]}"


def coprocessor_registers(description: Description) -> list[Row]:
    """Every number at which the core has a register, or of which a source knows one, in the order of numbers."""
    here: dict[str, tuple[str, str, int, Access]] = {}
    for register in description.registers.values():
        for access in register.accesses:
            if access.space in _COPROCESSORS:
                number = number_of(access.space, access.keys)
                here[number] = (register.name, register.title, register.width, access)
    reasons = {
        number_of(space, keys): one.because
        for one in description.word_classes.values()
        for space, keys in one.numbers
        if space in _COPROCESSORS
    }
    rows = []
    for number in sorted(here.keys() | MANUAL.keys() | QEMU, key=_order):
        manual, in_qemu = MANUAL.get(number, ""), number in QEMU
        if number in here:
            name, title, width, access = here[number]
            rows.append(Row(number, name, title, width, access.read, access.write, manual, in_qemu))
        else:
            rows.append(Row(number, manual=manual, in_qemu=in_qemu, because=reasons.get(number, "")))
    return rows


def _order(number: str) -> tuple[int, ...]:
    cells = [int(cell.lstrip("pc")) for cell in number.split(".")]
    return (cells[0], len(cells), *(cells[2:3] if len(cells) > 3 else []), *cells)


def markdown(rows: Sequence[Row]) -> str:
    """The page of the documentation."""
    described = [row for row in rows if row.name]
    lines = [
        "# Armv7-A: registers of coprocessors 14 and 15",
        "",
        "Made by `trapline isa coverage --coprocessors --markdown`: each number at which the core has a register, and",
        "who may read and write it (`pl0`, `pl1`, `pl2`: from that privilege on; other rights may trap as well).",
        "Numbers that the Cortex-A15's manual (ARM DDI 0438) or QEMU's `cortex-a15` have are beside it. A number is",
        "p15.opc1.CRn.CRm.opc2, and of a pair of core registers p15.opc1.CRm.",
        "",
        f"{len(described)} numbers are described; of {len(MANUAL)} in the manual "
        f"{sum(bool(row.name and row.manual) for row in rows)}, of {len(QEMU)} in QEMU's list "
        f"{sum(bool(row.name and row.in_qemu) for row in rows)}.",
        "",
        "| number | register | | width | read | write | manual | QEMU |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in described:
        title = row.title.replace("|", "\\|")
        seen = "yes" if row.in_qemu else ""
        cells = (f"{row.width}", row.reads, row.writes, row.manual, seen)
        lines.append(f"| {row.number} | `{row.name}` | {title} | " + " | ".join(cells) + " |")
    lines += ["", "## Known elsewhere, and not here", "", "| number | manual | QEMU | |", "|---|---|---|---|"]
    for row in rows:
        if not row.name:
            reason = row.because or "no reason is given"
            lines.append(f"| {row.number} | {row.manual} | {'yes' if row.in_qemu else ''} | {reason} |")
    lines += [f"| {pattern} | | yes | {reason} |" for pattern, reason in BLANKET.items()]
    return "\n".join(lines) + "\n"


def text(rows: Sequence[Row]) -> str:
    """The sums, and what is lacking."""
    lines = [f"{sum(bool(row.name) for row in rows)} numbers of coprocessors 14 and 15 are described"]
    lines += [f"  not here: {row.number} {row.manual}: {row.because}" for row in rows if row.because and not row.name]
    lines += [f"  without a reason: {row.number} {row.manual}" for row in rows if row.is_unexplained]
    return "\n".join(lines)
