"""`monitor view`: what the addresses mean that gdb reads and writes memory at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ....isa.errors import TraplineError
from ...rsp.errors import MonitorError
from ...rsp.target import MonitorContext
from ..controls import Controls
from ..views import CURRENT, view_called, views_of
from .words import address_and_length, dump

VIEW_USAGE: Final = "view [NAME [ADDRESS [LENGTH]]]"


def view_command(target: Controls, context: MonitorContext, words: Sequence[str]) -> object:
    """Lists the views, chooses one for gdb, or shows some bytes in one. Raises MonitorError."""
    now = target.view.name if target.view is not None else CURRENT
    if not words:
        known = views_of(target.machine)
        width = max(map(len, known))
        for name, view in known.items():
            context.write(f"{'*' if name == now else ' '} {name:<{width}}  {view.title}\n")
        return {"view": now, "views": {name: view.title for name, view in known.items()}}
    try:
        view = view_called(target.machine, words[0])
        if len(words) > 1:
            core = target.vcpu(context.thread).core
            address, length = address_and_length(core, "view", words[1:])
            data = target.read_in(None if view.name == CURRENT else view, context.thread, address, length)
            context.write(dump(address, data))
            return {"view": view.name, "address": hex(address), "bytes": data.hex()}
    except MonitorError:
        raise
    except TraplineError as error:
        raise MonitorError(f"view: {error}") from error
    target.show_memory(None if view.name == CURRENT else view)
    context.at_end(lambda: target.show_memory(None))
    context.write(
        f"addresses are now those of view {view.name}: {view.title}; `maintenance flush dcache` makes gdb look again\n"
    )
    return {"view": view.name}
