"""The command `trapline mutate`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from ...isa.command_line import Argument, Command, Option, echo

if TYPE_CHECKING:
    from .breakage import Breakage


def mutate(
    words: Annotated[list[str] | None, Argument(help="Only breakages with these words in file, line or guest.")] = None,
    list_only: Annotated[bool, Option("--list", help="List the breakages, and run nothing.")] = False,
    suites: Annotated[
        bool, Option("--suites", help="The shipped suites are to notice, not the guests (host stubs are the guests').")
    ] = False,
    tests: Annotated[int, Option("--tests", help="Tests of each suite with --suites.", min=1)] = 16,
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
    if suites:
        _by_suites(chosen, tests)
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


def _by_suites(chosen: Sequence[Breakage], tests: int) -> None:
    """The same, judged by tests of the suites."""
    import tempfile
    from pathlib import Path

    from ...isa.errors import TraplineError
    from .run import BreakageError
    from .suites import build_slices, is_stub, suites_say

    caught, counted = 0, [one for one in chosen if not is_stub(one)]
    with tempfile.TemporaryDirectory(prefix="trapline-mutate-") as folder:
        slices = build_slices(Path(folder), tests)
        passed, said = suites_say(None, slices)
        if not passed:
            raise TraplineError(f"a suite does not pass as it is: {said}", "mend that first")
        for one in counted:
            try:
                passed, said = suites_say(one, slices)
                how = "MISSED" if passed else "caught"
            except BreakageError as error:
                how, said = "NO RUN", error.message
            caught += how == "caught"
            echo(f"{how}  {one.title}\n            {said}")
    stubs = f" ({len(chosen) - len(counted)} of host stubs left to the guests)" if len(chosen) > len(counted) else ""
    echo(f"{caught} of {len(counted)} breakages caught by the suites{stubs}")
    if caught < len(counted):
        raise SystemExit(1)


COMMANDS = (Command("mutate", mutate),)
