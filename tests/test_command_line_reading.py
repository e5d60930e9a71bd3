"""Claims about the two readers of the command line: ours for usual lines, Typer for all else and for help."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from trapline.isa.command_line import Argument, Command, Group, Option
from trapline.isa.command_line.library import add
from trapline.isa.command_line.parameters import declared_by, parameters_of
from trapline.isa.command_line.plain import help_of_command
from trapline.isa.command_line.reading import read

HEAVY = {"typer", "rich", "pydantic", "click", "lark", "llvmlite", "elftools", "msgspec"}


def several(
    first: Annotated[Path, Argument(help="One.")],
    more: Annotated[list[str] | None, Argument(help="Others.")] = None,
    count: Annotated[int, Option("--count", "-c", min=2, help="A number.")] = 3,
    share: Annotated[float | None, Option("--share")] = None,
    named_files: Annotated[list[Path] | None, Option(help="Files.")] = None,
    loud: Annotated[bool, Option("--loud", "-l")] = False,
    text: Annotated[str, Option("--text")] = "none",
) -> None:
    """A command with all kinds of parameters."""


WORDS = st.sampled_from(
    [
        *[
            "a",
            "b.elf",
            "c",
            "7",
            "1",
            "-1",
            "2.5",
            "-",
            "--",
            "--count",
            "--count=4",
            "-c",
            "-c5",
            "--share",
            "--share=.5",
            "--named-files",
            "--named-files=f",
            "--loud",
            "--loud=1",
            "-l",
            "--text",
            "--text=",
            "--text=--",
        ],
        "",
        "x y",
    ]
)


def _by_library(words: list[str]) -> dict[str, object] | None:
    """What Typer makes of a line; None where it finds a mistake."""
    found: list[dict[str, object]] = []

    def called(**values: object) -> None:
        found.append(values)

    def made(_: Callable[..., None]) -> Callable[..., None]:
        called.__dict__["declared"] = declared_by(several)
        called.__annotations__ = several.__annotations__
        return called

    app = typer.Typer()
    add(app, [Command("several", several, made)])
    done = CliRunner().invoke(app, words)
    assert bool(found) == (done.exit_code == 0), done.output
    return found[0] if found else None


@given(st.lists(WORDS, max_size=7))
def test_our_reader_never_disagrees_with_the_library(words: list[str]) -> None:
    """Whatever we make of a line, Typer makes the same of it; what is a mistake for Typer is never taken by us."""
    ours = read(several, words)
    if ours is not None:
        theirs = _by_library(words)
        assert theirs is not None
        assert {name: value or None for name, value in ours.items()} == {
            name: value or None for name, value in theirs.items()
        }


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a", {}),
        ("a b c", {"more": ["b", "c"]}),
        ("--count 4 a -l", {"count": 4, "loud": True}),
        ("a --share 2.5 --text=x", {"share": 2.5, "text": "x"}),
        ("a --named-files p --named-files q", {"named_files": [Path("p"), Path("q")]}),
        ("-- a -l", {"more": ["-l"]}),
    ],
)
def test_usual_lines_are_read_without_the_library(line: str, expected: dict[str, object]) -> None:
    """Options before and behind arguments, values behind a space or a sign of equality, lists."""
    defaults = {one.name: one.default for one in parameters_of(several)}
    assert read(several, line.split()) == {**defaults, "first": Path("a"), **expected}


@pytest.mark.parametrize(
    "line", ["", "a --count", "a --count x", "a --count 1", "a --nothing", "a --loud=1", "a --help"]
)
def test_a_mistake_is_left_to_the_library(line: str) -> None:
    """It tells the user what is wrong, in its own words."""
    assert read(several, line.split()) is None


def _heavy_modules(*arguments: str) -> tuple[str, set[str]]:
    """What a command prints, and what is loaded of the list of heavy modules when it ends."""
    program = (
        "import sys, atexit; from trapline.__main__ import main;"
        f"import json; atexit.register(lambda: print(json.dumps(sorted({HEAVY} & set(sys.modules))), file=sys.stderr));"
        "main()"
    )
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)
    return done.stdout, set(json.loads(done.stderr.strip().splitlines()[-1]))


@pytest.mark.parametrize("line", ["--help", "--version", "run --help", "isa check --help"])
def test_help_in_a_pipe_loads_nothing_heavy(line: str) -> None:
    """Neither the command line library nor what commands need."""
    _, heavy = _heavy_modules(*line.split())
    assert heavy == set()


def test_plain_help_names_each_option() -> None:
    """What the library knows stands in the plain text, too: both are made from the same declarations."""
    app = typer.Typer(add_completion=False)
    add(app, [Command("several", several)])
    text = help_of_command("trapline several", Command("several", several))
    for parameter in typer.main.get_command(app).params:
        assert all(option in text for option in parameter.opts if option.startswith("-")), parameter


def test_groups_and_commands_reach_the_library() -> None:
    """A group is a name with commands below it."""
    app = typer.Typer()
    add(app, [Command("one", several), Group("two", "Two.", [Command("three", several)])])
    assert CliRunner().invoke(app, ["two", "three", "a"]).exit_code == 0
    assert CliRunner().invoke(app, ["one"]).exit_code == 2
