"""Claims about assembling for Arm from its description.  Expected words are those of GNU as 2.40."""

from __future__ import annotations

import pytest

from .described import build, refused, words


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("add r0, r1, r2", "e0810002"),
        ("ADDS R0, R1, #4", "e2910004"),
        ("addeq r0, r1, 4", "02810004"),
        ("add r0, r1, r2, lsl #3", "e0810182"),
        ("add r0, r1, r2, ror r3", "e0810372"),
        ("mov r0, #0xff00", "e3a00cff"),
        ("mvn r0, #0", "e3e00000"),
        ("movw r0, #0x1234", "e3010234"),
        ("ldr r0, [r1]", "e5910000"),
        ("ldr r0, [r1, #-4]!", "e5310004"),
        ("ldr r0, [r1], #4", "e4910004"),
        ("str r5, [r0, -r1, lsl #2]!", "e7205101"),
        ("ldrh r0, [r1, #2]", "e1d100b2"),
        ("push {r4-r6, lr}", "e92d4070"),
        ("pop {r4, r5, pc}", "e8bd8030"),
        ("ldmia r0!, {r1-r3}", "e8b0000e"),
        ("mrc p15, 0, r0, c1, c0, 0", "ee110f10"),
        ("mcr p15, #4, r1, c1, c1, #0", "ee811f11"),
        ("bx lr", "e12fff1e"),
        ("b . + 8", "ea000000"),
        ("bls 0x1000", "9afffffe"),
        ("svc #0", "ef000000"),
        ("cpsid i", "f10c0080"),
        ("mrs r0, CPSR", "e10f0000"),
        ("msr SPSR_cxsf, r0", "e16ff000"),
        ("wfi", "e320f003"),
    ],
)
def test_an_instruction_is_the_word_of_gnu_as(text: str, word: str) -> None:
    """Conditions, shifts, address modes, lists, system registers; `#` may be left out."""
    assert words("armv7ve", text) == [word]


def test_literals_and_labels() -> None:
    """`=value` loads from the pool, equal ones share it, and a label is a pc-relative address."""
    text = "ldr r0, =0x12345678\n ldr r1, =x\n ldr r2, =0x12345678\n ldr r3, x\n bx lr\n.ltorg\nx: .word 1"
    assert words("armv7ve", text) == [
        "e59f000c", "e59f100c", "e59f2004", "e59f3008", "e12fff1e", "12345678", "0000101c", "00000001",
    ]  # fmt: skip


def test_a_literal_too_far_away_names_the_way_out() -> None:
    """The range of the load is told, and .ltorg."""
    (error,) = refused("armv7ve", "ldr r0, =0x12345678\n.skip 5000\nnop")
    assert "bytes away, and the range is -4095..4095" in error.message
    assert ".ltorg" in error.hint


def test_lower16_and_upper16() -> None:
    """MOVW and MOVT take halves of an address that is known only after layout."""
    text = "movw r0, #:lower16:x\n movt r0, #:upper16:x\nx:"
    assert words("armv7ve", text, base=0x40010000) == ["e3000008", "e3440001"]


def test_comments_of_arm() -> None:
    """`@` and `//` anywhere, `#` as the first character only."""
    assert words("armv7ve", "mov r0, #1 @ add\n# mov\nmov r0, #2 // add") == ["e3a00001", "e3a00002"]


def test_thumb_code_and_its_pointers() -> None:
    """.thumb switches, a function's symbol has its lowest bit set, a branch to it has not."""
    text = ".thumb\n.thumb_func\n.globl t\nt: movs r0, #1\n b t\n.data\n.word t, t + 2, after - t\n.text\nafter:"
    image = build("armv7ve", text)
    assert image.sections[0].data.hex() == "0120fde7"
    assert image.symbols["t"] == 0x1001
    assert image.sections[1].data.hex() == "01100000" + "03100000" + "04000000"
    assert [(s.name, s.value) for s in image.program.symbols if s.kind == "mapping"] == [("$t", 0x1000)]


def test_conditional_blocks() -> None:
    """Inside an IT block the condition stands in the mnemonic and not in the bits; outside it may not."""
    image = build("armv7ve", ".thumb\nite eq\nmoveq r0, #2\nmovne r0, #3\nmovs r0, #4")
    assert image.sections[0].data.hex() == "0cbf022003200420"
    (error,) = refused("armv7ve", ".thumb\nite eq\nmoveq r0, #2\nmoveq r0, #3")
    assert "must have the condition 'ne'" in error.message
    (error,) = refused("armv7ve", ".thumb\nmoveq r0, #2")
    assert "must stand in a conditional block" in error.message


def test_a_wide_encoding_is_taken_where_the_short_one_does_not_reach() -> None:
    """A Thumb branch grows from two to four bytes with the distance, and `.w` asks for four."""
    unified = ".syntax unified\n.thumb\n"
    assert len(build("armv7ve", unified + "b x\n.skip 100\nx:").sections[0].data) == 102
    assert len(build("armv7ve", unified + "b x\n.skip 5000\nx:").sections[0].data) == 5004
    assert len(build("armv7ve", unified + "b.w x\n.skip 100\nx:").sections[0].data) == 104
    # Divided syntax has the short one alone, as GNU as takes it.
    (error,) = refused("armv7ve", ".thumb\nb x\n.skip 5000\nx:")
    assert "bytes away" in error.message


def test_instructions_given_as_numbers() -> None:
    """.inst counts as code: in the order of instructions, with no $d mapping symbol."""
    image = build("armv7ve", ".inst 0xe12fff1e\n.thumb\n.inst 0x4770\n.inst 0xf3af8000\n.inst.n 0xbf00")
    assert image.sections[0].data.hex() == "1eff2fe1" + "7047" + "aff30080" + "00bf"
    assert [s.name for s in image.program.symbols if s.kind == "mapping"] == ["$a", "$t"]


def test_a_range_of_registers_means_what_it_says() -> None:
    """r4-lr holds r8-r12, which the short PUSH cannot name: it is not taken for r4-r7 and lr."""
    assert build("armv7ve", ".thumb\npush {r4-r7, lr}").sections[0].data.hex() == "f0b5"
    messages = [e.message for e in refused("armv7ve", ".thumb\npush.n {r4-lr}")]
    assert "not all of 'r4-lr' can stand in this list" in messages[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("add r0, r1, #0x101", "257 has no encoding as constant"),
        ("ldr r0, [r1, #5000]", "5000 does not fit offset_imm12 (-4095..4095)"),
        ("add r0, r1, r2, lsl #40", "40 does not fit shift_amount (0..31)"),
        ("push {r4, r99}", "'r99' cannot stand in this list"),
        ("push {r6-r4}", "the range 'r6-r4' goes down"),
    ],
)
def test_what_cannot_be_encoded_is_explained(text: str, message: str) -> None:
    """The operand and the limit are named."""
    (error,) = refused("armv7ve", text)
    assert message in error.message
