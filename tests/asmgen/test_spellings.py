"""Claims about spellings that GNU as takes beside the printed ones, and about listings."""

from __future__ import annotations

import pytest

from trapline.asmgen import Disassembler
from trapline.asmgen.disassembly.listing import list_elf

from .described import build, target, words

# Words as arm-linux-gnueabihf-as (-march=armv7ve) and powerpc64-linux-gnu-as (-mpower7) make them.
SPELLINGS = [
    ("power7", "mfsprg0 3", "7c7042a6"),
    ("power7", "mtsprg3 5", "7cb343a6"),
    ("armv7ve", "mov r0, r1, lsl #0", "e1a00001"),
    ("armv7ve", "lsls r0, r1, #0", "e1b00001"),
    ("armv7ve", "add r0, r1, r2, lsl #0", "e0810002"),
    ("armv7ve", "ldr r0, [r1, -r2, lsl #0]", "e7110002"),
]
# Two units each, in the order in which they lie in memory (little-endian words of four bytes).
THUMB_SPELLINGS = [
    ("ldr.w r0, [r1, r2, lsl #0]", "0002f851"),
    ("ldrh.w r0, [r1, #4]", "0004f8b1"),
    ("strh.w r0, [r1, r2, lsl #1]", "0012f821"),
    ("ldrsb.w r0, [r1, #-5]", "0c05f911"),
    ("ldrsh r8, [r1, #5]", "8005f9b1"),
    ("ldrsh r8, [r1], #2", "8b02f931"),
    ("subs pc, lr, #0", "8f00f3de"),
]


@pytest.mark.parametrize(("core", "text", "word"), SPELLINGS, ids=lambda value: str(value))
def test_a_spelling_makes_the_word_of_gnu_as(core: str, text: str, word: str) -> None:
    """Read, though it may not be what is printed."""
    assert words(core, text) == [word]


@pytest.mark.parametrize(("text", "word"), THUMB_SPELLINGS, ids=lambda value: str(value))
def test_a_t32_spelling_makes_the_words_of_gnu_as(text: str, word: str) -> None:
    """The long encodings, and the return that is written as a subtraction."""
    assert words("armv7ve", f".thumb\n{text}") == [word]


def test_thumb_literals_and_labels_are_loaded_from_the_aligned_pc() -> None:
    """Low registers take the short encoding, high ones the long one; both reach the label and the literal."""
    made = build("armv7ve", ".thumb\nldr r0, value\nldr r9, =0x12345678\nbx lr\nvalue: .word 7").sections[0].data
    assert made.hex() == "0148" + "dff80890" + "7047" + "07000000" + "78563412"


def test_code_is_padded_with_instructions_that_do_nothing() -> None:
    """As GNU as fills it: nops, on POWER7 one that ends a group; a long gap is jumped over; zeros behind data."""
    gap = ["60000000", "60000000", "60420000"]
    assert words("power7", "blr\n.balign 16\nblr") == ["4e800020", *gap, "4e800020"]
    assert words("ppc970", "blr\n.balign 16") == ["4e800020", *["60000000"] * 3]
    assert words("power7", "blr\n.balign 32") == ["4e800020", "4800001c", *["60000000"] * 5, "60420000"]
    assert words("power7", ".byte 1\n.balign 8") == ["01000000", "00000000"]
    assert build("armv7ve", ".syntax unified\n.thumb\nnop\n.balign 8").sections[0].data.hex() == "00bf00bfaff30080"


@pytest.mark.parametrize(("zeros", "shown"), [(1, False), (2, True), (300, True)])
def test_a_listing_shows_a_run_of_zeros_as_one_mark(zeros: int, shown: bool) -> None:
    """From eight bytes on; a label ends a run."""
    image = build("power7", f"_start: nop\n .fill {zeros}, 4, 0\n nop\nempty: .fill {zeros}, 4, 0\nlast: blr")
    lines = list(list_elf(Disassembler(target("power7")), image.elf, "test"))
    assert [line.strip() == "..." for line in lines].count(True) == (2 if shown else 0)
    assert len([line for line in lines if "illegal" in line or ".long" in line]) == (0 if shown else 2 * zeros)
    assert [line for line in lines if line.endswith(":")] == ["_start:", "empty:", "last:"]
