"""The `isa` commands: `trapline isa check`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Adds the `isa` group to the command line."""
    group = typer.Typer(help="Work with descriptions (.isa files).", no_args_is_help=True)
    group.command("check")(check)
    app.add_typer(group, name="isa")


def check(
    files: Annotated[
        list[Path], typer.Argument(help="Entry files of one description; what they `use` is read as well.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print the problems as a JSON list.")] = False,
) -> None:
    """Check a description: every problem with its place, the reason and a way out. Ends with 1 if there is one."""
    import json

    from .diagnostics import render
    from .load import check_files

    problems, sources = check_files(files)
    if as_json:
        typer.echo(json.dumps([problem.as_json() for problem in problems], indent=2))
    else:
        for problem in problems:
            typer.echo(render(problem, sources))
        found = f"{len(problems) or 'no'} problem{'' if len(problems) == 1 else 's'}"
        typer.echo(f"{found} in {len(sources)} file{'' if len(sources) == 1 else 's'}")
    if problems:
        raise typer.Exit(1)
