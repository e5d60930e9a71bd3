"""A translation, step by step: the description's own functions, with their arguments and values, and what they read.

Nothing here knows an architecture. The engine translates as a debugger asks it to (`Engine.translate`: nothing changes
by it), in generated Python whose lines name their places in the `.isa` files; while it does, it is watched.
"""

from __future__ import annotations

import linecache
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, Final

from ...isa.engine.errors import Interrupt
from ...isa.engine.interface import Fault, Translation
from ..core import Core

_MOST_STEPS: Final = 5000
_PLACE: Final = re.compile(r"  # (\S+\.isa:\d+)$")
_READS: Final = "read_physical"
_PREFIX: Final = "f_"
"""Of names of described functions in generated Python."""
_MACHINERY: Final = ("cpu", "reg")


@dataclass(slots=True)
class Step:
    """A function of the description, or (`physical` is given) what it reads there: `size` bytes as a number.

    `raised` names the interrupt that it ended in, `place` where that was decided, as FILE:LINE.
    """

    depth: int
    name: str
    arguments: dict[str, int] = field(default_factory=dict)
    result: object = None
    physical: int | None = None
    size: int = 0
    raised: str = ""
    place: str = ""
    ends: int = 0
    """Behind which step it is over."""


@dataclass(frozen=True, slots=True)
class Walked:
    """How a translation went."""

    steps: list[Step]
    found: Translation | Fault

    def inside(self, at: int) -> Iterator[Step]:
        """What a step does: those between its begin and its end."""
        yield from self.steps[at + 1 : self.steps[at].ends]


def walk(core: Core, address: int, kind: int) -> Walked:
    """Translates as the core would now. Raises MemoryUnavailable where the tables lie in no memory."""
    watcher = _Watcher()
    with watcher.watching():
        found = core.engine.translate(address, kind)
    return Walked(watcher.steps, found)


class _Watcher:
    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._open: list[tuple[FrameType, Step]] = []

    @contextmanager
    def watching(self) -> Iterator[None]:
        before = sys.gettrace()
        sys.settrace(self._called)
        try:
            yield
        finally:
            sys.settrace(before)

    def _called(self, frame: FrameType, event: str, argument: object) -> Any:  # noqa: ANN401 - what settrace wants
        code = frame.f_code
        if len(self.steps) >= _MOST_STEPS:
            return None
        if self._open and self._open[-1][1].physical is not None:
            # One kind of engine may read in the way of another.
            return None
        if code.co_name == _READS and self._open:
            frame.f_trace_lines = False
            values = frame.f_locals
            self._enter(frame, Step(len(self._open), "", physical=values["pa"], size=values["size"]))
            return self._happens
        if not code.co_filename.endswith(".engine.py") and not code.co_filename.startswith("<generated"):
            return None
        frame.f_trace_lines = False
        names = code.co_varnames[: code.co_argcount]
        arguments = {name: frame.f_locals[name] for name in names if name not in _MACHINERY}
        self._enter(frame, Step(len(self._open), code.co_name.removeprefix(_PREFIX), arguments))
        return self._happens

    def _enter(self, frame: FrameType, step: Step) -> None:
        self.steps.append(step)
        self._open.append((frame, step))

    def _happens(self, frame: FrameType, event: str, argument: Any) -> Any:  # noqa: ANN401 - what settrace wants
        if event == "exception" and self._open:
            kind, error, _ = argument
            step = self._open[-1][1]
            if isinstance(kind, type) and issubclass(kind, Interrupt):
                step.raised = getattr(error, "name", kind.__name__)
                step.place = _place(frame)
        elif event == "return":
            while self._open:
                opened, step = self._open.pop()
                step.ends = len(self.steps)
                if opened is frame:
                    step.result = argument
                    break
        return self._happens


def _place(frame: FrameType) -> str:
    """The line of the description that a line of generated Python stands for."""
    line, first = frame.f_lineno, frame.f_code.co_firstlineno
    while line >= first:
        found = _PLACE.search(linecache.getline(frame.f_code.co_filename, line).rstrip())
        if found is not None:
            return found[1]
        line -= 1
    return ""
