"""A bar on the terminal while something is made for the first time: a description checked, native code compiled."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from ..isa.lang.load import Progress


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """Shows what it is told on standard error, if that is a terminal; the bar is gone afterwards."""
    shown = _Shown()
    try:
        yield shown.told
    finally:
        shown.close()


class _Shown:
    def __init__(self) -> None:
        self._bar: Bar | None = None
        self._task: TaskID | None = None
        self._what = ""

    def told(self, what: str, done: int, of: int) -> None:
        """Something is done with `done` of `of` steps; of a single step nobody knows how far it is."""
        if not sys.stderr.isatty():
            return
        total = of if of > 1 else None
        if self._bar is None:
            self._bar = _make_bar()
            self._bar.start()
        if what != self._what or self._task is None:
            if self._task is not None:
                self._bar.remove_task(self._task)
            self._what, self._task = what, self._bar.add_task(f"{what}, kept for the next time", total=total)
        self._bar.update(self._task, completed=done, total=total)

    def close(self) -> None:
        """Takes the bar away."""
        if self._bar is not None:
            self._bar.stop()


def _make_bar() -> Bar:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    return Bar(*columns, console=Console(stderr=True), transient=True)
