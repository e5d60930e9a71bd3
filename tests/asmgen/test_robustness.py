"""Claims about bad input: whatever the text is, it ends with errors and never with something else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trapline.asmgen import AssemblyErrors, Layout, Source, assemble
from trapline.asmgen.instructions import reader
from trapline.asmgen.instructions.plans.shapes import Shapes
from trapline.asmgen.instructions.templates.candidates import MnemonicTable
from trapline.asmgen.instructions.templates.entries import Candidate, Spelling
from trapline.asmgen.instructions.templates.templates import Attempt
from trapline.asmgen.target.seam import Evaluate

from .described import build, target

WORDS = [
    ".macro", ".endm", ".rept", ".endr", ".irp", ".if", ".else", ".endif", ".set", ".org", ".skip", ".align", ".long",
    ".ascii", ".section", ".global", ".cfi_startproc", ".cfi_endproc", ".cfi_offset", "x:", "1:", "1b", "1f", "x", "m",
    "add", "addi", "lwz", "b", "r3", "r4,", "0x10", "-1", "(", ")", ",", "+", "*", "<<", '"a"', "'", ";", "\n", "\n",
    "/*", "*/", "\\x", "\\@", "=", ".", "@ha", "%", "{", "}",
]  # fmt: skip


def outcome(core: str, text: str) -> str:
    """Assembles; any exception but AssemblyErrors is a failure of the test."""
    try:
        assemble([Source("fuzz.s", text)], target(core), Layout(base=0x1000))
    except AssemblyErrors as errors:
        return errors.diagnostics[0].render()
    return ""


@settings(max_examples=300)
@given(st.lists(st.sampled_from(WORDS), max_size=30))
def test_any_sequence_of_words_ends_well(pieces: list[str]) -> None:
    """Words of the language in any order."""
    outcome("power7", " ".join(pieces))


@settings(max_examples=200)
@given(st.text(max_size=60))
def test_any_text_ends_well(text: str) -> None:
    """Characters of any kind."""
    outcome("armv7ve", text)


@settings(max_examples=200)
@given(
    st.sampled_from(["ldr", "add", "push", "vld1.8", "mrc", "ldmia", "b", "msr"]),
    st.text("r0123,[]{}#!-=lsp .", max_size=25),
)
def test_any_operands_end_well(mnemonic: str, operands: str) -> None:
    """Operands that look nearly right."""
    outcome("armv7ve", f"{mnemonic} {operands}")


@pytest.mark.parametrize(
    "text",
    [
        ".rept 100000000\nnop\n.endr",
        ".skip 0x7fffffffffffffff",
        ".fill 1 << 40, 8, 1",
        ".balign 1 << 60",
        ".org 0xffffffffffff",
        ".long " + "(" * 100_000,
        ".long " + "-" * 100_000 + "1",
        ".macro m\nm\nm\n.endm\nm",
        ".section " + "x" * 100_000,
        "x = 1\n" + ".set x, x * x + 1\n" * 20,
        ".ascii \"" + "\\" * 99_999,
        "a" * 200_000,
        ".if 1\n" * 10_000,
    ],
)
def test_requests_without_measure_end_quickly(text: str) -> None:
    """Limits hold before memory or time is spent (tests/asmgen/gnu/test_broken.py runs such sources under limits)."""
    assert "error" in outcome("power7", text) or text.startswith((".section", "x ="))


@pytest.mark.parametrize(
    ("core", "line", "tries"),
    [
        ("power7", "addi r{0}, r{1}, {2}", 1), ("power7", "ld r{0}, 8*{2}(r{1})", 1),
        ("power7", "rlwinm r{0}, r{1}, 3, 4, 5", 1), ("power7", "add. r{0}, r{1}, r5", 1),
        ("armv7ve", "add r{0}, r{1}, #{2}", 1), ("armv7ve", "ldr r{0}, [r{1}, #{2}]", 1),
        ("armv7ve", "addeq r{0}, r{1}, r3, lsl #4", 1), ("armv7ve", "mov r{0}, r{1}", 1),
    ],
)  # fmt: skip
def test_a_statement_makes_one_word(core: str, line: str, tries: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its shape tells what a statement may mean before any word is made: different ones cost one encoding each."""
    made = 0
    real = MnemonicTable.word

    def counted(self: MnemonicTable, candidate: Candidate, value: Evaluate | None, address: int) -> int:
        nonlocal made
        made += 1
        return real(self, candidate, value, address)

    build(core, "nop")
    monkeypatch.setattr(MnemonicTable, "word", counted)
    statements = [line.format(i % 13, i // 13 % 13, i) for i in range(100)]
    build(core, "\n".join(statements))
    assert made <= tries * len(statements)


@pytest.mark.parametrize(
    ("core", "lines"),
    [
        ("power7", ["addi r{0}, r{1}, -{2}", "ld r{0}, {3}(r{1})", "cmpdi cr{4}, r{0}, {2}", "mr r{0}, r{1}",
                    "add. r{0}, r{1}, r5"]),
        ("armv7ve", ["add r{0}, r{1}, #{5}", "ldr r{0}, [r{1}, #-{2}]", "orreq r{0}, r{1}, r3, lsl #{4}",
                     "mov r{0}, r{1}"]),
    ],
)  # fmt: skip
def test_statements_of_a_known_shape_are_not_matched_again(
    core: str, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One statement of a shape is matched against templates; the others take what it found, and make the same words."""
    values = [(i % 13, i // 13 % 13, i, 8 * i, i % 7 + 1, i % 256) for i in range(200, -1, -1)]
    statements = [line.format(*some) for some in values for line in lines]
    matched = 0
    real = reader.candidates_of

    def counted(spelling: Spelling, attempt: Attempt) -> list[Candidate]:
        nonlocal matched
        matched += 1
        return real(spelling, attempt)

    monkeypatch.setattr(reader, "candidates_of", counted)
    made = build(core, "\n".join(statements)).sections[0].data
    assert matched < 200
    monkeypatch.setattr(Shapes, "read", lambda *_: None)
    assert build(core, "\n".join(statements)).sections[0].data == made
