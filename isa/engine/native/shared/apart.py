"""Processes beside the guest's: what they give up of what they have inherited."""

from __future__ import annotations

import os
import signal

from ....lazy_memory import give_up_lazy_memory


def settle(niceness: int, *kept: int) -> None:
    """Keeps nothing open that is the other process's but some file descriptors, and is not in anybody's way."""
    give_up_lazy_memory()
    os.setsid()
    os.nice(niceness)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nothing, stream)
    first = 3
    for end in (*sorted(kept), os.sysconf("SC_OPEN_MAX")):
        os.closerange(first, end)
        first = end + 1
