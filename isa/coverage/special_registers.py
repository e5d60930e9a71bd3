"""A table of a core's Special Purpose Registers: numbers, rights, widths, effects; what others know of the numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from ..model.items import Description, Register

_SPACE = "SPR"


class Row(msgspec.Struct, frozen=True):
    """A number of the space: the register that stands there, or the reason why none does."""

    number: int
    name: str = ""
    title: str = ""
    width: int = 0
    scope: str = ""
    reads: str = ""
    writes: str = ""
    effect: str = ""
    spelled: tuple[str, ...] = ()
    """Names that `mfspr` and `mtspr` have for the number: mfNAME, mtNAME."""
    known_as: tuple[str, ...] = ()
    """What the sources call the number: "QEMU: NAME"."""
    because: str = ""

    @property
    def is_unexplained(self) -> bool:
        """Whether somebody knows the number, and the description says nothing of it."""
        return not self.name and not self.because


def special_registers(description: Description, known: Mapping[str, Mapping[int, str]]) -> list[Row]:
    """Every number at which the core has a register, or of which a source knows one; ascending."""
    here: dict[int, list[tuple[Register, str, str]]] = {}
    for register in description.registers.values():
        for access in register.accesses:
            if access.space == _SPACE:
                here.setdefault(access.keys[0], []).append((register, access.read, access.write))
    reasons = {
        keys[0]: one.because
        for one in description.word_classes.values()
        for space, keys in one.numbers
        if space == _SPACE
    }
    spelled = _spelled(description)
    rows = []
    for number in sorted(here.keys() | {number for names in known.values() for number in names}):
        known_as = tuple(f"{source}: {names[number]}" for source, names in known.items() if number in names)
        found = here.get(number)
        if found is None:
            rows.append(Row(number, known_as=known_as, because=reasons.get(number, "")))
            continue
        register = found[0][0]
        rows.append(
            Row(
                number,
                register.name,
                register.title,
                register.width,
                _scope(register),
                next((read for _, read, _ in found if read), ""),
                next((write for _, _, write in found if write), ""),
                _effect(register, any(read for _, read, _ in found), any(write for _, _, write in found)),
                spelled.get(number, ()),
                known_as,
            )
        )
    return rows


def _scope(register: Register) -> str:
    return "" if register.kind == "view" else register.scope


def _effect(register: Register, reads: bool, writes: bool) -> str:
    told = register.annotations.get("effect", {})
    parts = [
        f"{kind}: {told[kind]}"
        for kind, wanted in (("read", reads), ("write", writes), ("kept", True))
        if wanted and kind in told
    ]
    return "; ".join(parts)


def _spelled(description: Description) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    for letters, name in (("mf", "spr_read"), ("mt", "spr_written")):
        for number, spellings in enumerate(description.names[name].spellings):
            if spellings:
                found[number] = (*found.get(number, ()), *(letters + one for one in spellings))
    return found


def markdown(tables: Mapping[str, Sequence[Row]]) -> str:
    """The page of the documentation."""
    lines = [
        "# Power: special purpose registers",
        "",
        "Made by `trapline isa coverage --sprs --markdown`: each number at which a core has a register, with who may",
        "read and write it (problem: everybody), its width, whose it is (`scope`), what an access does beside that.",
        "`kept`: nothing else looks at what is written; the reason is why that is all that a guest can see.",
        "Numbers that QEMU (`target/ppc/cpu_init.c`) or Linux 6.1 (`arch/powerpc/include/asm/reg.h`, of any",
        "processor) know and the core does not have stand behind, with the reason.",
    ]
    for core, rows in tables.items():
        lines += ["", f"## {core}", "", "| number | register | | width | scope | read | write | effect | mnemonics |"]
        lines.append("|---|---|---|---|---|---|---|---|---|")
        for row in rows:
            if row.name:
                cells = (
                    f"{row.number}",
                    f"`{row.name}`",
                    row.title,
                    f"{row.width}",
                    row.scope,
                    row.reads,
                    row.writes,
                    row.effect,
                    " ".join(f"`{one}`" for one in row.spelled),
                )
                lines.append("| " + " | ".join(cells) + " |")
        lines += ["", f"### Not on {core}", "", "| numbers | known as | why |", "|---|---|---|"]
        by_reason: dict[str, list[Row]] = {}
        for row in rows:
            if not row.name:
                by_reason.setdefault(row.because or "no reason is given", []).append(row)
        for because, absent in by_reason.items():
            names = ", ".join(dict.fromkeys(one.split(": ")[1] for row in absent for one in row.known_as))
            lines.append(f"| {', '.join(str(row.number) for row in absent)} | {names} | {because} |")
    return "\n".join(lines) + "\n"


def text(tables: Mapping[str, Sequence[Row]]) -> str:
    """The registers, and what is lacking without a reason."""
    lines = []
    for core, rows in tables.items():
        have = [row for row in rows if row.name]
        lines.append(f"{core}: registers at {len(have)} numbers, none at {len(rows) - len(have)} that others know")
        for row in have:
            rights = f"read {row.reads or '-'}, write {row.writes or '-'}"
            effect = f"  ({row.effect})" if row.effect else ""
            lines.append(f"  {row.number:4} {row.name:<12} {row.width:2} bits  {row.scope:<6} {rights}{effect}")
        lines += [f"  without a reason: {row.number} {', '.join(row.known_as)}" for row in rows if row.is_unexplained]
    return "\n".join(lines)
