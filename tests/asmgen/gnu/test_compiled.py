"""Claims about gcc's output: we assemble it to GNU as's bytes, but for instructions that are not described."""

from __future__ import annotations

from pathlib import Path

import pytest

from .compiled import compare, files, some
from .held import held

pytestmark = pytest.mark.oracle


def test_there_are_forty_files() -> None:
    """The C files."""
    assert len(files()) >= 40


def _holding(kind: str) -> list[Path]:
    return [one for one in files() if f"{kind} {one.stem}" not in held()]


@pytest.mark.parametrize("path", _holding("c"), ids=lambda path: path.stem)
def test_gcc_output_is_assembled_as_by_gnu(path: Path) -> None:
    """Four compilations of each file; each differing place is told."""
    found = {case.name: compare(case).differences for case in some(path)}
    assert {name: text for name, text in found.items() if text} == {}
