"""Results on disk: SQLite, written as they come. A runner that is killed loses nothing that it had told."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from ....isa.errors import TraplineError
from .results import Ran, Result, Status

_FORMAT: Final = 1
_TABLES: Final = """
create table if not exists run (
    number integer primary key, suite text not null, folder text not null, description text not null,
    target text not null, options text not null, tests text not null, begun real not null, ended real,
    seconds real not null default 0
);
create table if not exists result (
    run integer not null references run, test text not null, status text not null, outcome text not null,
    reason text not null, console text not null, instructions integer, seconds real not null,
    attempts integer not null, note text not null, primary key (run, test)
) without rowid;
"""


class RunRecord(msgspec.Struct, frozen=True):
    """A run: what of which suite, on what, and whether it came to its end."""

    number: int
    suite: str
    folder: str
    description: str
    target: str
    options: dict[str, str]
    tests: tuple[str, ...]
    begun: float
    """Seconds since 1970."""
    ended: float | None
    seconds: float
    """Of the host's, all sittings together."""


class Store:
    """A results file. A context manager."""

    def __init__(self, path: Path) -> None:
        """Raises TraplineError for a file that is something else, or cannot be written."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._base = sqlite3.connect(path, isolation_level=None, timeout=60)
            self._base.execute("pragma journal_mode = wal")
            self._base.execute("pragma synchronous = normal")
            (version,) = self._base.execute("pragma user_version").fetchone()
            if version not in (0, _FORMAT):
                raise TraplineError(
                    f"{path}: results of format {version}", "read them with the version of trapline that wrote them"
                )
            self._base.executescript(f"begin immediate; {_TABLES} pragma user_version = {_FORMAT}; commit;")
        except (sqlite3.Error, OSError) as error:
            raise TraplineError(
                f"{path} cannot be used for results: {error}", "name another file with --results"
            ) from error
        self.path = path

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self._base.close()

    def begin(
        self, suite: str, folder: Path, description: str, target: str, options: dict[str, str], tests: Sequence[str]
    ) -> int:
        """A new run; its number."""
        text = msgspec.json.encode
        cursor = self._base.execute(
            "insert into run (suite, folder, description, target, options, tests, begun) values (?, ?, ?, ?, ?, ?, ?)",
            (suite, str(folder), description, target, text(options), text(tests), time.time()),
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def keep(self, run: int, results: Sequence[Result], seconds: float) -> None:
        """Results, all or none; `seconds` is how long the run has taken since the last call."""
        self._base.execute("begin immediate")
        self._base.executemany(
            "insert or replace into result values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    run,
                    one.test,
                    one.status.value,
                    one.run.outcome,
                    one.run.reason,
                    one.run.console,
                    one.run.instructions,
                    one.run.seconds,
                    one.attempts,
                    one.note,
                )
                for one in results
            ],
        )
        self._base.execute("update run set seconds = seconds + ? where number = ?", (seconds, run))
        self._base.execute("commit")

    def end(self, run: int) -> None:
        """The run has come to its end."""
        self._base.execute("update run set ended = ? where number = ?", (time.time(), run))

    def runs(self) -> list[RunRecord]:
        """All runs, in their order."""
        rows = self._base.execute(
            "select number, suite, folder, description, target, options, tests, begun, ended, seconds from run "
            "order by number"
        )
        return [
            RunRecord(
                row[0],
                row[1],
                row[2],
                row[3],
                row[4],
                msgspec.json.decode(row[5]),
                tuple(msgspec.json.decode(row[6])),
                row[7],
                row[8],
                row[9],
            )
            for row in rows
        ]

    def run(self, number: int | None = None) -> RunRecord:
        """A run by its number, or the last one.  Raises TraplineError."""
        runs = self.runs()
        found = [one for one in runs if number in (None, one.number)]
        if not found:
            what = "no run" if number is None else f"no run {number}"
            raise TraplineError(f"{self.path} has {what}", f"it has {len(runs)}; `trapline suite run` makes one")
        return found[-1]

    def unfinished(self, target: str, options: dict[str, str], description: str) -> RunRecord | None:
        """The last run, if it is like this one and did not come to its end."""
        runs = self.runs()
        if not runs:
            return None
        last = runs[-1]
        alike = (last.target, last.options, last.description) == (target, options, description)
        return last if alike and last.ended is None else None

    def results(self, run: int) -> Iterator[Result]:
        """The results of a run, by test."""
        rows = self._base.execute(
            "select test, status, outcome, reason, console, instructions, seconds, attempts, note from result "
            "where run = ? order by test",
            (run,),
        )
        for test, status, outcome, reason, console, instructions, seconds, attempts, note in rows:
            yield Result(test, Status(status), Ran(outcome, reason, console, instructions, seconds), attempts, note)
