"""``monitor`` commands: qRcmd. The commands are the target's; only ``help`` is the session's.

Source: Debugging with GDB, "General Query Packets", qRcmd. Output goes to the user's console in O
packets as it is written. A failure is printed the same way: GDB 13 would show a number and no text.
"""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import MonitorError, TargetError
from ..fields import hex_text
from ..replies import OK, UNSUPPORTED
from ..session import Session
from ..target import MonitorCommand, MonitorContext
from .kind import PacketKind


@dataclass(frozen=True, slots=True)
class MonitorLine:
    """``qRcmd,XX…``: what the user typed after ``monitor``."""

    line: str


def _parse(rest: bytes) -> MonitorLine:
    return MonitorLine(hex_text("qRcmd", "the command", rest.removeprefix(b",")))


def _handle(session: Session, packet: MonitorLine) -> bytes:
    if session.abilities.monitor is None:
        return UNSUPPORTED

    session.wire.acknowledge()
    # In non-stop mode this is the only time at which GDB takes text for the console.
    session.tell_notes()
    try:
        _run(session, packet.line, session.abilities.monitor.monitor_commands())
    except TargetError as failure:
        if "error-message" in session.client_features:
            raise
        session.print(f"{failure}\n")
    return OK


def _run(session: Session, line: str, commands: Sequence[MonitorCommand]) -> None:
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise MonitorError(f"monitor: {line!r} cannot be split into words: {error}") from None
    name, arguments = (words[0], words[1:]) if words else ("help", [])
    if name == "help":
        session.print(help_text(commands, arguments))
        return
    context = MonitorContext(session.thread, session.print, session.notes.add, session.endings.append)
    find_command(commands, name).run(context, arguments)


def find_command(commands: Sequence[MonitorCommand], name: str) -> MonitorCommand:
    """The command called `name`. Raises MonitorError with the nearest names otherwise."""
    for command in commands:
        if command.name == name:
            return command
    near = difflib.get_close_matches(name, [*(c.name for c in commands), "help"], n=2, cutoff=0.7)
    guess = f"; did you mean {' or '.join(near)}?" if near else "; `monitor help` lists all"
    raise MonitorError(f"monitor: there is no command {name!r}{guess}")


def help_text(commands: Sequence[MonitorCommand], arguments: Sequence[str]) -> str:
    """A line for each command, or the usage of the commands named in `arguments`."""
    if arguments and list(arguments) != ["help"]:
        chosen = [find_command(commands, name) for name in arguments]
        return "".join(f"monitor {c.usage}\n    {c.summary}\n" for c in chosen)
    width = max((len(command.usage) for command in commands), default=0)
    lines = [f"{c.usage:<{width}}  {c.summary}" for c in commands]
    return "\n".join([*lines, f"{'help [COMMAND]':<{width}}  this list, or one command"]) + "\n"


PACKETS = (PacketKind(b"qRcmd", _parse, _handle, text_errors=False, changes_state=True),)
