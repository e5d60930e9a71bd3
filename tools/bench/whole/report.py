"""Whole processes as tables: ratios first, they alone may be compared between machines."""

from __future__ import annotations

from pathlib import Path

import msgspec
from rich.console import Console
from rich.markup import escape

from ....isa.errors import TraplineError, reason_of
from ..report import new_table
from ..statistics import Summary
from .peers import EDITED, FIRST, INTERPRETER, QEMU, SECOND, Peer
from .run import Row, WholeResults

_LEAST = 0.98
"""Of the interpreter tier's speed, which the tiers above it may never fall below."""


def show_whole(results: WholeResults, console: Console) -> None:
    """Prints everything."""
    for arch in dict.fromkeys(row.arch for row in results.rows):
        title = f"{arch}: whole processes, how many times as fast, and seconds of {results.clock} time"
        table = new_table(title)
        table.add_column("work", no_wrap=True)
        for column in ("1st × QEMU", "2nd × QEMU", "× interp.", "goal"):
            table.add_column(column, justify="right", no_wrap=True)
        for peer in (QEMU, FIRST, SECOND, INTERPRETER, EDITED):
            table.add_column(peer.value, justify="right", no_wrap=True)
        for row in results.rows:
            if row.arch == arch:
                table.add_row(row.name, *_ratios(row), *(_seconds(row.time(peer)) for peer in Peer))
        console.print(table)
    for text in results.missing:
        console.print(f"[yellow]missing[/] {escape(text)}", highlight=False)
    for text in results.failures:
        console.print(f"[bold red]failed[/] {escape(text)}", highlight=False)


def _ratios(row: Row) -> list[str]:
    first, second = row.ratio(FIRST, QEMU), row.ratio(SECOND, QEMU)
    goals = row.goals or (0.0, 0.0)
    against = row.ratio(FIRST, INTERPRETER)
    told = "" if row.goals is None else " / ".join(f"{goal:g}" for goal in dict.fromkeys(goals))
    return [_ratio(first, goals[0]), _ratio(second, goals[1]), _ratio(against, _LEAST), told]


def _ratio(found: Summary | None, least: float) -> str:
    if found is None:
        return ""
    text = f"{found.median:.2f} ±{found.deviation:.2f}"
    return f"[red]{text}[/]" if found.median < least else text


def _seconds(found: Summary | None) -> str:
    return "" if found is None else f"{found.median:.3f}"


def write_whole(path: Path, results: WholeResults) -> None:
    """All samples as JSON. Raises TraplineError."""
    document = {"format": 1, "kind": "whole processes", "results": results}
    try:
        path.write_bytes(msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n")
    except OSError as error:
        raise TraplineError(f"cannot write {path}: {reason_of(error)}", "name another file") from error
