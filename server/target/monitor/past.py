"""`monitor history`, `bookmark`, `goto` and `last-write`: where in its history the machine stands, and ways in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from ....isa.engine.interface import WatchKind, Watchpoint
from ....isa.errors import TraplineError
from ...core import Core
from ...rsp.errors import MonitorError
from ...rsp.target import MonitorContext
from ...timeline.backwards import START, Caught, Change, Start, change_back, stop_back
from ...timeline.recording import recording_of, write_recording
from ...timeline.timeline import TimelineError
from ...tree.ends import Stopped
from ...tree.vcpu import MachineVcpu
from ...wild.report import code_at
from ..controls import Controls
from .words import number, register_place, register_value

_FEW_STEPS, _MOST_STEPS = 2000, 4_000_000
"""Instructions that are looked at one by one for a register's last change: of one that few instructions can change, and
of an element of a register file, which nearly all of them can."""
_MOST_NAMES: Final = 256
_FLUSH: Final = "; `maintenance flush register-cache` makes gdb look again"


def history_command(target: Controls, context: MonitorContext, words: Sequence[str]) -> None:
    """Where the machine stands."""
    timeline = target.timeline
    present = timeline.last
    place = "the present" if not timeline.in_past else f"the past; the present is instruction {present}"
    context.write(f"instruction {target.machine.steps}: {place}\n")
    kept = len(timeline.marks)
    context.write(f"history from instruction {timeline.first} on, with {kept} checkpoint{'s' if kept != 1 else ''}\n")
    for name, moment in sorted(target.bookmarks.items(), key=lambda item: item[1]):
        context.write(f"bookmark {name}: instruction {moment}\n")


def bookmark_command(target: Controls, context: MonitorContext, words: Sequence[str]) -> None:
    """Gives the moment a name."""
    if len(words) != 1:
        raise MonitorError("bookmark: give the moment one name, to `monitor goto` it later")
    name = words[0]
    if name[:1].isdigit() or name in ("start", "present"):
        raise MonitorError(f"bookmark: {name[:40]!r} means something else to `monitor goto`: take another name")
    if len(target.bookmarks) >= _MOST_NAMES and name not in target.bookmarks:
        raise MonitorError(f"bookmark: there are {_MOST_NAMES} of them already")
    target.bookmarks[name] = target.machine.steps
    context.write(f"bookmark {name}: instruction {target.machine.steps}\n")


def goto_command(target: Controls, context: MonitorContext, words: Sequence[str]) -> None:
    """Puts the machine to a moment."""
    if len(words) != 1:
        raise MonitorError("goto: say where: present, start, a bookmark's name, or a number of instructions")
    timeline, word = target.timeline, words[0]
    if word == "present":
        timeline.return_to_present()
    else:
        moment = timeline.first if word == "start" else target.bookmarks.get(word)
        if moment is None:
            core = target.vcpu(context.thread).core
            if not word[:1].isdigit():
                raise MonitorError(f"goto: there is no bookmark {word[:40]!r}; `monitor history` lists them")
            moment = number(core, "goto", words, 0)
        if not timeline.first <= moment <= timeline.last:
            raise MonitorError(f"goto: the history goes from instruction {timeline.first} to {timeline.last}")
        _visit(target, moment)
    context.write(f"instruction {target.machine.steps}{_FLUSH}\n")


def last_write_command(target: Controls, context: MonitorContext, words: Sequence[str]) -> None:
    """Who changed a register, or wrote memory, last; the machine stays where it is."""
    vcpu = target.vcpu(context.thread)
    if not words:
        raise MonitorError("last-write: say what: an address and a number of bytes, or a register behind a $")
    here = target.timeline.mark()
    was_past = target.timeline.in_past
    try:
        text = _register(target, vcpu, words) if words[0].startswith("$") else _memory(target, vcpu, words)
    except TimelineError as error:
        raise MonitorError(f"last-write: {error}") from error
    finally:
        if was_past:
            target.timeline.put_mark(here)
        else:
            target.timeline.return_to_present()
    context.write(text)


def _memory(target: Controls, vcpu: MachineVcpu, words: Sequence[str]) -> str:
    core = vcpu.core
    address = number(core, "last-write", words, 0)
    size = number(core, "last-write", words, 1) if len(words) > 1 else core.description.address_width // 8
    if not 0 < size <= 1 << 20:
        raise MonitorError(f"last-write: {size} bytes cannot be watched: 1 to {1 << 20}")
    with target.stopping_at([Watchpoint(address, size, WatchKind.WRITE)]):
        for come in stop_back(target.timeline):
            if isinstance(come, Stopped):
                return _told(target, come.vcpu, target.machine.steps)
    return f"nothing has written {size} bytes at {address:#x} since the start of the history\n"


def _register(target: Controls, vcpu: MachineVcpu, words: Sequence[str]) -> str:
    name = words[0][1:]
    read = _reader(vcpu.core, name)
    place, index = register_place(vcpu.core, name)
    is_file = index is not None or not place
    most = _MOST_STEPS if is_file else _FEW_STEPS
    origin = target.machine.steps
    for come in change_back(target.timeline, vcpu, read, most):
        if isinstance(come, Change):
            changed = f"  {come.before:#x} -> {come.after:#x}\n"
            return _told(target, come.vcpu, target.machine.steps) + changed
        if come is START:
            return f"{name} has not changed since the start of the history\n"
    if is_file:
        return f"{name} has not changed in the last {most} instructions; further back is not looked for\n"
    target.timeline.visit(max(target.timeline.first, origin - most + 1))
    return _caught(target, vcpu, place) or f"{name} has not changed since the start of the history\n"


def _caught(target: Controls, vcpu: MachineVcpu, register: str) -> str:
    """The last change of a register of a vcpu before the moment, by the instructions that can change it alone."""
    with target.stopping_at_changes(register) as caught:
        for come in stop_back(target.timeline, caught):
            if isinstance(come, Caught) and come.vcpu is vcpu:
                target.timeline.visit(target.machine.steps - 1)
                return _told(target, vcpu, target.machine.steps) + f"  {come.text.rpartition(': ')[2]}\n"
            if isinstance(come, Caught | Start):
                break
    return ""


def _reader(core: Core, name: str) -> Callable[[], int]:
    """Reads a register by the name that gdb or the description has for it."""
    try:
        place, index = register_place(core, name)
        register_value(core, name)
    except TraplineError as error:
        raise MonitorError(f"last-write: {error}") from error
    return lambda: core.get(place, index) if place else core.pc


def _visit(target: Controls, moment: int) -> None:
    try:
        target.timeline.visit(moment)
    except TimelineError as error:
        raise MonitorError(f"goto: {error}") from error


def _told(target: Controls, vcpu: MachineVcpu, moment: int) -> str:
    """The instruction at pc, which is the one that is asked for."""
    core, diagnosis = vcpu.core, target.machine.diagnosis
    code, data = code_at(core, core.pc, 4)
    lines = diagnosis.reporter.words.listing(data, core.pc, code) if data else []
    symbol = diagnosis.names.symbol(core.pc)
    place = f"{core.pc:#x}" + (f" <{symbol}>" if symbol else "")
    text = lines[0].text if lines else "an instruction that cannot be read"
    line = diagnosis.names.line(core.pc)
    where = f" at {line}" if line else ""
    return (
        f"vcpu {vcpu.number}, instruction {moment}: {place}:  {text}{where}\n  `monitor goto {moment}` is before it\n"
    )


def snapshot_command(target: Controls, context: MonitorContext, words: Sequence[str]) -> object:
    """Writes the run up to where the machine stands to a file that `trapline replay` opens."""
    if len(words) != 1:
        raise MonitorError("snapshot: name a file; `trapline replay FILE` comes to this moment again")
    path = Path(words[0])
    try:
        recording = recording_of(target.timeline, target.require_origin())
        write_recording(recording, path)
    except TraplineError as error:
        raise MonitorError(f"snapshot: {error}") from error
    context.write(f"{path} has the run up to instruction {target.machine.steps}: trapline replay {path}\n")
    return {"file": str(path), "instruction": target.machine.steps}
