"""The works as a table and as JSON."""

from __future__ import annotations

from pathlib import Path

import msgspec
from rich.console import Console
from rich.markup import escape

from ....isa.errors import TraplineError, reason_of
from ..report import new_table
from .run import RspResults
from .works import Seconds


def show_rsp(results: RspResults, console: Console) -> None:
    """Prints everything; a ratio below its goal is red."""
    for arch in dict.fromkeys(row.arch for row in results.rows):
        table = new_table(f"{arch}: a debugger's waits, how many times as short as QEMU's, in microseconds")
        table.add_column("work", no_wrap=True)
        table.add_column("", no_wrap=True)
        for column in ("× QEMU", "goal", "trapline", "worst", "QEMU", "worst"):
            table.add_column(column, justify="right", no_wrap=True)
        for row in results.rows:
            if row.arch == arch:
                ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
                if row.ratio is not None and row.ratio < row.work.goal:
                    ratio = f"[red]{ratio}[/]"
                columns = (*_microseconds(row.trapline), *_microseconds(row.qemu))
                table.add_row(row.work.name, row.work.title, ratio, f"{row.work.goal:g}", *columns)
        console.print(table)
    for text in results.missing:
        console.print(f"[yellow]missing[/] {escape(text)}", highlight=False)


def _microseconds(found: Seconds | None) -> tuple[str, str]:
    return ("", "") if found is None else (f"{found.usual * 1e6:,.1f}", f"{found.worst * 1e6:,.0f}")


def write_rsp(path: Path, results: RspResults) -> None:
    """Seconds as JSON. Raises TraplineError."""
    rows = [
        {"arch": row.arch, "work": row.work.name, "goal": row.work.goal, "ratio": row.ratio,
         "trapline": row.trapline, "qemu": row.qemu}
        for row in results.rows
    ]  # fmt: skip
    document = {"format": 1, "kind": "debugger", "rows": rows, "missing": results.missing}
    try:
        path.write_bytes(msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n")
    except OSError as error:
        raise TraplineError(f"cannot write {path}: {reason_of(error)}", "name another file") from error
