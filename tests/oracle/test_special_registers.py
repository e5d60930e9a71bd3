"""Claims: every number that QEMU and Linux know as a special purpose register is described, or has a reason.

Rights are the book's.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from trapline.isa.coverage.power import OBJDUMP
from trapline.isa.coverage.register_lists import KNOWN
from trapline.isa.coverage.special_registers import Row, markdown, special_registers
from trapline.isa.engine.purity import walk
from trapline.isa.lang.load import load_core
from trapline.isa.model import code
from trapline.tests.oracle.require import oracle

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "power-sprs.md"
HYPERVISORS = {
    "power7": {
        25,
        282,
        *range(304, 308),
        310,
        *range(312, 320),
        *range(336, 344),
        349,
        446,
        851,
        921,
        1008,
        1013,
        1015,
    },
    "ppc970": {25, 276, 277, 304, 305, 310, 311, 314, 315, 1008, 1009, 1010, 1012, 1013, 1014, 1015},
}
"""Book III-S, chapter 2 and the table of 4.4.4: registers that are hypervisor resources; writes of the time base
and of the counters of utilisation are, too, but others can read them."""
WRITTEN_BY_THE_HYPERVISOR = {284, 285, 286, 308, 309}
OF_OTHER_PROCESSORS = {4, 5, 20, 21, 272, 273, 274, 275, *range(528, 544), 280, 282}
"""objdump prints names of POWER's and 32-bit processors' registers; `mfsprg r3,0` is an alias of its own;
EAR on the 970, ASR on POWER7."""


@cache
def table(core: str) -> tuple[Row, ...]:
    """What the command prints."""
    return tuple(special_registers(load_core(core), KNOWN[core]))


def test_the_lists_are_whole() -> None:
    """As many numbers as the sources have: a list that lost some would make the claim cheap."""
    assert [[len(names) for names in KNOWN[core].values()] for core in KNOWN] == [[80, 225], [72, 225]]


@pytest.mark.parametrize("core", KNOWN)
def test_every_number_is_described_or_has_a_reason(core: str) -> None:
    """Nothing lacks without one."""
    assert [row.number for row in table(core) if row.is_unexplained] == []


@pytest.mark.parametrize("core", KNOWN)
def test_rights_are_those_of_the_book(core: str) -> None:
    """4.4.4: bit 5 of a number tells that problem state has no access; hypervisor resources are the hypervisor's."""
    for row in table(core):
        if not row.name:
            continue
        rights = {right for right in (row.reads, row.writes) if right}
        assert ("problem" in rights) == (row.number & 0x10 == 0), row
        if row.number in HYPERVISORS[core]:
            assert rights == {"hypervisor"}, row
        elif row.number in WRITTEN_BY_THE_HYPERVISOR:
            assert row.writes == "hypervisor", row
        else:
            assert "hypervisor" not in rights, row


@pytest.mark.parametrize("core", KNOWN)
def test_what_an_access_does_beside_is_told(core: str) -> None:
    """A register whose reads or writes from outside do more has an effect in the table, and no other one has."""
    registers = load_core(core).registers
    for row in table(core):
        if not row.name:
            continue
        register = registers[row.name]
        does_more = (row.writes and register.write_function) or (row.reads and register.read_function)
        told = row.effect and not row.effect.startswith("kept: ")
        if register.kind == "storage" or told:
            assert bool(told) == bool(does_more), row


SOFTWARES_OWN = {"VRSAVE", "SIAR", "SDAR", "DAR", "DSISR", "HDAR", "HDSISR", "HEIR", "CFAR", "PVR", "PIR", "DSCR"}
"""Registers that software alone looks at, as the book has it; DSCR and VRSAVE tell hardware of hints."""


@pytest.mark.parametrize("core", KNOWN)
def test_a_register_that_is_only_kept_says_why_that_is_all(core: str) -> None:
    """Nothing of the description reads it but mfspr: the table has the reason, or the book means it so."""
    description = load_core(core)
    accessors = {
        name for one in description.registers.values() for name in (one.read_function, one.write_function) if name
    }
    bodies = [function.body for name, function in description.functions.items() if not name.startswith("SPR.")
              and name not in accessors]  # fmt: skip
    bodies += [form.body for form in description.forms.values()]
    read = {node.register for node in walk(tuple(bodies)) if isinstance(node, code.ReadRegister)}
    for row in table(core):
        if not row.name or description.registers[row.name].kind != "storage" or "SPRG" in row.name:
            continue
        if row.name not in read | SOFTWARES_OWN and not row.effect:
            raise AssertionError(f"{row.name} is only kept, and does not say why")
        if row.effect.startswith("kept: "):
            assert row.name not in read


def names(core: str, words: Sequence[int], tmp_path: Path) -> list[str]:
    """What GNU objdump prints for words."""
    path = tmp_path / "words"
    path.write_bytes(b"".join(word.to_bytes(4, "big") for word in words))
    options = {"power7": "power7", "ppc970": "power4,altivec"}[core]
    command = [oracle(OBJDUMP), "-D", "-b", "binary", "-m", "powerpc:common64", "-EB", "-M", options, str(path)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [line.split("\t")[2].split()[0] for line in printed.splitlines() if line.count("\t") >= 2]


@pytest.mark.oracle
@pytest.mark.parametrize("core", KNOWN)
def test_each_mnemonic_of_a_register_is_objdumps(core: str, tmp_path: Path) -> None:
    """`as NAME` behind a number: for all numbers, mfNAME and mtNAME where objdump has them, and nowhere else.

    The 970's objdump (POWER4) has no names for the performance monitor's.
    """
    description = load_core(core)
    for letters, xo, listed in (("mf", 339, "spr_read"), ("mt", 467, "spr_written")):
        words = [31 << 26 | 3 << 21 | (n & 31) << 16 | n >> 5 << 11 | xo << 1 for n in range(1024)]
        found = names(core, words, tmp_path)
        for number, (printed, spelled) in enumerate(zip(found, description.names[listed].spellings, strict=True)):
            if number in OF_OTHER_PROCESSORS and not spelled:
                continue
            if core == "ppc970" and 768 <= number < 800:
                continue
            assert (f"{letters}{spelled[0]}" if spelled else f"{letters}spr") == printed, number


def test_the_page_is_what_the_command_prints() -> None:
    """`trapline isa coverage --sprs --markdown` makes it anew."""
    assert PAGE.read_text() == markdown({core: table(core) for core in KNOWN})
