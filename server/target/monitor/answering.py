"""How `monitor` commands answer: text for people, or with `--json` one line for programs.

A command writes text, and returns what it found as values that JSON has; where it returns none, its lines are what
JSON has. Numbers that may have 64 bits are texts in hexadecimal there: not every reader of JSON has room for them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final, TypeVar

from ...rsp.errors import TargetError
from ...rsp.target import MonitorCommand, MonitorContext

T = TypeVar("T")

Command = Callable[[T, MonitorContext, Sequence[str]], object]
JSON: Final = "--json"


def command(target: T, name: str, usage: str, summary: str, run: Command[T]) -> MonitorCommand:
    """The command as a session knows it."""

    def answer(context: MonitorContext, words: Sequence[str]) -> None:
        if JSON not in words:
            run(target, context, words)
            return
        lines: list[str] = []
        inside = replace(context, write=lines.append)
        told: dict[str, object] = {"command": name}
        try:
            found = run(target, inside, [word for word in words if word != JSON])
        except TargetError as error:
            told["error"] = str(error)
        else:
            told["result"] = "".join(lines).splitlines() if found is None else found
        context.write(json.dumps(told, separators=(",", ":")) + "\n")

    return MonitorCommand(name, f"{usage} [{JSON}]", summary, answer)


def hexed(value: object) -> object:
    """Whole numbers, wherever they stand in it, as texts in hexadecimal."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return hex(value)
    if isinstance(value, dict):
        return {str(key): hexed(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [hexed(one) for one in value]
    return value if value is None or isinstance(value, str | float) else str(value)


def table(rows: Sequence[Sequence[str]]) -> str:
    """Columns, as wide as they must be."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))] if rows else []
    return "".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n" for row in rows
    )
