"""Help as plain text: for pipes, files and screen readers."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from .declared import Command, Group, Option
from .parameters import Taken, parameters_of

_WIDTH = 100
_COLUMN = 30
"""Where explanations begin."""


def help_of_commands(path: str, summary: str, entries: Sequence[Command | Group], options: str = "") -> str:
    """Help of the whole, or of a group. `options`: a table of its own options."""
    lines = [f"Usage: {path} [OPTIONS] COMMAND [ARGS]...", "", summary, "", "Options:"]
    lines += [*([options] if options else []), row("--help", "Show this message and exit."), "", "Commands:"]
    return "\n".join([*lines, *(row(one.name, one.summary) for one in entries)])


def help_of_command(path: str, command: Command) -> str:
    """Help of one command."""
    taken = parameters_of(command.function)
    arguments = [one for one in taken if not isinstance(one.mark, Option)]
    usage = " ".join([path, "[OPTIONS]", *(_place(one) for one in arguments)])
    lines = [f"Usage: {usage}", ""]
    for paragraph in (command.function.__doc__ or "").strip().split("\n\n"):
        lines += [textwrap.fill(" ".join(paragraph.split()), _WIDTH), ""]
    if arguments:
        lines += ["Arguments:", *(row(_called(one), one.mark.help) for one in arguments), ""]
    lines.append("Options:")
    lines += [row(_written(one), _explained(one)) for one in taken if isinstance(one.mark, Option)]
    return "\n".join([*lines, row("--help", "Show this message and exit.")])


def row(left: str, right: str) -> str:
    """A line of a table: what is written, and what it means."""
    head = f"  {left}"
    gap = "\n" + " " * _COLUMN if len(head) > _COLUMN - 2 else " " * (_COLUMN - len(head))
    wrapped = textwrap.wrap(right, _WIDTH - _COLUMN) or [""]
    return (head + gap + ("\n" + " " * _COLUMN).join(wrapped)).rstrip()


def _called(one: Taken) -> str:
    metavar = getattr(one.mark, "metavar", None)
    return str(metavar or one.name.upper())


def _place(one: Taken) -> str:
    text = _called(one) + ("..." if one.repeated and not _called(one).endswith("…") else "")
    return text if one.required else f"[{text}]"


def _written(one: Taken) -> str:
    value = "" if one.is_flag else f" {one.mark.metavar or f'<{one.kind.__name__.lower()}>'}"
    return ", ".join(one.names) + value


def _explained(one: Taken) -> str:
    notes = [f"at least {one.mark.min:g}"] if isinstance(one.mark, Option) and one.mark.min is not None else []
    if one.default not in (None, "", False, []):
        notes.append(f"default: {one.default}")
    if one.required:
        notes.append("required")
    return one.mark.help + (f" [{'; '.join(notes)}]" if notes else "")
