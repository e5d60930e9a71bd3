"""Names of the description in sources: registers' fields as masks, the numbers at which registers stand."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from trapline.asmgen import Layout, Source, assemble, target_for
from trapline.asmgen.instructions.constants import DescribedConstants
from trapline.isa.lang.load import CORES, ENTRIES, load_core, load_files
from trapline.isa.model.items import Description


@cache
def description(core: str) -> Description:
    """A shipped one."""
    return load_core(core)


def word(text: str, described: Description) -> int:
    """The value of an expression in a source."""
    image = assemble([Source("t.s", f".data\n.8byte {text}\n")], target_for(described), Layout(base=0))
    (data,) = [one.data for one in image.sections if one.size]
    return int.from_bytes(data, "big" if described.name == "power" else "little")


# From the books: Power ISA 2.06 Book III-S, 3.2.1, 2.2, 4.4.4 and appendix C; ARM DDI 0406C, B1.3.3, B4.1.65.
BOOK = [
    ("power7", "MSR_PR", 0x4000),
    ("power7", "MSR_SF", 1 << 63),
    ("power7", "LPCR_RMLS", 0xF << 26),
    ("power7", "LPCR_DPFD & -LPCR_DPFD", 1 << 52),
    ("power7", "SPR_LPCR", 318),
    ("power7", "SPR_SPRG3", 275),
    ("power7", "SPR_DEC", 22),
    ("ppc970", "SPR_HID4", 1012),
    ("ppc970", "HID4_RMOR", 0xFFFF << 41),
    ("armv7ve", "CPSR_F", 0x40),
    ("armv7ve", "HCR_TGE", 1 << 27),
]


@pytest.mark.parametrize(("core", "text", "value"), BOOK)
def test_fields_are_masks_and_registers_have_their_numbers(core: str, text: str, value: int) -> None:
    """Of storage and of views; where a register stands several times, the number by which it is written."""
    assert word(text, description(core)) == value


def test_a_register_that_moves_moves_in_sources(tmp_path: Path) -> None:
    """The number stands in the description alone."""
    change = tmp_path / "moved.isa"
    change.write_text('replace register AMOR : u64 "Elsewhere" { at SPR(999) read hypervisor write hypervisor }\n')
    moved = load_files([ENTRIES[CORES["power7"]], change], "power7")
    assert (word("SPR_AMOR", description("power7")), word("SPR_AMOR", moved)) == (349, 999)


def test_a_source_that_defines_the_name_has_the_last_word() -> None:
    """As with all names of the description; what is nearly one is told."""
    described = description("power7")
    image = assemble([Source("t.s", ".equ MSR_PR, 5\n.data\n.byte MSR_PR\n")], target_for(described), Layout(base=0))
    assert [one.data for one in image.sections if one.size] == [b"\x05"]


@pytest.mark.parametrize("core", ["power7", "ppc970", "armv7ve"])
def test_all_names_are_there_that_are_listed(core: str) -> None:
    """Those that hints are made of are those that can be used, each once; a name that is none is not."""
    names = DescribedConstants(description(core))
    listed = list(names)
    assert len(listed) == len(set(listed)) == len(names)
    assert all(name in names and names[name] >= -(1 << 63) for name in listed)
    for none in ("MSR_", "_PR", "MSR_NOTHING", "SPR_NOTHING", "SPR_", "NOTHING_PR", "MSR"):
        assert none not in names
        with pytest.raises(KeyError):
            names[none]
