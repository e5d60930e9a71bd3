"""What the assembler manual shows is what the assembler does."""

from __future__ import annotations

import re

import pytest

from trapline.asmgen.directives.table import DIRECTIVES

from .described import build, refused
from .manual import MANUAL, ShownSource, python_blocks, sources


@pytest.mark.parametrize("shown", [s for s in sources() if not s.message], ids=lambda s: s.core)
def test_each_source_of_the_manual_assembles(shown: ShownSource) -> None:
    """Blocks marked `asm CORE` make code."""
    assert any(section.data for section in build(shown.core, shown.text).sections)


@pytest.mark.parametrize("shown", [s for s in sources() if s.message], ids=lambda s: s.message)
def test_each_mistake_of_the_manual_gets_its_one_message(shown: ShownSource) -> None:
    """Blocks marked `asm error` get the message shown, and no other."""
    found = refused(shown.core, shown.text)
    assert [shown.message in diagnostic.message for diagnostic in found] == [True], found


@pytest.mark.parametrize("text", python_blocks(), ids=lambda _: "block")
def test_the_python_of_the_manual_runs(text: str) -> None:
    """The block's own assertions hold."""
    assert "assert" in text
    exec(compile(text, str(MANUAL), "exec"), {})


def test_the_manual_names_every_directive() -> None:
    """A directive that is not on the page would be known to nobody."""
    page = MANUAL.read_text()
    ignored = {name for name, act in DIRECTIVES.items() if act.__name__ == "ignored"}
    unnamed = {name for name in DIRECTIVES if not re.search(re.escape(name) + r"(?!\w)", page)}
    assert unnamed - ignored - {".err"} == set()
