"""The `isa` commands: `trapline isa check`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from ..command_line import Argument, Command, Group, Option, echo

if TYPE_CHECKING:
    import typer
def check(
    files: Annotated[
        list[Path], Argument(help="Entry files of one description; what they `use` is read as well.")
    ],
    as_json: Annotated[bool, Option("--json", help="Print the problems as a JSON list.")] = False,
) -> None:
    """Check a description: every problem with its place, the reason and a way out. Ends with 1 if there is one."""
    import json

    from .diagnostics import render
    from .load import check_files

    problems, sources = check_files(files)
    if as_json:
        echo(json.dumps([problem.as_json() for problem in problems], indent=2))
    else:
        for problem in problems:
            echo(render(problem, sources))
        found = f"{len(problems) or 'no'} problem{'' if len(problems) == 1 else 's'}"
        echo(f"{found} in {len(sources)} file{'' if len(sources) == 1 else 's'}")
    if problems:
        raise SystemExit(1)


COMMANDS = (Group("isa", "Work with descriptions (.isa files).", [Command("check", check)]),)


def register(app: typer.Typer) -> None:
    """Adds the commands of this folder to a Typer application."""
    from ..command_line.library import add

    add(app, COMMANDS)
