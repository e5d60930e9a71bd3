"""What a command shows while something is made that is kept for the next time: bars on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many steps are done, and how many there are."""


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """Gives a `Progress` that draws one bar for each thing being done, on a terminal; the bars are gone at the end.
    Elsewhere, in CI say, one line tells why nothing is seen for a while.

    Nothing is imported and nothing drawn where it is never called.
    """
    with ExitStack() as stack:
        bars: Bars | None = None
        told = False
        tasks: dict[str, TaskID] = {}

        def show(what: str, done: int, total: int) -> None:
            nonlocal bars, told
            if not sys.stderr.isatty():
                if not told:
                    sys.stderr.write(f"trapline: {what}, and making what later runs find ready: up to a minute\n")
                    sys.stderr.flush()
                    told = True
                return
            if bars is None:
                bars = stack.enter_context(_bars())
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done + 1)

        yield show


def _bars() -> Bars:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bars

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Bars(*columns, console=console, transient=True)
