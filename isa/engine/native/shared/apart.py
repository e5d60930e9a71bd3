"""Processes beside the guest's: what they give up of what they have inherited, the machine's attention included."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

from ....lazy_memory import give_up_lazy_memory

_TRIES = 5
_BETWEEN = 0.1
"""Seconds."""


def settle(niceness: int, *kept: int) -> None:
    """Keeps nothing open that is the other process's but some file descriptors, and is not in anybody's way."""
    # Only in such a process: a start would feel it.
    import signal

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


def give_way(niceness: int) -> None:
    """Leaves the processors to others, as far as they want them: for what nobody waits for.

    Where Linux schedules by sessions (sched(7), "The autogroup feature") a process's own niceness counts among those
    of its session only, and one that has a session to itself would take as much as a guest: the session is made nice,
    too.
    """
    os.setpriority(os.PRIO_PROCESS, 0, niceness)
    for _ in range(_TRIES):
        try:
            Path("/proc/self/autogroup").write_text(str(niceness))
        except BlockingIOError:
            # It is not taken more than once in a tenth of a second, whosever it was.
            time.sleep(_BETWEEN)
        except OSError:
            return
        else:
            return


def idle_only() -> None:
    """Takes what nobody else wants of processors, and not even the fiftieth part that niceness leaves: sched(7)."""
    with contextlib.suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
