"""Talks to a guest's console: waits for what it says, by instructions and never by a clock, and types."""

from __future__ import annotations

from trapline.server.boards.machine import Machine
from trapline.server.verdict import Verdict

_SLICE = 500_000


class Conversation:
    """One machine and everything that it has said."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.said = bytearray()
        self._read = 0
        machine.console.add_sink(self.said.extend)

    def wait_for(self, text: str, most: int) -> str:
        """Runs until the console has said `text`, for `most` instructions; what it has said since the last time."""
        wanted, end = text.encode(), self.machine.steps + most
        while (at := self.said.find(wanted, self._read)) < 0:
            if self.machine.verdict is not None or self.machine.steps >= end:
                tail = bytes(self.said[-1500:]).decode("latin-1")
                raise AssertionError(f"the guest never said {text!r} ({self.machine.verdict}); last:\n{tail}")
            # A guest that waits for input is given time: its timers go on.
            self.machine.run_slice(_SLICE)
        start, self._read = self._read, at + len(wanted)
        return bytes(self.said[start : self._read]).decode("latin-1")

    def answer(self, line: str, prompt: str, most: int, end: str = "\n") -> str:
        """Types a line; what the guest says until its next prompt."""
        self.machine.console.type((line + end).encode())
        return self.wait_for(prompt, most)

    def ending(self, line: str, most: int, end: str = "\n") -> Verdict | None:
        """Types a line after which the guest switches its machine off; how that went."""
        self.machine.console.type((line + end).encode())
        stop = self.machine.steps + most
        while self.machine.verdict is None and self.machine.steps < stop:
            self.machine.run_slice(_SLICE)
        return self.machine.verdict
