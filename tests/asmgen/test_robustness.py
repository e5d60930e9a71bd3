"""Claims about bad input: whatever the text is, it ends with errors and never with something else."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trapline.asmgen import AssemblyErrors, Layout, Source, assemble

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
    """Limits hold before memory or time is spent."""
    started = time.monotonic()
    assert "error" in outcome("power7", text) or text.startswith((".section", "x ="))
    assert time.monotonic() - started < 20


def test_twenty_thousand_instructions_a_second() -> None:
    """Different statements, so that nothing is remembered; the bound is a quarter of what an idle core does."""
    text = "\n".join(f"addi r{i % 32}, r{i // 32 % 32}, {i % 30000}" for i in range(5000))
    build("power7", "nop")
    started = time.monotonic()
    build("power7", text)
    assert 5000 / (time.monotonic() - started) > 8000
