"""`monitor explain` and `monitor trace`: what an instruction is, what it would do, and what the last ones have done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from ....isa.errors import TraplineError
from ....isa.lang.load import ARCH
from ....isa.lang.products.explain import diagram, explain_instruction
from ....isa.model.decoder import Decoder
from ....isa.model.items import Form
from ...core import Core
from ...rsp.errors import MonitorError
from ...rsp.target import MonitorContext
from ...timeline.timeline import TimelineError
from ...tree.vcpu import MachineVcpu
from ...wild.report import code_at
from ..controls import Controls
from .words import place_of

EXPLAIN_USAGE: Final = "explain [ADDRESS]"
TRACE_USAGE: Final = "trace [COUNT]"
_USUAL, _MOST = 10, 4096
_OWN: Final = "$"
"""How names of what the engine itself keeps begin: it changes with each instruction."""


def explain_command(target: Controls, context: MonitorContext, words: Sequence[str]) -> object:
    """The instruction at pc, or an address: its bits, its meaning, and what it would do now. Raises MonitorError."""
    if len(words) > 1:
        raise MonitorError("explain: one address, or none for the instruction at pc")
    core = target.vcpu(context.thread).core
    address = place_of(target, core, "explain", words[0]) if words else core.pc
    set_code, data = code_at(core, address, 4)
    data = data or code_at(core, address, 2)[1]
    reporter = target.machine.diagnosis.reporter
    lines = reporter.words.listing(data, address, set_code) if data else []
    if not lines:
        raise MonitorError(f"explain: there is no code at {address:#x}; `monitor walk {address:#x} fetch` says why")
    line = lines[0]
    form = Decoder(core.description, reporter.words.instruction_set(set_code).name).decode(line.word, 8 * line.size)
    context.write(f"{address:#x}: {line.word:0{2 * line.size}x}  {line.text}\n")
    told: dict[str, object] = {
        "address": hex(address), "word": f"{line.word:0{2 * line.size}x}", "text": line.text,
        "form": None if form is None else form.name,
    }  # fmt: skip
    if form is None:
        context.write("the description has no form for this word\n")
        return told
    folder = target.machine.options.description.parent if target.machine.options.description is not None else ARCH
    context.write(f"{explain_instruction(core.description, form, line.word, folder)}\n")
    now = _would_do(core) if address == core.pc else []
    if address == core.pc:
        context.write("now it would do this:\n" + "".join(f"  {one}\n" for one in now or ["nothing that can be seen"]))
    return told | {
        "title": form.title, "diagram": diagram(core.description, form, line.word), "fields": _fields(form, line.word),
        "reads": list(form.reads), "writes": list(form.writes), "now": now,
    }  # fmt: skip


def _fields(form: Form, word: int) -> dict[str, int]:
    return {
        field.name: sum((word >> one.word_low & (1 << one.width) - 1) << one.field_low for one in field.pieces)
        for field in form.fields
    }


def _would_do(core: Core) -> list[str]:
    """Executes the instruction at pc, and undoes it: what has changed then."""
    engine, before, pc = core.engine, core.state.snapshot(), core.pc
    rehearsal = engine.rehearse(1)
    try:
        after = next(rehearsal, None)
        if after is None:
            return ["it leaves for the machine or the hypervisor, or accesses a device: that is not tried"]
        lines = _changes(core, before)
        stored = engine.stored()
    finally:
        rehearsal.close()
    if after.pc not in (pc + 2, pc + 4):
        lines.append(f"goes on at {after.pc:#x}")
    return [*lines, *(f"stores {data.hex()} at physical {at:#x}" for at, data in stored)]


def _changes(core: Core, before: bytes) -> list[str]:
    return [str(one) for one in core.state.diff(before) if not one.register.startswith(_OWN)]


def trace_command(target: Controls, context: MonitorContext, words: Sequence[str]) -> object:
    """The last instructions, with what each changed. The history is always kept: nothing is to be switched on."""
    if list(words) in (["on"], ["off"]):
        context.write("the history is always kept: `monitor trace 20` shows the last 20 instructions\n")
        return None
    count = _count(words)
    timeline, machine = target.timeline, target.machine
    here, was_past, end = timeline.mark(), timeline.in_past, machine.steps
    found: list[dict[str, object]] = []
    try:
        timeline.visit(max(timeline.first, end - count))
        for vcpu, moment, pc, changes in _executed(target, end):
            line = _line(target, vcpu.core, pc)
            context.write(f"{moment:>10}  vcpu {vcpu.number}  {line}\n")
            context.write("".join(f"{'':>20}{one}\n" for one in changes))
            found.append({"moment": moment, "vcpu": vcpu.number, "pc": hex(pc), "text": line, "changes": changes})
    except TimelineError as error:
        raise MonitorError(f"trace: {error}") from error
    finally:
        if was_past:
            timeline.put_mark(here)
        else:
            timeline.return_to_present()
    if not found:
        context.write("nothing has been executed yet\n")
    return found


def _count(words: Sequence[str]) -> int:
    if not words:
        return _USUAL
    if len(words) > 1 or not words[0].isascii() or not words[0].isdigit() or not 0 < int(words[0][:9]) <= _MOST:
        raise MonitorError(f"trace: give a number of instructions, 1 to {_MOST}")
    return int(words[0])


def _executed(target: Controls, end: int) -> Iterator[tuple[MachineVcpu, int, int, list[str]]]:
    """Goes on to a moment one instruction at a time: who executed it, when, where, and what has changed."""
    machine, timeline = target.machine, target.timeline
    while machine.steps < end and timeline.in_past:
        moment = machine.steps
        before = [(vcpu, vcpu.core.steps, vcpu.core.pc, vcpu.core.state.snapshot()) for vcpu in machine.vcpus]
        with timeline.unarmed():
            timeline.go_on(moment + 1)
        for vcpu, steps, pc, state in before:
            if vcpu.core.steps != steps:
                yield vcpu, moment, pc, _changes(vcpu.core, state)
        if machine.steps == moment:
            return


def _line(target: Controls, core: Core, pc: int) -> str:
    diagnosis = target.machine.diagnosis
    try:
        code, data = code_at(core, pc, 4)
    except TraplineError:
        code, data = 0, b""
    lines = diagnosis.reporter.words.listing(data, pc, code) if data else []
    symbol = diagnosis.names.symbol(pc)
    return f"{pc:#x}" + (f" <{symbol}>" if symbol else "") + f":  {lines[0].text if lines else 'not to be read now'}"
