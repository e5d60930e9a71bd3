"""What happened in a test, in guest time: it runs once more with somebody listening to the machine's events.

Only machines of Trapline's tell of events: runs on other targets have no timelines. Runs are deterministic: the second
one is the first one again.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from ..running.results import Result, Status
from .outcome import Reported

if TYPE_CHECKING:
    from ....server.api import Machine
    from ....server.machine.events import Event

MOST_TESTS: Final = 40
"""Of a run that have a timeline: failures first."""
MOST_MOMENTS: Final = 4000


class Moment(msgspec.Struct, frozen=True):
    """Something at guest time `time` (instructions retired) on a vcpu; `kind` is the event's class."""

    time: int
    vcpu: int | None
    kind: str
    name: str
    details: dict[str, str]


class Timeline(msgspec.Struct, frozen=True):
    """A test's moments, in their order; `end` is its last instruction. `cut`: there were more than are kept."""

    suite: str
    test: str
    status: str
    vcpus: int
    end: int
    moments: tuple[Moment, ...]
    cut: bool


def timelines(run: Reported, changes: Sequence[str] = (), most: int = MOST_TESTS) -> list[Timeline]:
    """Of a run's tests, those that failed first; none for a target that tells of no events. `changes` are .isa files
    that the run had."""
    kind, _, engine = run.record.target.partition(":")
    if kind != "trapline" or not any(one.load is None for one in run.suite.manifest.tests):
        return []
    order = sorted(run.results, key=lambda one: one.status in (Status.PASS, Status.SKIP))
    needs = run.suite.manifest.machine
    from ....server.api import Machine

    machine = Machine(
        machine=needs.name,
        core=needs.core,
        vcpus=needs.vcpus,
        threads=needs.threads,
        memory=needs.memory,
        clock_shift=needs.clock_shift,
        engine=engine or None,
        isa=changes,
    )
    files = {one.name: run.suite.folder / one.elf for one in run.suite.manifest.tests}
    with machine:
        return [_recorded(run, machine, one, files[one.test]) for one in order[:most]]


def _recorded(run: Reported, machine: Machine, result: Result, elf: Path) -> Timeline:
    from contextlib import ExitStack

    from ....server.machine import events

    moments: list[Moment] = []
    cut = False

    def told(event: Event) -> None:
        nonlocal cut
        if len(moments) < MOST_MOMENTS:
            moments.append(_moment(event))
        else:
            cut = True

    kinds = (events.Hcall, events.Exit, events.Interrupt, events.WorldSwitch, events.HypTrap, events.VcoreTransition,
             events.Nap, events.Wake, events.HptChange, events.DeviceAccess)  # fmt: skip
    machine.load(elf.read_bytes())
    limits = run.suite.manifest.limits
    with ExitStack() as stack:
        for kind in kinds:
            stack.enter_context(machine.listening(kind, told))
        machine.run(max_instructions=limits.instructions, timeout=limits.seconds)
    return Timeline(
        run.record.suite,
        result.test,
        result.status.value,
        len(machine.vcpus),
        machine.instructions,
        tuple(moments),
        cut,
    )


def _moment(event: Event) -> Moment:
    fields = {
        name: _shown(getattr(event, name)) for name in event.__struct_fields__ if name not in ("time", "vcpu", "name")
    }
    name = getattr(event, "name", "") or fields.get("reason", "") or fields.get("target", "") or type(event).__name__
    return Moment(event.time, event.vcpu, type(event).__name__, str(name), fields)


def _shown(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:#x}"
    if isinstance(value, tuple):
        return ", ".join(_shown(one) for one in value)
    return str(value)


def perfetto(found: Sequence[Timeline]) -> str:
    """A trace for ui.perfetto.dev (Chrome's JSON format): a process for each test, a thread for each vcpu; a
    microsecond is an instruction."""
    events: list[dict[str, object]] = []
    for number, one in enumerate(found, 1):
        events.append({"ph": "M", "pid": number, "name": "process_name", "args": {"name": f"{one.suite}/{one.test}"}})
        for vcpu in range(one.vcpus):
            who = {"pid": number, "tid": vcpu + 1}
            events.append({"ph": "M", **who, "name": "thread_name", "args": {"name": f"vcpu {vcpu}"}})
            begin = {"ph": "X", **who, "ts": 0, "dur": one.end, "name": one.test, "args": {"status": one.status}}
            events.append(begin)
        for moment in one.moments:
            who = {"pid": number, "tid": (moment.vcpu or 0) + 1, "ts": moment.time}
            what = {"name": moment.name, "cat": moment.kind, "args": moment.details}
            events.append({"ph": "i", "s": "t", **who, **what})
    whole = {"traceEvents": events, "displayTimeUnit": "ns", "otherData": {"unit": "1 us is one guest instruction"}}
    return msgspec.json.encode(whole).decode() + "\n"
