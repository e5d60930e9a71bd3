"""Claims about assembling for Power from its description.  Expected words are those of GNU as 2.40."""

from __future__ import annotations

import pytest

from .described import build, refused, words


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("add r3, r4, r5", "7c642a14"),
        ("add 3,4,5", "7c642a14"),
        ("ADD %r3, %r4, %r5", "7c642a14"),
        ("addo. r3, r4, r5", "7c642e15"),
        ("li r3, -1", "3860ffff"),
        ("lis r3, 0xffff", "3c60ffff"),
        ("lwz r3, -8(r1)", "8061fff8"),
        ("lwz 3, 8 ( 1 )", "80610008"),
        ("ld r3, 16(r1)", "e8610010"),
        ("stdu r1, -32(r1)", "f821ffe1"),
        ("mr r3, r4", "7c832378"),
        ("nop", "60000000"),
        ("slwi r3, r4, 5", "54832834"),
        ("sldi r3, r4, 32", "788307c6"),
        ("cmpwi cr7, r3, 5", "2f830005"),
        ("cmpwi r3, 5", "2c030005"),
        ("cror 4*cr7+eq, eq, 4*cr1+lt", "4fc22382"),
        ("cror 30, 2, 4", "4fc22382"),
        ("blr", "4e800020"),
        ("bnelr cr1", "4c860020"),
        ("mtspr 26, r3", "7c7a03a6"),
        ("mfctr r9", "7d2902a6"),
        ("sc 1", "44000022"),
        ("rfid", "4c000024"),
        ("b . + 8", "48000008"),
        ("beq- $+0x10", "41c20010"),
        ("bdnz -4", "4200fffc"),
        ("ba 0x100", "48000102"),
    ],
)
def test_an_instruction_is_the_word_of_gnu_as(text: str, word: str) -> None:
    """Instructions, aliases, register spellings, CR bits, branch targets."""
    assert words("power7", text) == [word]


def test_parts_of_a_64_bit_address() -> None:
    """The usual sequence that loads an address, and a displacement with @ha and @l."""
    text = """
        lis r3, x@highest; ori r3, r3, x@higher; oris r3, r3, x@h; ori r3, r3, x@l
        addis r4, 0, x@ha; lwz r5, x@l(r4); ld r6, x@l(r4)
        .set x, 0x0123456789abfff8
    """
    assert words("power7", text) == [
        "3c600123", "60634567", "646389ab", "6063fff8", "3c8089ac", "80a4fff8", "e8c4fff8",
    ]  # fmt: skip


def test_labels_in_front_and_behind() -> None:
    """Branches reach labels in both directions and in other files' terms: the distance is what counts."""
    assert words("power7", "1: bl 1f\n b 1b\n1: beq cr6, 1b") == ["48000009", "4bfffffc", "419a0000"]


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        ("addi r3, r4, 40000", "operand 3: 40000 does not fit SI (-32768..32767)", 14),
        ("ld r3, 6(r1)", "operand 2: 6 is not a multiple of 4", 8),
        ("add r3, r4, r32", "operand 3: expected a General Purpose Register, found 'r32'", 13),
        ("lwz r3, 8[r1]", "expected '(', found '[r1]'", 10),
        ("add r3, r4", "expected ',', but the line ends", 11),
        ("add r3, r4, r5, r6", "', r6' is more than the instruction takes", 15),
        ("lwzu r3, 8(r3)", "lwzu does not allow this combination of operands", 6),
        ("adde. r3, r4, x", "operand 3: expected a General Purpose Register, found 'x'", 15),
        ("bc 12, 2, 0x100000", "operand 3: 0x100000 is 1048576 bytes away", 11),
        ("cpmwi r3, 4", "there is no instruction 'cpmwi' in PPC", 1),
    ],
)
def test_a_wrong_instruction_says_which_operand_and_why(text: str, message: str, column: int) -> None:
    """The candidate that came closest is explained, with a caret under the operand."""
    (error,) = refused("power7", text)
    assert message in error.message
    assert error.place is not None
    assert error.place.column == column


def test_hints_name_the_way_out() -> None:
    """A misspelt mnemonic gets a near one, a wrong shape the right one, an excluded case its rule."""
    assert "'cmpwi'" in refused("power7", "cmppwi r3, 4")[0].hint
    assert refused("power7", "lwz r3, 8[r1]")[0].hint == "it is written lwz RT, D(RA|0)"
    assert refused("power7", "lwzu r3, 8(r3)")[0].hint == "the architecture leaves out RA = RT"


def test_a_branch_that_is_too_far_is_told_after_layout() -> None:
    """The distance and the range are named, at the line of the branch."""
    (error,) = refused("power7", "beq far\n.skip 0x10000\nfar: blr")
    assert error.message == "operand 1: 0x11004 is 65540 bytes away, and the range is -32768..32764"
    assert str(error.place) == "test.s:1:5"


def test_an_instruction_of_another_core_is_unknown() -> None:
    """What needs a feature exists on the cores that have it."""
    assert words("power7", "ldbrx r3, r4, r5")
    assert "there is no instruction 'ldbrx'" in refused("ppc970", "ldbrx r3, r4, r5")[0].message


def test_the_elf_file_is_of_the_described_machine() -> None:
    """Big-endian, 64 bits, machine 21 (EM_PPC64), no mapping symbols."""
    image = build("power7", "_start: blr\n.long 1")
    assert image.elf[:7] == b"\x7fELF\x02\x02\x01"
    assert int.from_bytes(image.elf[18:20], "big") == 21
    assert set(image.symbols) == {"_start"}
