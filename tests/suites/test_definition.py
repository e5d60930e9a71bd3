"""A suite's TOML file: what it may say, and that a mistake in it is told with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from trapline.firmware.suites.catalogue import find_suite, generator_of, shipped_suites
from trapline.firmware.suites.definition import read_definition
from trapline.firmware.suites.template import definition
from trapline.isa.errors import TraplineError

GOOD = definition("mine")


def _read(tmp_path: Path, text: str) -> TraplineError:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(TraplineError) as raised:
        read_definition(path)
    assert str(path) in raised.value.message
    assert raised.value.hint
    return raised.value


def test_what_new_writes_is_a_definition(tmp_path: Path) -> None:
    """The template is read, with its limits and groups."""
    path = tmp_path / "mine.toml"
    path.write_text(GOOD)
    suite = read_definition(path)
    assert (suite.name, suite.limits.instructions, list(suite.groups)) == ("mine", 200_000, ["quick"])
    assert suite.folder == str(tmp_path)


@pytest.mark.parametrize(
    ("before", "behind", "told"),
    [
        ("[suite]", "[suite", "line 2"),
        ("seed = 1", 'seed = "one"', "$.suite.seed"),
        ("seed = 1", "sed = 1", "unknown field `sed`"),
        ('title = "My first suite"', "", "missing required field `title`"),
        ('name = "mine"', 'name = "../mine"', "is no name of a suite"),
        ("seed = 1", "seed = 1\nformat = 9", "format 9"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, before: str, behind: str, told: str) -> None:
    """The key or line, in one message with a way out."""
    assert before in GOOD
    assert told in _read(tmp_path, GOOD.replace(before, behind, 1)).message


def test_a_suite_that_there_is_not_is_told_with_the_closest_name() -> None:
    """And one whose file is not there."""
    with pytest.raises(TraplineError, match="there is no suite 'papr-hcals'") as raised:
        find_suite("papr-hcals")
    assert "papr-hcalls" in (raised.value.hint or "")
    with pytest.raises(TraplineError, match="No such file"):
        find_suite("nowhere.toml")


def test_a_generator_that_cannot_be_loaded_is_the_suites_mistake(tmp_path: Path) -> None:
    """A missing file, a mistake in it, a function that it has not."""
    path = tmp_path / "mine.toml"
    path.write_text(GOOD)
    with pytest.raises(TraplineError, match="cannot be loaded"):
        generator_of(read_definition(path))
    (tmp_path / "generator.py").write_text("def generate(:\n")
    with pytest.raises(TraplineError, match="cannot be loaded"):
        generator_of(read_definition(path))
    (tmp_path / "generator.py").write_text("def other():\n    pass\n")
    with pytest.raises(TraplineError, match="has no function 'generate'"):
        generator_of(read_definition(path))


def test_every_shipped_suite_has_a_generator_and_a_name_of_its_file() -> None:
    """What `suite list` names can be made."""
    for suite in shipped_suites():
        assert callable(generator_of(suite))
        assert find_suite(suite.name) == suite
