"""Claims: every A32 and T32 form and alias is encoded, printed and read as GNU as and objdump have it (DDI 0406C)."""

import re

import pytest

from trapline.isa.lang.load import load_core
from trapline.tests.oracle.binutils import Dialect
from trapline.tests.oracle.encoding_claims import Excepted, compare
from trapline.tests.oracle.roundtrip import Way

pytestmark = pytest.mark.oracle

BOTH = (
    Excepted(
        Way.OURS,
        r"(t32_)?m(rs|sr)_banked",
        "has no text",
        "B9.2.3: numbers that name no register; UNPREDICTABLE",
    ),
    Excepted(Way.OBJDUMP, r"(t32_)?m(rs|sr)_banked", "UNDEF: ", "the same"),
    Excepted(
        Way.OBJDUMP,
        r"(t32_)?d[sm]b\.reserved",
        "'ssbb|'pssbb|'dfb|'d[sm]b (osh|nsh|ish)?ld",
        "A8.8.43 and A8.8.44: reserved options; objdump has Armv8's names for some",
    ),
    Excepted(
        Way.OBJDUMP,
        r"(t32_)?((mcrr?|mrc|mrrc|cdp)2?(_short)?|ldc2?_(literal|stc2?\.\w+))",
        "there is no instruction",
        "objdump prints coprocessors 0 to 13 as those of iWMMXt, FPA, Maverick and of Armv8 vectors, or as undefined",
    ),
    Excepted(
        Way.AS,
        "(t32_)?mrc2(_short)?",
        "APSR_nzcv.*ARM register expected",
        "A8.8.108: GNU as takes APSR_nzcv in mrc, not in mrc2",
    ),
    Excepted(
        Way.AS,
        r"(t32_)?ldc_stc\.\w+",
        r"p9, ",
        "GNU as scales the offset of coprocessor 9 by 2, as Armv8.2's half-precision VLDR has it",
    ),
    Excepted(
        Way.OBJDUMP,
        r"(t32_)?ldc2?_stc2?\.(pre|post)_indexed",
        r"\[\w+(, #-0)?\]( @ <UNPREDICTABLE>)?' -> 0x",
        "A8.8.55 and A8.8.198: objdump prints no write-back beside an offset of 0",
    ),
    Excepted(
        Way.OURS,
        r"(t32_)?v(mov|mvn|orr|orn|and|bic)_(constant_(ones|i32|i16)|(ones|i64|i32|i16)_by_\w+)",
        "#(0|255|65535)' assembles to another",
        "A7.4.6: two encodings of one constant",
    ),
    Excepted(
        Way.OURS,
        r"(t32_)?v_\d_(element|all)_.*",
        "has no text",
        "A7.7: lists that go beyond d31; UNPREDICTABLE",
    ),
    Excepted(Way.OBJDUMP, r"(t32_)?v_\d_(element|all)_.*", r"\bd3[2-7]\[", "the same"),
    Excepted(
        Way.OBJDUMP,
        r"(t32_)?v(mov|mvn|orr|orn|and|bic)_(constant_(ones|i32|i16)|(ones|i64|i32|i16)_by_\w+)",
        "#(0|255|65535) ",
        "A7.4.6: two encodings of one constant",
    ),
)
A32 = (
    Excepted(
        Way.AS,
        "vmov_from_(byte|half)",
        "instruction cannot be conditional",
        "A8.8.342: it has a condition, which GNU as does not take",
    ),
    Excepted(
        Way.AS,
        r"(add|sub)\.immediate\..*|adr_\w+",
        "invalid constant .* after fixup",
        "A8.8.5: GNU as does not take a constant above 0x7fffffff where Rn is the pc",
    ),
    Excepted(
        Way.OBJDUMP,
        r"[su]sat\.asr",
        "asr #0",
        "A8.8.193 and A8.8.262: imm5 = 0 shifts by 32, which objdump prints as 0",
    ),
    Excepted(
        Way.AS,
        r"msr_immediate\.byte_and_rotation",
        "garbage following",
        "A5.2.4: GNU as takes no rotation in msr",
    ),
    Excepted(
        Way.AS,
        "ldr_literal",
        "register 15 must be 4-byte aligned",
        "A8.8.64: a literal pc not at a word is UNPREDICTABLE",
    ),
)
T32 = (
    Excepted(
        Way.OURS,
        "t16_(add|sub)_immediate3",
        r"'(add|sub)s (r\d), \2, #\d' assembles to another encoding",
        "A8.8.4: two encodings of one meaning; GNU as and we take the one with imm8 where Rd is Rn",
    ),
    Excepted(
        Way.OBJDUMP,
        "t16_(add|sub)_immediate3",
        r"'(add|sub)s (r\d), \2, #\d' -> 0x3",
        "the same: objdump's text is that of the other encoding",
    ),
    Excepted(
        Way.OURS,
        r"t32_(ldr|str)(s?[bh])?_imm8\.offset|t32_pl\w+_below",
        "#-0.*another encoding",
        "A8.8.62: two encodings of offset 0; we take the one with imm12, as GNU as does",
    ),
    Excepted(
        Way.AS,
        r"t32_((ldr|str)(s?[bh])?_imm8|ldrd|strd|ldrd_literal)\.\w+|t32_(ldrd|strd)(_literal)?_next",
        "#-0",
        "A8.8.62: U = 0 and offset 0, which GNU as writes as U = 1",
    ),
    Excepted(
        Way.AS,
        r"t32_(ldr(s?[bh])?_(literal|label)|pl[di]_literal)",
        r"#-0\]' -> 0xf[89][9bd]f",
        "A8.8.64: two encodings of offset 0; GNU as takes U = 1",
    ),
    Excepted(
        Way.AS,
        "t32_ldr_literal",
        "register 15 must be 4-byte aligned",
        "A8.8.64: a literal pc not at a word is UNPREDICTABLE",
    ),
    Excepted(
        Way.OBJDUMP,
        r"t32_(ldr|str)(s?[bh])?_imm8\.\w+|t32_ldr(s?[bh])?_(literal|label)|t32_(ldrd|strd)(_literal)?\.\w+"
        r"|t32_(ldrd|strd)(_literal)?_next"
        r"|t32_pl\w+",
        r"\[\w+\](!|, #0)?( @ 0x\w+)?' -> 0x",
        "A8.8.62: U = 0 and offset 0, which objdump prints as U = 1",
    ),
    Excepted(
        Way.OBJDUMP,
        r"t(16|32)_other_hint",
        "'(sevl|bti|esb|psb|tsb|csdb|pac|aut|clrbhb).* -> there is no instruction",
        "A6.2.5: hints that are not allocated; objdump has Armv8's names for some",
    ),
    Excepted(Way.AS, r"t32_leavex|t32_enterx", "bad instruction", "A9.3.1: GNU as wants a directive for ThumbEE"),
    Excepted(Way.OBJDUMP, r"t32_leavex|t32_enterx", "'undefined", "A9.3.1: objdump knows neither"),
    Excepted(
        Way.OBJDUMP,
        r"t32_(ldrd|strd)_written_back",
        r"'(ldrd|strd) \w+, \w+, \[\w+\]' -> ",
        "A8.8.72, A8.8.211: W is set; objdump leaves the write-back of an offset of 0 out, and GNU as takes `[r0]!`",
    ),
    Excepted(
        Way.OBJDUMP,
        "t32_neg",
        "'rsbs r., r., #0' -> 0x42",
        "A8.8.152: two encodings of one meaning, which objdump prints alike",
    ),
    Excepted(
        Way.OBJDUMP,
        r"t32_ldrs?[bh]_(literal|label)",
        r"'ldrs?[bh]t \w+, \[pc",
        "A8.8.86: with Rn = 15 it is the literal form; objdump prints the unprivileged load",
    ),
)


def clean(text: str, address: int) -> str:
    """Objdump's text as assemblers read it, whatever its address.

    Floating-point constants by the bits that its comment gives; without comments; coprocessors, their registers and
    opcodes, and hints, as the manual writes them.
    """
    text = re.sub(r"^(vmov\w*\.f(?:32|64) \w+, #)\d+ @ (0x[0-9a-f]{8}) .*$", r"\1\2", text)
    text = re.sub(r"^nop @ \(mov r0, r0\)", "mov r0, r0", text)
    text = re.sub(r"\s*[@;] .*$|\s*<.*>$", "", text)
    text = re.sub(r"^(nop\w*) \{0\}", r"\1", text)
    text = re.sub(r"^nop(\w*) \{(\d+)\}", r"hint\1 #\2", text)
    if re.match(r"(mcrr?|mrrc|mrc|cdp|ldc|stc)", text):
        text = re.sub(r"^(\w+) (\d+)", r"\1 p\2", text)
        text = re.sub(r"\bcr(\d+)", r"c\1", text)
        if not re.match(r"(ldc|stc)", text):
            text = re.sub(r"\{(\d+)\}", r"#\1", text)
        text = re.sub(r"^(mrc2.*), pc,", r"\1, APSR_nzcv,", text)
    return text


@pytest.mark.parametrize(
    ("instruction_set", "dialect", "exceptions"),
    [("A32", Dialect.ARM, BOTH + A32), ("T32", Dialect.THUMB, BOTH + T32)],
    ids=["A32", "T32"],
)
def test_every_form_and_alias_agrees_with_binutils(
    instruction_set: str, dialect: Dialect, exceptions: tuple[Excepted, ...]
) -> None:
    """Random and extreme fields of each form, both ways; each exception is needed."""
    outcome = compare(load_core("armv7ve"), instruction_set, dialect, clean, exceptions, seed=1)
    assert not outcome.unexplained, "\n".join(outcome.unexplained[:60])
    assert not outcome.stale
    assert not outcome.uncovered
    assert outcome.instances > {"A32": 8000, "T32": 1000}[instruction_set]
