"""Ways back: to before the last instruction of a vcpu, and to the last stop before a moment.

Both go in pieces, so that somebody can ask for an end meanwhile: each yields None until it has come where it was to.
What was executed close before is looked through in small windows, what lies longer ago in large ones: the time that it
takes goes with the distance of what is found.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Final

from ..tree.ends import Stopped
from ..tree.vcpu import MachineVcpu
from .timeline import Mark, Timeline

_SLICE_SECONDS: Final = 0.02
_DISTANCES: Final = tuple(1000 * 8**power for power in range(10, -1, -1))
"""Instructions before a moment at which marks are made on the way to it."""


class Start:
    """The way back has come to the first moment there is."""


START: Final = Start()


@dataclass(frozen=True, slots=True)
class Caught:
    """Something happened on `vcpu` that stops the machine, in words."""

    vcpu: MachineVcpu
    text: str
    syscall: tuple[int, bool] | None = None
    """Of a system call its number, and whether it has been answered."""


Halt = Stopped | Caught
Way = Iterator[Halt | Start | None]


def step_back(timeline: Timeline, vcpu: MachineVcpu) -> Iterator[Start | bool | None]:
    """To before the last instruction that `vcpu` has executed; True once it is there."""
    machine = timeline.machine
    now, executed = machine.steps, vcpu.core.steps
    alone = len(machine.vcpus) == 1
    until = now
    while True:
        if until <= timeline.first:
            timeline.go_back_before(timeline.first)
            yield START
            return
        marks = yield from _marks_before(timeline, until)
        timeline.remember(marks[-2:])
        if alone:
            yield from _forward(timeline, now - 1)
            yield True
            return
        # The last moment at which the vcpu had executed less: between a mark and the next one.
        earlier = [mark for mark in marks if _executed(mark, timeline, vcpu) < executed]
        if earlier:
            yield from _between(timeline, vcpu, executed, earlier[-1], until)
            yield True
            return
        until = marks[0].steps


def _executed(mark: Mark, timeline: Timeline, vcpu: MachineVcpu) -> int:
    timeline.put_mark(mark)
    return vcpu.core.steps


def _between(timeline: Timeline, vcpu: MachineVcpu, executed: int, low: Mark, high: int) -> Iterator[None]:
    """Halves the way from `low`, where it had executed less, to `high`, where it has not."""
    first = low.steps
    while high - first > 1:
        middle = (first + high) // 2
        timeline.put_mark(low)
        yield from _forward(timeline, middle)
        if vcpu.core.steps < executed:
            first = middle
        else:
            high = middle
    timeline.put_mark(low)
    yield from _forward(timeline, first)


def _forward(timeline: Timeline, until: int) -> Iterator[None]:
    while timeline.machine.steps < until:
        with timeline.unarmed():
            timeline.go_on(until, _SLICE_SECONDS)
        if not timeline.in_past:
            return
        if timeline.machine.steps < until:
            yield None


def _marks_before(timeline: Timeline, until: int) -> Generator[None, None, list[Mark]]:
    """Goes from the last mark before a moment towards it; the marks on the way, that one first."""
    marks = [timeline.go_back_before(until)]
    first = marks[0].steps
    for mark in timeline.marks_on_the_way(until, tuple(d for d in _DISTANCES if first < until - d)):
        if mark is None:
            yield None
        else:
            marks.append(mark)
    return marks


def stop_back(timeline: Timeline, caught: Callable[[], Caught | None] = lambda: None) -> Way:
    """To the last moment before the present one at which a breakpoint, a watchpoint or what `caught` tells of stops."""
    until = origin = timeline.machine.steps
    while until > timeline.first:
        marks = yield from _marks_before(timeline, until)
        timeline.remember(marks[-2:])
        ends = [mark.steps for mark in marks[1:]] + [until]
        for mark, end in zip(reversed(marks), reversed(ends), strict=True):
            hits = 0
            timeline.put_mark(mark)
            for stopped in _hits(timeline, end, origin, caught):
                if stopped is None:
                    yield None
                else:
                    hits += 1
            if hits:
                timeline.put_mark(mark)
                for stopped in _hits(timeline, end, origin, caught):
                    hits -= stopped is not None
                    if not hits:
                        yield stopped
                        return
                    yield None
        until = marks[0].steps
    timeline.go_back_before(timeline.first)
    yield START


def _hits(timeline: Timeline, until: int, origin: int, caught: Callable[[], Caught | None]) -> Iterator[Halt | None]:
    """Goes on to a moment; what stops it on the way, and None now and then.

    What is caught stops it behind the instruction: that may be at the moment itself, but not where the way back began.
    """
    while timeline.machine.steps < until and timeline.in_past:
        stopped: Halt | None = timeline.go_on(until, _SLICE_SECONDS)
        if stopped is not None:
            # The instruction there is executed when it goes on.
            stopped.vcpu.core.pass_breakpoint = True
        hit = caught()
        if hit is not None and timeline.machine.steps < origin:
            stopped = hit
        if stopped is not None or timeline.machine.steps < until:
            yield stopped


@dataclass(frozen=True, slots=True)
class Change:
    """An instruction of `vcpu`, the next one, changes a value."""

    vcpu: MachineVcpu
    before: int
    after: int


def change_back(
    timeline: Timeline, vcpu: MachineVcpu, read: Callable[[], int], most: int
) -> Iterator[Change | Start | None]:
    """To before the last instruction that changed what `read` reads; looks at no more than `most` of them, one by one.

    `vcpu` is who is said to have done it where the instruction is not clearly another's.
    """
    machine = timeline.machine
    until, looked = machine.steps, 0
    while until > timeline.first and looked < most:
        marks = yield from _marks_before(timeline, until)
        ends = [mark.steps for mark in marks[1:]] + [until]
        for mark, end in zip(reversed(marks), reversed(ends), strict=True):
            if looked >= most:
                return
            first = max(mark.steps, end - (most - looked))
            looked += end - first
            found = yield from _change_between(timeline, vcpu, read, mark, first, end)
            if found is not None:
                yield found
                return
        until = marks[0].steps
    if until <= timeline.first:
        timeline.go_back_before(timeline.first)
        yield START


def _change_between(
    timeline: Timeline, vcpu: MachineVcpu, read: Callable[[], int], mark: Mark, first: int, end: int
) -> Generator[None, None, Change | None]:
    """The last change between two moments, found from a mark before them."""
    machine = timeline.machine
    timeline.put_mark(mark)
    yield from _forward(timeline, first)
    last: tuple[int, int, int] | None = None
    value = read()
    while machine.steps < end and timeline.in_past:
        moment = machine.steps
        with timeline.unarmed():
            timeline.go_on(moment + 1)
        now = read()
        if now != value:
            last = (moment, value, now)
        value = now
        if not moment & 0xFF:
            yield None
    if last is None:
        return None
    timeline.put_mark(mark)
    yield from _forward(timeline, last[0])
    return Change(vcpu, last[1], last[2])
