"""Binds a console to the terminal that `trapline run` was started from.

The terminal goes to raw mode only when it is one; a pipe or a file works as it is. In raw mode
Ctrl-C belongs to the guest, so Ctrl-] (as in telnet) leaves.
"""

import contextlib
import os
import select
import time
from collections.abc import Iterator
from enum import Enum
from typing import Final

from .console import Console

LEAVE: Final = 0x1D
"""Ctrl-]: leaves the console in raw mode."""
_CHUNK = 4096


class Typed(Enum):
    """What a look at the terminal found."""

    NOTHING = "nothing new"
    INPUT = "input went to the console"
    LEAVE = "the user wants to leave"
    CLOSED = "the input has ended"


class Terminal:
    """Two file descriptors bound to a console; made by `bound_terminal`."""

    def __init__(self, console: Console, input_fd: int, output_fd: int) -> None:
        self._console = console
        self._input_fd = input_fd
        self._output_fd = output_fd
        self.is_tty = os.isatty(input_fd)
        self._closed = False
        self.failure: OSError | None = None
        """Why output could not be written, once that has happened. A sink is called in the middle of an instruction
        of the guest's and raises nothing: who runs the machine looks here."""

    def show(self, data: bytes) -> None:
        """Writes the guest's output, all of it; what comes behind a failure is dropped."""
        view = memoryview(data)
        while view and self.failure is None:
            try:
                view = view[os.write(self._output_fd, view) :]
            except BlockingIOError:
                select.select([], [self._output_fd], [])
            except OSError as error:
                self.failure = error

    def wait(self, seconds: float) -> bool:
        """Waits for input for at most `seconds` of the host's time; whether there is some, which stays where it is."""
        if self._closed:
            time.sleep(seconds)
            return False
        return bool(select.select([self._input_fd], [], [], seconds)[0])

    def poll(self, seconds: float = 0.0) -> Typed:
        """Looks for input for at most `seconds` of the host's time and passes it to the console.

        Input before a Ctrl-] still goes to the console, what follows it is dropped.
        """
        if self._closed:
            return Typed.CLOSED
        if not select.select([self._input_fd], [], [], seconds)[0]:
            return Typed.NOTHING
        try:
            data = os.read(self._input_fd, _CHUNK)
        except BlockingIOError:
            return Typed.NOTHING
        except OSError:
            # A folder, or a terminal that is gone: nothing will come from there.
            data = b""
        if not data:
            self._closed = True
            return Typed.CLOSED
        if self.is_tty and LEAVE in data:
            self._console.type(data[: data.index(LEAVE)])
            return Typed.LEAVE
        self._console.type(data)
        return Typed.INPUT


@contextlib.contextmanager
def bound_terminal(console: Console, input_fd: int, output_fd: int) -> Iterator[Terminal]:
    """Shows `console` on `output_fd` and reads `input_fd` while the context lasts.

    A terminal is put into raw mode and restored at the end, whatever ends it.
    """
    terminal = Terminal(console, input_fd, output_fd)
    console.add_sink(terminal.show)
    try:
        with _raw(input_fd) if terminal.is_tty else contextlib.nullcontext():
            yield terminal
    finally:
        console.remove_sink(terminal.show)


@contextlib.contextmanager
def _raw(input_fd: int) -> Iterator[None]:
    # Only where there is a terminal: a start would feel it.
    import termios
    import tty

    before = termios.tcgetattr(input_fd)
    try:
        tty.setraw(input_fd, termios.TCSADRAIN)
        yield
    finally:
        termios.tcsetattr(input_fd, termios.TCSADRAIN, before)
