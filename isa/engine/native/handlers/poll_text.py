"""Polls and timers in IR: their built-ins, and what is done between two instructions when one of them is due.

The same as the reference engine's `take_poll` and `_take_poll`. A call that may execute n instructions never goes past
a timer: it puts aside what is left beyond it (ASIDE), and the loop outside goes on with that.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...layout import POLL, TIMER_AT, TIMERS, TIMERS_SET
from ..bodies import Unit
from ..shared import cpu_layout as cpu
from ..text import FunctionText, resize, symbol
from .entry_text import CONVENTION, HANDLER, enter, jump, onward, spent, stop

_NEVER = "-1"


def emit_poll_builtin(unit: Unit, text: FunctionText, name: str, values: Sequence[tuple[str, int]]) -> None:
    """`request_poll`, `set_timer` or `cancel_timer`."""
    if name == "request_poll":
        _set(unit, text, POLL, "1")
        text.set_field(cpu.POLL_AT, "0")
        _wait(text, str(cpu.POLL_WAITS))
        return
    timer = text.value(f"urem i64 {resize(text, *values[0], 64)}, {TIMERS}")
    bit = text.value(f"shl i64 1, {timer}")
    present = _get(unit, text, TIMERS_SET)
    if name == "cancel_timer":
        _set(unit, text, TIMERS_SET, text.value(f"and i64 {present}, {text.value(f'xor i64 {bit}, -1')}"))
        text.do("call fastcc void @timers.load(ptr %cpu)")
        return
    _set(unit, text, TIMERS_SET, text.value(f"or i64 {present}, {bit}"))
    at = resize(text, *values[1], 64)
    start = text.address("%cpu", _offset(unit, TIMER_AT))
    text.do(f"store i64 {at}, ptr {text.address(start, text.value(f'mul i64 {timer}, 8'))}")
    text.set_field(cpu.POLL_AT, text.value(f"call i64 @llvm.umin.i64(i64 {text.field(cpu.POLL_AT)}, i64 {at})"))
    soon = text.value(f"icmp ult i64 {at}, {text.field(cpu.BASE)}")
    _wait(text, text.value(f"select i1 {soon}, i64 {cpu.POLL_WAITS}, i64 0"))


def poll_texts(unit: Unit) -> list[str]:
    """The handlers `attend`, where something waits, `spent`, where no instruction is left, `poll` and `onward`; and
    `timers.load(cpu)`."""
    return [_load_timers(unit), _attend(), _spent(), _poll(unit), _onward()]


def _attend() -> str:
    """Returns if the loop has to know something."""
    text = FunctionText()
    alone = text.value(f"icmp eq i64 {text.field(cpu.ATTENTION)}, {cpu.POLL_WAITS}")
    text.branch(alone, "poll", "loop")
    text.block("loop")
    stop(text, "%pc", "%left", cpu.ATTENTION_STATUS)
    text.block("poll")
    text.branch(text.value("icmp eq i64 %left, 0"), "out", "more")
    text.block("out")
    spent(text, "%pc")
    text.block("more")
    _tail(text, "poll", "%left")
    return text.text(f"define internal {CONVENTION} i32 @attend{HANDLER} noinline")


def _spent() -> str:
    """Returns if nothing was put aside."""
    text = FunctionText()
    aside = text.field(cpu.ASIDE)
    text.branch(text.value(f"icmp eq i64 {aside}, 0"), "out", "more")
    text.block("out")
    stop(text, "%pc", "0", cpu.BUDGET)
    text.block("more")
    text.set_field(cpu.BASE, text.value(f"add i64 {text.field(cpu.BASE)}, {aside}"))
    text.set_field(cpu.ASIDE, "0")
    _tail(text, "poll", aside)
    return text.text(f"define internal {CONVENTION} i32 @spent{HANDLER} noinline")


def _poll(unit: Unit) -> str:
    """Polls if that is due, and goes on."""
    text = FunctionText()
    text.set_field(cpu.LEFT, "%left")
    retired = text.value(f"sub i64 {text.field(cpu.BASE)}, %left")
    due = text.value(f"icmp ule i64 {text.field(cpu.POLL_AT)}, {retired}")
    text.branch(due, "due", "on")
    text.block("due")
    _take(unit, text, retired)
    text.block("on")
    onward(text, "%pc", "%left")
    return text.text(f"define internal {CONVENTION} i32 @poll{HANDLER} noinline")


def _tail(text: FunctionText, handler: str, left: str) -> None:
    called = f"musttail call {CONVENTION} i32 @{handler}(ptr %cpu, ptr %at, i64 %pc, i64 {left})"
    text.end(f"ret i32 {text.value(called)}")


def _take(unit: Unit, text: FunctionText, retired: str) -> None:
    """Forgets the request and the timers that are due, and calls the hook between instructions."""
    text.set_field(cpu.POLLED, text.value(f"add i64 %left, {text.field(cpu.ASIDE)}"))
    _set(unit, text, POLL, "0")
    kept = _get(unit, text, TIMERS_SET)
    for timer in range(TIMERS):
        at = text.field(_offset(unit, TIMER_AT) + 8 * timer)
        over = text.value(f"icmp ule i64 {at}, {retired}")
        mask = text.value(f"select i1 {over}, i64 {~(1 << timer)}, i64 -1")
        kept = text.value(f"and i64 {kept}, {mask}")
    _set(unit, text, TIMERS_SET, kept)
    text.do("call fastcc void @timers.load(ptr %cpu)")
    hook = unit.description.hooks.get("poll")
    if not hook:
        return
    text.set_field(cpu.CIA, "%pc")
    text.set_field(cpu.NIA, "%pc")
    text.set_field(cpu.ENTRY, text.address("%cpu", cpu.NO_ENTRY), "ptr")
    type_ = unit.results(unit.description.functions[hook])
    call = f"call fastcc {type_} {symbol('f', hook)}(ptr %cpu)"
    if unit.fails(hook):
        result = text.value(call)
        status = result if type_ == "i32" else text.value(f"extractvalue {type_} {result}, 0")
        text.end(
            f"switch i32 {status}, label %failed [ i32 0, label %polled i32 {cpu.RAISED_STATUS}, label %raised ]"
        )
        text.block("failed")
        stop(text, "%pc", "%left", status)
        text.block("raised")
        enter(text, by_instruction=False)
        text.block("polled")
    else:
        text.do(call)
    onward(text, text.field(cpu.NIA), "%left")


def _onward() -> str:
    """Goes on at an address, as far as the next timer; to the loop where it has to know something."""
    text = FunctionText()
    waits = text.value(f"and i64 {text.field(cpu.ATTENTION)}, {cpu.LOOP_WAITS}")
    text.branch(text.value(f"icmp eq i64 {waits}, 0"), "calm", "loop")
    text.block("loop")
    stop(text, "%pc", "%left", cpu.ATTENTION_STATUS)
    text.block("calm")
    text.set_field(cpu.ATTENTION, "0")
    base = text.field(cpu.BASE)
    retired = text.value(f"sub i64 {base}, %left")
    due = text.field(cpu.POLL_AT)
    later = text.value(f"icmp ugt i64 {due}, {retired}")
    distance = text.value(f"select i1 {later}, i64 {text.value(f'sub i64 {due}, {retired}')}, i64 1")
    left = text.value(f"call i64 @llvm.umin.i64(i64 {distance}, i64 %left)")
    beyond = text.value(f"sub i64 %left, {left}")
    text.set_field(cpu.ASIDE, text.value(f"add i64 {text.field(cpu.ASIDE)}, {beyond}"))
    text.set_field(cpu.BASE, text.value(f"sub i64 {base}, {beyond}"))
    jump(text, "%pc", left)
    return text.text(f"define internal {CONVENTION} i32 @onward{HANDLER} noinline")


def _load_timers(unit: Unit) -> str:
    """`timers.load(cpu)`: finds when the next poll is due."""
    text = FunctionText()
    is_set = _get(unit, text, TIMERS_SET)
    first = _NEVER
    for timer in range(TIMERS):
        at = text.field(_offset(unit, TIMER_AT) + 8 * timer)
        used = text.value(f"icmp ne i64 {text.value(f'and i64 {is_set}, {1 << timer}')}, 0")
        candidate = text.value(f"select i1 {used}, i64 {at}, i64 {_NEVER}")
        first = text.value(f"call i64 @llvm.umin.i64(i64 {first}, i64 {candidate})")
    asked = text.value(f"icmp ne i64 {_get(unit, text, POLL)}, 0")
    text.set_field(cpu.POLL_AT, text.value(f"select i1 {asked}, i64 0, i64 {first}"))
    text.end("ret void")
    return text.text("define internal fastcc void @timers.load(ptr %cpu)")


def _wait(text: FunctionText, what: str) -> None:
    text.set_field(cpu.ATTENTION, text.value(f"or i64 {text.field(cpu.ATTENTION)}, {what}"))


def _offset(unit: Unit, register: str) -> int:
    return cpu.THREAD + unit.layout.blocks["thread"].slots[register].offset


def _get(unit: Unit, text: FunctionText, register: str) -> str:
    bits = unit.layout.blocks["thread"].slots[register].size * 8
    return resize(text, text.field(_offset(unit, register), f"i{bits}"), bits, 64)


def _set(unit: Unit, text: FunctionText, register: str, value: str) -> None:
    bits = unit.layout.blocks["thread"].slots[register].size * 8
    text.set_field(_offset(unit, register), resize(text, value, 64, bits), f"i{bits}")
