"""Claims: of what GNU binutils know for an Armv7-A core nothing lacks without a reason, and the page says so."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from trapline.isa.coverage.arm import ASSEMBLER, OBJDUMP
from trapline.isa.coverage.compared import ARM, compared, page
from trapline.isa.coverage.report import Coverage, markdown
from trapline.isa.lang.load import load_core
from trapline.tests.oracle.require import oracle

pytestmark = pytest.mark.oracle
PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "arm-coverage.md"


@cache
def covered() -> tuple[Coverage, ...]:
    """What the command makes its page of: A32, T32."""
    oracle(OBJDUMP)
    oracle(ASSEMBLER)
    return compared(ARM)


def test_nothing_that_binutils_know_lacks_without_a_reason() -> None:
    """Each word of each mnemonic has a form, or stands in a class of the description that says why it has none."""
    assert {one.core: one.unexplained for one in covered()} == {"A32": [], "T32": []}


def test_what_the_architecture_has_and_the_description_lacks_is_named() -> None:
    """There is none."""
    classes = load_core(ARM).word_classes
    assert {name for name, one in classes.items() if one.is_architected} == set()


def test_the_sweep_finds_what_binutils_know() -> None:
    """As many mnemonics, with data types and S, as there are: a sweep that misses some would make the claim cheap."""
    assert {one.core: len(one.answers) > 680 for one in covered()} == {"A32": True, "T32": True}


def test_only_other_architectures_instructions_lack_wholly() -> None:
    """HLT, and ARMv8's floating point in T32."""
    lacking = {name for one in covered() for name, answer in one.answers.items() if answer.state == "lack"}
    assert {name for name in lacking if not name.startswith(("vcvt", "vmaxnm", "vminnm", "vsel", "vrint"))} == {"hlt"}


def test_the_page_is_what_the_command_prints() -> None:
    """`trapline isa coverage --against binutils --arch armv7ve --markdown` makes it anew."""
    assert PAGE.read_text() == markdown(covered(), *page([ARM]))
