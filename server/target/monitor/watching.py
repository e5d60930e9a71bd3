"""`monitor events` and `monitor catch`: what happens in the machine, shown, or a reason to stop."""

from __future__ import annotations

from collections.abc import Sequence

from ...machine.events import Event
from ...rsp.errors import MonitorError
from ...rsp.target import MonitorContext
from ..catching import KINDS, CatchError
from ..controls import Controls
from .words import which

CATCH_USAGE = f"catch [{'|'.join(KINDS)} [NAME]], catch delete NUMBER|all"


def events_command(target: Controls, context: MonitorContext, words: Sequence[str]) -> None:
    """Shows events on the debugger's console."""
    if list(words) not in (["on"], ["off"]):
        raise MonitorError("events: say on or off")
    target.event_tap.close()
    if words[0] == "on":

        def tell(event: Event) -> None:
            # What happens again has been told.
            if not target.timeline.in_past:
                context.tell(f"{event}\n")

        target.event_tap.open(target.machine.events, tell)
        context.at_end(target.event_tap.close)


def catch_command(target: Controls, context: MonitorContext, words: Sequence[str]) -> None:
    """Makes, lists and deletes catchpoints."""
    catches = target.catches
    if not words:
        context.write("".join(f"{point}\n" for point in catches.points) or "no catchpoints\n")
        return
    try:
        if words[0] == "delete":
            for number in which("catch", words[1:], [point.number for point in catches.points]):
                catches.remove(number)
            return
        if len(words) > 2:
            raise MonitorError(f"catch: {' '.join(words)[:80]!r} is too much; `monitor help catch` shows what it takes")
        point = catches.add(words[0], words[1] if len(words) > 1 else None)
    except CatchError as error:
        raise MonitorError(f"catch: {error}") from error
    context.at_end(catches.clear)
    context.write(f"{point}\n")

