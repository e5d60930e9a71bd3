"""Claims: what programs for older processors find: PCR hides facilities from them, and dcbz clears 32 bytes.

Power ISA 2.06 Book III-S, 2.6; PowerPC 970FX User's Manual, 2.1.1. Both engines.
"""

from __future__ import annotations

import pytest

from trapline.asmgen import Layout, Source, assemble, target_for

from .pair import CODE
from .test_power_small_facilities import pair, run

SF, HV, ME, PR, FP, VEC, VSX = 1 << 63, 1 << 60, 1 << 12, 1 << 14, 1 << 13, 1 << 25, 1 << 23
USUAL = SF | HV | ME | FP | VEC | VSX
WITHOUT_VECTORS, WITHOUT_VSX, AS_2_05 = 1 << 63, 1 << 62, 2
HIDDEN = {
    WITHOUT_VECTORS: ("vaddubm 1, 2, 3", "lvx 1, 0, 3", "mfvscr 4", "vperm 1, 2, 3, 4"),
    WITHOUT_VSX: ("xsadddp 1, 2, 3", "lxvd2x 40, 0, 3", "xxlxor 1, 1, 1"),
    AS_2_05: (
        "xvadddp 1, 2, 3",
        *("ldbrx 4, 0, 3", "stdbrx 4, 0, 3", "lfiwzx 1, 0, 3", "isel 4, 5, 6, 2"),
        *("popcntw 4, 5", "popcntd 4, 5", "bpermd 4, 5, 6", "addg6s 4, 5, 6", "cbcdtd 4, 5", "cdtbcd 4, 5"),
        *("divwe 4, 5, 6", "divweuo. 4, 5, 6", "divde. 4, 5, 6", "divdeu 4, 5, 6"),
        *("fctidu 1, 2", "fctiduz 1, 2", "fctiwu 1, 2", "fctiwuz 1, 2", "fcfidu 1, 2", "fcfids 1, 2", "fcfidus 1, 2"),
        *("ftdiv 1, 2, 3", "ftsqrt 1, 2", "dcffix 1, 2"),
    ),
}
OLD = ("add 4, 5, 6", "fadd 1, 2, 3", "dadd 1, 2, 3", "popcntb 4, 5", "cmpb 4, 5, 6", "lfiwax 1, 0, 3", "prtyd 4, 5")


def word(text: str) -> int:
    """An instruction's."""
    image = assemble([Source("w.s", f"{text}\n")], target_for(pair("power7").description), Layout(base=CODE))
    return int.from_bytes(image.sections[0].data[:4], "big")


@pytest.mark.parametrize(("bits", "text"), [(bits, text) for bits, texts in HIDDEN.items() for text in texts])
def test_what_pcr_hides_is_an_illegal_instruction_of_programs(bits: int, text: str) -> None:
    """Hypervisor Emulation Assistance with the word in HEIR in problem state, whatever MSR enables; not elsewhere."""
    hidden = run("power7", f"{text}\n", 1, USUAL & ~(VEC | VSX) | PR, handlers=True, also={"PCR": bits})
    assert (hidden.pc, hidden.read("HEIR"), hidden.read("HSRR0")) == (0xE40, word(text), CODE)
    for msr, pcr in ((USUAL, bits), (USUAL | PR, (WITHOUT_VECTORS | WITHOUT_VSX | AS_2_05) & ~bits)):
        if pcr & AS_2_05 and text in HIDDEN[WITHOUT_VSX]:
            continue
        if pcr & WITHOUT_VSX and text.startswith("x"):
            continue
        assert run("power7", f"{text}\n", 1, msr, handlers=True, also={"PCR": pcr}).pc == CODE + 4


@pytest.mark.parametrize("text", OLD)
def test_pcr_leaves_what_older_processors_have(text: str) -> None:
    """Floating point, decimal numbers and what came with Power ISA 2.05."""
    also = {"PCR": WITHOUT_VECTORS | WITHOUT_VSX | AS_2_05}
    assert run("power7", f"{text}\n", 1, USUAL | PR, handlers=True, also=also).pc == CODE + 4


@pytest.mark.parametrize(
    ("hid5", "text", "cleared"),
    [
        (0x80, "dcbz 0, 4", range(0x40, 0x60)),
        (0x80, "dcbzl 0, 4", range(0x80)),
        (0, "dcbz 0, 4", range(0x80)),
        (0, "dcbzl 0, 4", range(0x80)),
    ],
)
def test_the_970_clears_32_bytes_where_hid5_asks_for_it(hid5: int, text: str, cleared: range) -> None:
    """dcbzl clears a block of 128 bytes all the same."""
    run("ppc970", f"addi 4, 3, 0x45\n{text}\n", 2, SF | HV | ME, also={"HID5": hid5})
    for side in pair("ppc970").sides:
        base = side.state.read("GPR", 3)
        expected = bytes(0 if at in cleared else at for at in range(256))
        assert side.ram.read(base, 256) == expected
