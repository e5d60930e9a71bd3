"""A run on the console: progress while it goes on, failures as they happen, a summary at the end."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from ..running.results import Result, Status
from .outcome import Reported

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from ..running.runner import Progress

_COLOURS = {
    Status.PASS: "green",
    Status.FAIL: "bold red",
    Status.SKIP: "yellow",
    Status.EXPECTED_FAIL: "cyan",
    Status.UNEXPECTED_PASS: "magenta",
    Status.FLAKY: "magenta",
    Status.QUARANTINED: "yellow",
}


class Shown(AbstractContextManager["Shown"]):
    """A bar with rate and time left on a terminal; elsewhere nothing but failures."""

    def __init__(self, title: str, explain: Callable[[Result], list[str]]) -> None:
        self._title, self._explain = title, explain
        self._bars: Bars | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Shown:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
            from rich.progress import Progress as Bars

            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[told]}"),
            )
            self._bars = Bars(*columns, console=Console(stderr=True), transient=True)
            self._bars.start()
            self._task = self._bars.add_task(self._title, total=None, told="")
        return self

    def __exit__(self, *_: object) -> None:
        if self._bars is not None:
            self._bars.stop()

    def made(self, done: int, total: int) -> None:
        """While tests are generated."""
        self._show(done, total, "generated")

    def told(self, progress: Progress, result: Result | None) -> None:
        """While tests are run."""
        if result is not None and result.status.fails_the_run:
            text = "\n".join(self._explain(result))
            print(text, flush=True)
        bad = progress.counts[Status.FAIL]
        self._show(
            progress.done,
            progress.total,
            f"{progress.rate:.0f}/s, {progress.left:.0f} s left" + (f", [bold red]{bad} failed[/]" if bad else ""),
        )

    def _show(self, done: int, total: int, told: str) -> None:
        if self._bars is not None and self._task is not None:
            self._bars.update(self._task, completed=done, total=total, told=told)


def summary(runs: list[Reported]) -> None:
    """A table: suites, and how many of each status."""
    from rich.console import Console
    from rich.table import Table

    statuses = [
        status for status in Status if status in (Status.PASS, Status.FAIL) or any(run.counts[status] for run in runs)
    ]
    table = Table(box=None, pad_edge=False)
    for name in ("suite", "target", "tests"):
        table.add_column(name, no_wrap=True)
    for status in statuses:
        table.add_column(status.value, justify="right", style=_COLOURS[status], no_wrap=True)
    table.add_column("not run", justify="right", no_wrap=True)
    table.add_column("tests/s", justify="right", no_wrap=True)
    for run in runs:
        rate = len(run.results) / run.record.seconds if run.record.seconds else 0.0
        table.add_row(
            run.record.suite,
            run.record.target,
            str(len(run.record.tests)),
            *(str(run.counts[status]) for status in statuses),
            str(run.not_run),
            f"{rate:.0f}",
        )
    console = Console(highlight=False, soft_wrap=True)
    console.print(table)
    for run in runs:
        left = run.suite.manifest.left_out
        if left:
            reason = left[0].reason.splitlines()[0]
            told = f"{run.record.suite}: {len(left)} cases are no tests; {left[0].name}, for one: {reason}"
            console.print(told, markup=False)
