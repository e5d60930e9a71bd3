"""The command `trapline mutate`."""

from __future__ import annotations

from typing import Annotated

from ...isa.command_line import Argument, Command, Option, echo


def mutate(
    words: Annotated[list[str] | None, Argument(help="Only breakages with these words in file, line or guest.")] = None,
    list_only: Annotated[bool, Option("--list", help="List the breakages, and run nothing.")] = False,
) -> None:
    """Break the hypervisor model and its description line by line; the bundled guests have to notice each."""
    from ...isa.errors import TraplineError
    from .breakages import all_breakages
    from .run import BreakageError, broken_text, guest_says

    chosen = [
        one
        for one in all_breakages()
        if all(word in f"{one.file} {one.guest} {one.line} {one.broken}" for word in words or ())
    ]
    if not chosen:
        raise TraplineError("no breakage has all of these words", "`trapline mutate --list` shows them")
    for one in chosen:
        broken_text(one)
    if list_only:
        for one in chosen:
            echo(f"{one.guest:14} {one.title}")
        return
    for guest in sorted({one.guest for one in chosen}):
        passed, said = guest_says(None, guest)
        if not passed:
            raise TraplineError(f"{guest} does not pass as it is: {said}", "mend that first")
    caught = 0
    for one in chosen:
        try:
            passed, said = guest_says(one, one.guest)
            how = "MISSED" if passed else "caught"
        except BreakageError as error:
            how, said = "NO RUN", error.message
        caught += how == "caught"
        echo(f"{how}  {one.guest:14} {one.title}\n            {said}")
    echo(f"{caught} of {len(chosen)} breakages caught")
    if caught < len(chosen):
        raise SystemExit(1)


COMMANDS = (Command("mutate", mutate),)
