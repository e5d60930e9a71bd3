"""What a process that was forked to work beside its parent does first."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Sequence

from ....lazy_memory import give_up_lazy_memory


def settle(kept: Sequence[int], niceness: int) -> None:
    """Keeps nothing open that is the other process's but the descriptors `kept`, and is not in anybody's way."""
    gc.freeze()
    give_up_lazy_memory()
    os.setsid()
    os.nice(niceness)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nothing, stream)
    first = 3
    for descriptor in sorted(kept):
        os.closerange(first, descriptor)
        first = descriptor + 1
    os.closerange(first, os.sysconf("SC_OPEN_MAX"))
