"""`monitor isa`: the description of a machine that runs, edited and put into it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ....isa.errors import TraplineError
from ...rsp.errors import MonitorError
from ...rsp.target import MonitorContext
from ..controls import Controls

ISA_USAGE: Final = "isa reload|restart|watch|unwatch"


def isa_command(target: Controls, context: MonitorContext, words: Sequence[str]) -> None:
    """Takes the description as its files are now, once or whenever one is saved; or starts the guest again with it."""
    verb = words[0] if words else ""
    try:
        if verb == "reload":
            context.write(str(target.reload_description()))
        elif verb == "restart":
            target.restart_described()
            context.write("the guest stands at its entry point, described as the files are now\n")
        elif verb == "watch":
            target.watch_description(context.tell)
            context.at_end(target.unwatch_description)
            context.write("whenever a file of the description is saved, the machine goes on with it\n")
        elif verb == "unwatch":
            target.unwatch_description()
        else:
            raise MonitorError(f"usage: monitor {ISA_USAGE}")
    except (TraplineError, OSError) as error:
        hint = getattr(error, "hint", "")
        raise MonitorError(f"isa {verb}: {error}" + (f"\n{hint}" if hint and hint not in str(error) else "")) from error
