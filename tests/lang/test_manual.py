"""What the language manual shows is what the loader does."""

from __future__ import annotations

from pathlib import Path

import pytest

from trapline.isa.lang.checking import check_files
from trapline.isa.lang.load import load_files
from trapline.tests.lang.manual import ShownMistake, description, mistakes


@pytest.fixture
def manual_file(tmp_path: Path) -> Path:
    """The manual's description as a file."""
    path = tmp_path / "manual.isa"
    path.write_text(description())
    return path


def test_the_manual_description_has_no_problem(manual_file: Path) -> None:
    """Every block marked `isa` loads, for both cores that the page declares."""
    problems, _ = check_files([manual_file])
    assert problems == []
    small, large = (load_files([manual_file], core) for core in ("tiny1", "tiny2"))
    assert "VR" not in small.registers
    assert large.registers["VR"].width == 128
    assert (small.registers["VERSION"].reset, large.registers["VERSION"].reset) == (3, 2)


@pytest.mark.parametrize("mistake", mistakes(), ids=lambda mistake: mistake.message[:40])
def test_each_mistake_that_the_manual_shows_gets_its_one_message(mistake: ShownMistake, manual_file: Path) -> None:
    """One mistake gives one message, in the lines of the block, with a way out."""
    before = manual_file.read_text()
    manual_file.write_text(before + "\n" + mistake.text)
    problems, _ = check_files([manual_file])
    assert [mistake.message in problem.message for problem in problems] == [True]
    assert problems[0].span.line > before.count("\n")
    assert problems[0].hint


def test_the_manual_shows_every_kind_of_mistake_that_it_promises() -> None:
    """A block that is removed from the page does not go unnoticed."""
    assert len(mistakes()) == 13
