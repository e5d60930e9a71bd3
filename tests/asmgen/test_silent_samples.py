"""Claims about single statements that once made other code than GNU as 2.40 makes, where they stood then."""

from __future__ import annotations

import pytest

from trapline.asmgen import Disassembler

from .described import build, refused, target

POWER, ARM = "power7", "armv7ve"
BUF = ".place .data, 0x10\n.data\nbuf: .quad 0, 0\n.text\n"
FUNCTION = ".thumb\n.type tf, %function\ntf: nop\n"
MADE = [
    ("@ha takes the sum", POWER, f"{BUF}lis r3, buf+8@ha", 0x40, "3c600000"),
    ("@l takes the sum", POWER, f"{BUF}addi r3, r3, buf+8@l", 0x40, "38630018"),
    ("@ha takes what has a sign", POWER, "x = 0x18000\nlis r4, -x@ha", 0, "3c80ffff"),
    ("@highest takes a quotient", POWER, "lis r5, 128/8@highest", 0, "3ca00000"),
    (":lower16: takes the sum", ARM, "x = 0x40010000\nmovw r0, #:lower16:x+4", 0, "040000e3"),
    (":upper16: takes the sum", ARM, "x = 0x40010000\nmovt r0, #:upper16:x+4", 0, "010044e3"),
    ("a Thumb function's bit in movw", ARM, f".syntax unified\nmovw r0, #:lower16:tf\n{FUNCTION}", 0x1018,
     "1d0001e300bf00bf"),
    ("a Thumb function's bit in another name", ARM,
     "nop\n.thumb\n.type f, %function\nf: bx lr\nnop\n.arm\ng = f\n.word g", 0, "00f020e37047c04605000000"),
    ("bl to a Thumb function is blx", ARM, "bl f\n.thumb\n.type f, %function\nf: nop\nnop", 0, "fffffffac046c046"),
    (".arm behind .thumb aligns", ARM, ".thumb\nnop\n.arm\nmov r0, r0", 0, "c0460000" + "0000a0e1"),
    ("a VFP constant is its value", ARM, "vmov.f32 s0, #2", 0, "000ab0ee"),
    ("neighbouring strings join", POWER, '.asciz "a" "b"', 0, "616200"),
    ("neighbouring strings join on Arm", ARM, '.asciz "a" "b"\n.byte 0', 0, "61620000"),
    ("a branch to a number is a distance", POWER, ".space 0x8\nb 0x10", 0, "0000000000000000" + "48000010"),
    ("a unit of .fill has a value of four bytes", POWER, ".fill 1, 8, -1", 0, "ffffffff00000000"),
    (".ifc compares texts", POWER, '.ifc "a", a\n.byte 1\n.else\n.byte 2\n.endif', 0, "02"),
    ("arguments of a macro", POWER, ".macro m x, y=7\n.byte \\x, \\y\n.endm\nm 2 -1", 0, "0107"),
    ("a load of a small number is a move", ARM, "ldr r1, =4", 0, "0410a0e3"),
]


@pytest.mark.parametrize(("core", "source", "base", "made"), [one[1:] for one in MADE], ids=[one[0] for one in MADE])
def test_a_statement_makes_what_gnu_as_makes(core: str, source: str, base: int, made: str) -> None:
    """The contents of .text, in the order of memory."""
    assert next(one for one in build(core, source, base=base).sections if one.name == ".text").data.hex() == made


@pytest.mark.parametrize(
    ("core", "source", "told"),
    [(ARM, "b f\n.thumb\n.type f, %function\nf: nop", "cannot go to a label of T32 code"),
     (POWER, ".byte 1\nnop", "instruction address is not a multiple of 4")],
)  # fmt: skip
def test_a_statement_is_refused_as_by_gnu_as(core: str, source: str, told: str) -> None:
    """A plain branch to the other instruction set, and an instruction where none may stand."""
    (error,) = refused(core, source)
    assert told in error.message


@pytest.mark.parametrize(
    ("word", "text"), [(0xECDAD732, None), (0xE7C5111F, None), (0xECDA7B0C, "vldmia r10, {d23-d28}")])
def test_the_disassembler_writes_what_can_be_read(word: int, text: str | None) -> None:
    """VLDM and BFI in the form that assemblers take, or a number where the architecture has no meaning for it."""
    a32 = next(one for one in target(ARM).instruction_sets if one.name == "A32")
    (found,) = Disassembler(target(ARM)).run(word.to_bytes(4, "little"), 0, a32)
    if text is not None:
        assert found.text == text
    assert build(ARM, f".syntax unified\n{found.text}").sections[0].data == word.to_bytes(4, "little")
