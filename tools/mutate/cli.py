"""The command `trapline mutate`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from ...isa.command_line import Argument, Command, Option, echo

if TYPE_CHECKING:
    from .breakage import Breakage
    from .kept import KeptResults


def mutate(
    words: Annotated[list[str] | None, Argument(help="Only breakages with these words in file, line or guest.")] = None,
    list_only: Annotated[bool, Option("--list", help="List the breakages, and run nothing.")] = False,
    suites: Annotated[bool, Option("--suites", help="The shipped suites are to notice, not the guests.")] = False,
    sample: Annotated[
        int | None,
        Option("--sample", help="Only so many of them, drawn by --seed: the same seed, the same ones.", min=1),
    ] = None,
    seed: Annotated[int, Option("--seed", help="Of --sample.")] = 1,
    tests: Annotated[int, Option("--tests", help="Tests of each suite with --suites.", min=1)] = 16,
    results: Annotated[
        Path | None,
        Option("--results", help="Keep results in this file; what it has is not run again (delete it after a change)."),
    ] = None,
) -> None:
    """Break the hypervisor model and its description line by line; the bundled guests have to notice each."""
    from ...isa.errors import TraplineError
    from .breakages import all_breakages
    from .kept import KeptResults
    from .run import broken_text, guest_says

    chosen = [
        one
        for one in all_breakages(suites)
        if all(word in f"{one.file} {one.guest} {one.line} {one.broken}" for word in words or ())
    ]
    if not chosen:
        raise TraplineError("no breakage has all of these words", "`trapline mutate --list` shows them")
    for one in chosen:
        broken_text(one)
    if sample is not None and sample < len(chosen):
        import random

        drawn = frozenset(random.Random(seed).sample(range(len(chosen)), sample))
        chosen = [one for number, one in enumerate(chosen) if number in drawn]
    if list_only:
        for one in chosen:
            echo(f"{one.guest:14} {one.title}")
        return
    if suites:
        _by_suites(chosen, tests, results)
        return
    kept = KeptResults(results, "guests")
    new = [one for one in chosen if kept.find(one) is None]
    for guest in sorted({one.guest for one in new}):
        passed, said = guest_says(None, guest)
        if not passed:
            raise TraplineError(f"{guest} does not pass as it is: {said}", "mend that first")
    caught = sum(_told(one, f"{one.guest:14} ", lambda one: guest_says(one, one.guest), kept) for one in chosen)
    echo(f"{caught} of {len(chosen)} breakages caught")
    if caught < len(chosen):
        raise SystemExit(1)


def _told(one: Breakage, who: str, judged: Callable[[Breakage], tuple[bool, str]], kept: KeptResults) -> bool:
    """Says how a breakage fares, from the file or by running it; whether it is noticed."""
    from .run import BreakageError

    known = kept.find(one)
    if known is None:
        try:
            passed, said = judged(one)
            known = ("MISSED" if passed else "caught"), said
        except BreakageError as error:
            known = "NO RUN", error.message
        kept.keep(one, *known)
    how, said = known
    echo(f"{how}  {who}{one.title}\n            {said}")
    return how == "caught"


def _by_suites(chosen: Sequence[Breakage], tests: int, results: Path | None) -> None:
    """The same, judged by tests of the suites."""
    from ...isa.errors import TraplineError
    from .kept import KeptResults
    from .suites import build_slices, intact_fails, suites_say

    kept = KeptResults(results, f"{tests} tests of each suite")
    new = [one for one in chosen if kept.find(one) is None]
    slices = build_slices(new) if new else []
    said = intact_fails(slices, tests) if slices else ""
    if said:
        raise TraplineError(f"a suite does not pass as it is: {said}", "mend that first")
    caught = sum(_told(one, "", lambda one: suites_say(one, slices, tests), kept) for one in chosen)
    echo(f"{caught} of {len(chosen)} breakages caught by the suites")
    if caught < len(chosen):
        raise SystemExit(1)


COMMANDS = (Command("mutate", mutate),)
