"""The breakpoints and watchpoints that a client has inserted, with their conditions.

The protocol wants ``Z`` and ``z`` to be idempotent: a second insertion replaces the conditions and the
target does not hear of it. When the client goes, its breakpoints go.
"""

from __future__ import annotations

import logging
from typing import NamedTuple

from .abilities import Abilities
from .agent import Program
from .errors import BreakpointError, TargetError
from .execution import Access
from .target import BreakpointKind, Programs

_log = logging.getLogger(__name__)

MAX_POINTS = 4096

_HOW: dict[int, BreakpointKind] = {0: "software", 1: "hardware"}
_ACCESS = {2: Access.WRITE, 3: Access.READ, 4: Access.READ_WRITE}


class Point(NamedTuple):
    """A breakpoint (`type` 0 or 1) or watchpoint (2..4) as packets name it.

    `kind` is the breakpoint's kind, or the number of bytes that a watchpoint watches.
    """

    pid: int
    type: int
    address: int
    kind: int


class Inserted:
    """All points of one client."""

    def __init__(self, abilities: Abilities) -> None:
        self._breakpoints = abilities.breakpoints
        self._watchpoints = abilities.watchpoints
        self._programs = abilities.breakpoint_programs
        self._points: dict[Point, tuple[Program, ...]] = {}
        self._evaluated: set[Point] = set()
        """Those with conditions that are evaluated here."""

    def supports(self, type: int) -> bool:
        """Whether the target has points of this `type` at all."""
        if type in _HOW:
            return self._breakpoints is not None
        return type in _ACCESS and self._watchpoints is not None

    def insert(self, point: Point, programs: Programs) -> None:
        """Insert `point`, with conditions and commands.

        Raises BreakpointError or MemoryFault.
        """
        self._check_kind(point)
        is_new = point not in self._points
        if is_new:
            if len(self._points) >= MAX_POINTS:
                raise BreakpointError(f"there are {MAX_POINTS} breakpoints already; remove some")
            if point.type in _HOW and self._breakpoints is not None:
                self._breakpoints.insert_breakpoint(point.pid, _HOW[point.type], point.address, point.kind)
            elif self._watchpoints is not None:
                self._watchpoints.insert_watchpoint(point.pid, _ACCESS[point.type], point.address, point.kind)
        conditions = programs.conditions
        if self._programs is not None and point.type in _HOW:
            if not is_new or conditions or programs.commands:
                self._programs.program_breakpoint(point.pid, _HOW[point.type], point.address, programs)
            conditions = ()
        self._points[point] = conditions
        if conditions:
            self._evaluated.add(point)
        else:
            self._evaluated.discard(point)

    def remove(self, point: Point) -> None:
        """Remove `point`; what is not there is removed already."""
        self._check_kind(point)
        if self._points.pop(point, None) is None:
            return
        self._evaluated.discard(point)
        if point.type in _HOW and self._breakpoints is not None:
            self._breakpoints.remove_breakpoint(point.pid, _HOW[point.type], point.address, point.kind)
        elif self._watchpoints is not None:
            self._watchpoints.remove_watchpoint(point.pid, _ACCESS[point.type], point.address, point.kind)

    def remove_all(self, pid: int | None = None) -> None:
        """Remove every point, or those of one partition.

        What the target cannot remove, because it is gone there already, is logged and forgotten.
        """
        for point in [p for p in self._points if pid is None or p.pid == pid]:
            try:
                self.remove(point)
            except TargetError as failure:
                _log.warning("%s was not removed: %s", point, failure)

    @property
    def evaluates(self) -> bool:
        """Whether any condition is evaluated here."""
        return bool(self._evaluated)

    def conditions_at(self, pid: int, address: int) -> tuple[Program, ...]:
        """The conditions of the breakpoints at an address that are evaluated here; empty when one of them has none."""
        found: tuple[Program, ...] = ()
        for point, conditions in self._points.items():
            if point.type in _HOW and point.pid == pid and point.address == address:
                if not conditions:
                    return ()
                found += conditions
        return found

    def _check_kind(self, point: Point) -> None:
        if point.type in _HOW:
            kinds = self._breakpoints.breakpoint_kinds() if self._breakpoints else frozenset()
            if point.kind not in kinds:
                known = ", ".join(str(kind) for kind in sorted(kinds))
                raise BreakpointError(
                    f"breakpoint at {point.address:#x}: kind {point.kind} does not exist here, there are {known}"
                )
        elif point.kind == 0:
            raise BreakpointError(f"watchpoint at {point.address:#x}: it watches no bytes")
