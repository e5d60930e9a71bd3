"""`monitor walk`: how an access is translated, each step of it, and why it fails if it does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from ....isa.engine.errors import GuestFault
from ....isa.engine.interface import Fault
from ....isa.errors import TraplineError
from ...core import Core
from ...rsp.errors import MonitorError
from ...rsp.target import MonitorContext
from ..controls import Controls
from ..walking import Step, Walked, walk
from .answering import hexed
from .translate import KINDS
from .words import number

_MOST_FAULTS: Final = 16
_SEARCH: Final = "find_entry"
"""What a description with a hashed page table calls its search for an entry: (ea, vsid, size)."""
WALK_USAGE: Final = "walk ADDRESS [load|store|fetch]"


def walk_command(target: Controls, context: MonitorContext, words: Sequence[str]) -> object:
    """See the module. Raises MonitorError."""
    core = target.vcpu(context.thread).core
    address = number(core, "walk", words, 0)
    kind = words[1] if len(words) > 1 else "load"
    if kind not in KINDS or len(words) > 2:
        raise MonitorError(f"walk: {' '.join(words[1:])[:60]!r} is none of {', '.join(KINDS)}")
    address &= (1 << core.description.address_width) - 1
    try:
        with target.vcpu(context.thread).debugging() as fault_in:
            walked, mapped = walk(core, address, KINDS[kind]), False
            for _ in range(_MOST_FAULTS):
                found = walked.found
                if not isinstance(found, Fault) or not fault_in(GuestFault(found.interrupt, found.arguments, "walk")):
                    break
                walked, mapped = walk(core, address, KINDS[kind]), True
    except TraplineError as error:
        raise MonitorError(f"walk: {error}") from error
    notes = dict(_compared(core, walked))
    ending = _ending(walked, address, kind)
    context.write(f"{kind} of {address:#x}, as the description translates it:\n")
    if mapped:
        context.write("(the hypervisor model maps the page when the guest comes there: this is how it is then)\n")
    for at, step in enumerate(walked.steps):
        if _is_told(walked, at):
            note = f"   {notes[at]}" if at in notes else ""
            context.write(f"{'  ' * (step.depth + 1)}{_shown(step)}{note}\n")
    context.write(f"{ending}\n")
    return {
        "address": hex(address),
        "kind": kind,
        "steps": [_as_value(step, notes.get(at)) for at, step in enumerate(walked.steps)],
        "end": ending,
        "mapped_by_model": mapped,
        "fault": walked.found.interrupt if isinstance(walked.found, Fault) else None,
        "physical": None if isinstance(walked.found, Fault) else hex(walked.found.physical),
    }


def _is_told(walked: Walked, at: int) -> bool:
    """Not what only looks at registers, deeper than the steps of the walk itself."""
    step = walked.steps[at]
    if step.physical is not None or step.raised or step.depth < 3:
        return True
    return any(one.physical is not None or one.raised for one in walked.inside(at))


def _shown(step: Step) -> str:
    if step.physical is not None:
        value = step.result
        said = f"{value:#0{2 + 2 * step.size}x}" if isinstance(value, int) else "nothing"
        return f"read {step.size} at physical {step.physical:#x}: {said}"
    arguments = ", ".join(f"{name}={value:#x}" for name, value in step.arguments.items())
    if step.raised:
        return f"{step.name}({arguments}) raises {step.raised}" + (f", at {step.place}" if step.place else "")
    return f"{step.name}({arguments})" + ("" if step.result is None else f" = {_value(step.result)}")


def _value(result: object) -> str:
    if isinstance(result, tuple):
        return f"({', '.join(map(_value, result))})"
    return f"{result:#x}" if isinstance(result, int) else str(result)


def _as_value(step: Step, note: str | None) -> dict[str, object]:
    found: dict[str, object] = {"depth": step.depth}
    if step.physical is not None:
        found |= {"physical": hex(step.physical), "size": step.size, "value": hexed(step.result)}
    else:
        found |= {"function": step.name, "arguments": hexed(step.arguments), "result": hexed(step.result)}
    if step.raised:
        found |= {"raises": step.raised, "at": step.place}
    if note is not None:
        found["note"] = note
    return found


def _ending(walked: Walked, address: int, kind: str) -> str:
    found = walked.found
    if isinstance(found, Fault):
        shown = ", ".join(f"{argument:#x}" for argument in found.arguments)
        by = next((step for step in reversed(walked.steps) if step.raised), None)
        caller = next((s for s in walked.steps if s.raised and by is not None and s.depth == by.depth - 1), None)
        place = caller.place if caller is not None else by.place if by is not None else ""
        return f"fails: {found.interrupt}({shown})" + (f", decided at {place}" if place else "")
    allowed = [name for name, bit in (("load", 1), ("store", 2), ("fetch", 4)) if found.permitted & bit]
    return f"leads to {found.physical:#x}, {1 << found.region:#x} bytes alike; it serves {' '.join(allowed)}"


# The hashed page table


def _compared(core: Core, walked: Walked) -> Iterator[tuple[int, str]]:
    """Of entries of a hashed page table that were looked at: where they stand, and why they do not match."""
    for at, step in enumerate(walked.steps):
        if step.name != _SEARCH or len(step.arguments) != 3:
            continue
        ea, vsid, size = step.arguments.values()
        (wanted,) = core.ask("abbreviated_address", ea, vsid, size)
        (hash_,) = core.ask("hash_of", ea, vsid, size)
        primary, secondary = (core.ask("group_address", one)[0] for one in (hash_, ~hash_ & (1 << 64) - 1))
        (without,) = core.ask("avpn_without", size)
        valid, other, avpn = (core.constant(f"HPTE_{name}") for name in ("VALID", "SECONDARY", "AVPN"))
        base = core.ask("group_address", 0)[0]
        for inner in range(at + 1, step.ends):
            entry = walked.steps[inner]
            if entry.physical is None or not isinstance(entry.result, int):
                continue
            group = entry.physical & ~0x7F
            slot, half = entry.physical >> 4 & 7, entry.physical & 8
            is_second = group == secondary and group != primary
            where = f"{'secondary' if is_second else 'primary'} group {(group - base) >> 7:#x}, slot {slot}"
            if half:
                yield inner, f"second doubleword of {where}"
            elif not entry.result & valid:
                yield inner, f"{where}: not valid"
            elif (entry.result ^ wanted) & avpn & ~without:
                yield inner, f"{where}: another page, {entry.result & avpn & ~without:#x}, not {wanted:#x}"
            elif bool(entry.result & other) is not is_second:
                yield inner, f"{where}: of the other hash"
            else:
                yield inner, f"{where}: the page asked for"
