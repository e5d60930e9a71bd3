"""Entering interrupts, and going on at any address, in IR. Both are handlers: see `handlers`."""

from __future__ import annotations

from ...reference import MAXIMUM_NESTING
from ..bodies import Unit
from ..memory import fetch_index
from ..shared import cpu_layout as cpu
from ..text import FunctionText, resize, symbol

HANDLER = "(ptr %cpu, ptr %at, i64 %pc, i64 %left)"
CONVENTION = "preserve_nonecc"
"""Handlers save no registers for whoever called: each calls the next and never comes back."""


def stop(text: FunctionText, pc: str, left: str, status: int | str) -> None:
    """Returns to the loop."""
    text.set_field(cpu.PC, pc)
    text.set_field(cpu.LEFT, left)
    text.end(f"ret i32 {status}")


def jump(text: FunctionText, pc: str, left: str) -> None:
    """Goes on at an address that may be anywhere."""
    text.end(f"ret i32 {text.value(f'musttail call {CONVENTION} i32 @jump(ptr %cpu, ptr %at, i64 {pc}, i64 {left})')}")


def enter(text: FunctionText, by_instruction: bool = True) -> None:
    """Goes on with the entry of the interrupt that was raised, by the poll hook if not by an instruction."""
    name = "enter" if by_instruction else "enter.polled"
    entered = text.value(f"musttail call {CONVENTION} i32 @{name}(ptr %cpu, ptr %at, i64 %pc, i64 %left)")
    text.end(f"ret i32 {entered}")


def attend(text: FunctionText, pc: str, left: str) -> None:
    """Sees to what waits (see `poll_text`), and goes on at an address if it can."""
    called = f"musttail call {CONVENTION} i32 @attend(ptr %cpu, ptr %at, i64 {pc}, i64 {left})"
    text.end(f"ret i32 {text.value(called)}")


def spent(text: FunctionText, pc: str) -> None:
    """Returns to the loop, or goes on at an address with instructions that were put aside."""
    called = f"musttail call {CONVENTION} i32 @spent(ptr %cpu, ptr %at, i64 {pc}, i64 0)"
    text.end(f"ret i32 {text.value(called)}")


def onward(text: FunctionText, pc: str, left: str) -> None:
    """Goes on at an address after a poll."""
    called = f"musttail call {CONVENTION} i32 @onward(ptr %cpu, ptr %at, i64 {pc}, i64 {left})"
    text.end(f"ret i32 {text.value(called)}")


def tail(text: FunctionText, entry: str, pc: str, left: str) -> None:
    """Goes on with a decoded entry."""
    handler = text.value(f"load ptr, ptr {entry}")
    call = f"musttail call {CONVENTION} i32 {handler}(ptr %cpu, ptr {entry}, i64 {pc}, i64 {left})"
    text.end(f"ret i32 {text.value(call)}")


def arrive(text: FunctionText, entry: str, pc: str, left: str) -> None:
    """Goes on with a decoded entry that was jumped to."""
    call = f"musttail call {CONVENTION} i32 @arrive(ptr %cpu, ptr {entry}, i64 {pc}, i64 {left})"
    text.end(f"ret i32 {text.value(call)}")


def leave_for(text: FunctionText, nia: str, left: str, unit_bytes: int) -> None:
    """Goes on at an address that was jumped to, in the same instruction set."""
    # The same page, and as aligned as the present instruction: the entry can be computed from this one.
    distance = text.value(f"xor i64 {nia}, %pc")
    near = text.value(f"icmp eq i64 {text.value(f'and i64 {distance}, {~(4095 & -unit_bytes)}')}, 0")
    close, far = text.name(), text.name()
    text.branch(near, close, far)
    text.block(close)
    offset = text.value(f"mul i64 {text.value(f'sub i64 {nia}, %pc')}, {cpu.CODE_ENTRY // unit_bytes}")
    arrive(text, text.address("%at", offset), nia, left)
    text.block(far)
    jump(text, nia, left)


def tell_hot(text: FunctionText, entry: str, pc: str, left: str, on: str) -> None:
    """Returns HOT_STATUS, unless nobody wants to be told of arrivals at an entry: then it goes on at a label."""
    length = text.value(f"load i16, ptr {text.address(entry, cpu.CODE_LENGTH)}")
    told = text.name()
    text.branch(text.value(f"icmp slt i16 {length}, 0"), on, told)
    text.block(told)
    stop(text, pc, left, cpu.HOT_STATUS)


def arrive_text() -> str:
    """`arrive`: goes on with an entry, and counts that; tells it each time the counter comes to 0."""
    text = FunctionText()
    place = text.address("%at", cpu.CODE_COUNTER)
    count = text.value(f"add i16 {text.value(f'load i16, ptr {place}')}, 1")
    text.do(f"store i16 {count}, ptr {place}")
    text.end(f"br i1 {text.value(f'icmp eq i16 {count}, 0')}, label %hot, label %on, !prof !1")
    text.block("hot")
    tell_hot(text, "%at", "%pc", "%left", "on")
    text.block("on")
    tail(text, "%at", "%pc", "%left")
    return text.text(f"define internal {CONVENTION} i32 @arrive{HANDLER}")


def enter_texts(unit: Unit) -> list[str]:
    """`enter` and `enter.polled`: run the body of the interrupt that was raised, with CIA and NIA as they were, and go
    on behind it.

    An entry that raises the next interrupt too often is left to the loop, which has a message for it.
    """
    return [_enter_text(unit, "enter", True), _enter_text(unit, "enter.polled", False)]


def _enter_text(unit: Unit, name: str, by_instruction: bool) -> str:
    text = FunctionText()
    times = text.variable("i32")
    text.do(f"store i32 0, ptr {times}")
    text.set_field(cpu.LEFT, "%left")
    completes = _completes(unit, text) if by_instruction else "0"
    following, (_, present_set) = text.field(cpu.NIA), _present_set(unit, text)
    text.block("again")
    interrupts = list(unit.description.interrupts.values())
    raised = text.field(cpu.RAISED)
    arms = " ".join(f"i64 {number}, label %enter{number}" for number in range(len(interrupts)))
    text.end(f"switch i64 {raised}, label %outside [ {arms} ]")
    for number, interrupt in enumerate(interrupts):
        text.block(f"enter{number}")
        arguments = "".join(
            f", i{parameter.width} " + resize(text, text.field(cpu.ARGUMENTS + 16 * at, "i128"), 128, parameter.width)
            for at, parameter in enumerate(interrupt.parameters)
        )
        call = f"{symbol('f', interrupt.function)}(ptr %cpu{arguments})"
        if not unit.fails(interrupt.function):
            text.do(f"call fastcc {unit.results(unit.description.functions[interrupt.function])} {call}")
            text.end("br label %entered")
            continue
        status = text.value(f"call fastcc i32 {call}")
        text.end(f"switch i32 {status}, label %failed [ i32 0, label %entered i32 {cpu.RAISED_STATUS}, label %nested ]")
    text.block("nested")
    count = text.value(f"add i32 {text.value(f'load i32, ptr {times}')}, 1")
    text.do(f"store i32 {count}, ptr {times}")
    text.branch(text.value(f"icmp ult i32 {count}, {MAXIMUM_NESTING}"), "again", "outside")
    text.block("outside")
    stop(text, "%pc", "%left", cpu.RAISED_STATUS)
    text.block("failed")
    stop(text, "%pc", "%left", cpu.FAILED_STATUS)
    text.block("entered")
    between = int(not by_instruction)
    how = f"i1 {completes}, i1 {between}, i64 {present_set}"
    text.do(f"call fastcc void @log.entered(ptr %cpu, i64 {following}, {how})")
    if by_instruction:
        _count_instruction(text, completes)
    else:
        onward(text, text.field(cpu.NIA), "%left")
    return text.text(f"define internal {CONVENTION} i32 @{name}{HANDLER}")


def _count_instruction(text: FunctionText, completes: str) -> None:
    """Goes on behind the instruction that raised an interrupt."""
    # Retired is BASE - LEFT: where the instruction does not count, BASE goes down with LEFT.
    base = text.field(cpu.BASE)
    lower = text.value(f"sub i64 {base}, 1")
    text.set_field(cpu.BASE, text.value(f"select i1 {completes}, i64 {base}, i64 {lower}"))
    nia = text.field(cpu.NIA)
    left = text.value("sub i64 %left, 1")
    text.branch(text.value(f"icmp ne i64 {text.field(cpu.ATTENTION)}, 0"), "attention", "calm")
    text.block("attention")
    attend(text, nia, left)
    text.block("calm")
    text.branch(text.value(f"icmp eq i64 {left}, 0"), "out", "on")
    text.block("out")
    spent(text, nia)
    text.block("on")
    jump(text, nia, left)


def _completes(unit: Unit, text: FunctionText) -> str:
    """Whether the interrupt that was raised first lets its instruction complete."""
    result = "0"
    raised = text.field(cpu.RAISED)
    for number, interrupt in enumerate(unit.description.interrupts.values()):
        if interrupt.completes:
            result = text.value(f"or i1 {result}, {text.value(f'icmp eq i64 {raised}, {number}')}")
    return result


def jump_texts(unit: Unit) -> list[str]:
    """`jump`: finds the decoded page of an address; `find`, where that is not known in this context, enters it, or
    returns MISS_STATUS."""
    return [_jump_text(unit), _find_text(unit)]


def _jump_text(unit: Unit) -> str:
    text = FunctionText()
    context = text.field(cpu.CONTEXT)
    unit_bytes, state = _present_set(unit, text)
    place = text.value(f"or i64 {text.value('and i64 %pc, -4096')}, {context}")
    key = text.value(f"or i64 {place}, {state}")
    start = text.value(f"load ptr, ptr {text.address('%cpu', cpu.FETCHES)}, !invariant.load !0")
    entry = text.address(start, text.value(f"mul i64 {fetch_index(text, '%pc', context, state)}, {cpu.FETCH_ENTRY}"))
    known = text.value(f"icmp eq i64 {text.value(f'load i64, ptr {entry}')}, {key}")
    hit = text.value(f"and i1 {known}, {_aligned(text, unit_bytes)}")
    text.end(f"br i1 {hit}, label %hit, label %search, !prof !0")
    text.block("hit")
    page = text.value(f"load ptr, ptr {text.address(entry, 8)}")
    scale = text.value(f"udiv i64 {cpu.CODE_ENTRY}, {unit_bytes}")
    arrive(text, text.address(page, text.value(f"mul i64 {text.value('and i64 %pc, 4095')}, {scale}")), "%pc", "%left")
    text.block("search")
    found = text.value(f"musttail call {CONVENTION} i32 @find(ptr %cpu, ptr %at, i64 %pc, i64 %left)")
    text.end(f"ret i32 {found}")
    return text.text(f"define internal {CONVENTION} i32 @jump{HANDLER}")


def _present_set(unit: Unit, text: FunctionText) -> tuple[str, str]:
    """The present instruction set's unit, in bytes, and its code."""
    description = unit.description
    sets = list(description.instruction_sets.values())
    unit_bytes, state = str(sets[0].unit // 8), str(sets[0].code)
    if description.set_state and len(sets) > 1:
        width = description.functions[description.set_state].results[0]
        present = text.value(f"call fastcc i{width} {symbol('f', description.set_state)}(ptr %cpu)")
        state = resize(text, present, width, 64)
        for other in sets[1:]:
            chosen = text.value(f"icmp eq i64 {state}, {other.code}")
            unit_bytes = text.value(f"select i1 {chosen}, i64 {other.unit // 8}, i64 {unit_bytes}")
    return unit_bytes, state


def _aligned(text: FunctionText, unit_bytes: str) -> str:
    low = text.value(f"sub i64 {unit_bytes}, 1")
    return text.value(f"icmp eq i64 {text.value(f'and i64 %pc, {low}')}, 0")


def _find_text(unit: Unit) -> str:
    text, width = FunctionText(), unit.description.address_width
    unit_bytes, state = _present_set(unit, text)
    text.branch(_aligned(text, unit_bytes), "search", "miss")
    text.block("search")
    text.set_field(cpu.LEFT, "%left")
    text.set_field(cpu.CIA, "%pc")
    following = text.value(f"add i64 %pc, {unit_bytes}")
    if width < 64:
        following = text.value(f"and i64 {following}, {(1 << width) - 1}")
    text.set_field(cpu.NIA, following)
    text.set_field(cpu.ENTRY, text.address("%cpu", cpu.NO_ENTRY), "ptr")
    status = text.value(f"call fastcc i32 @refetch(ptr %cpu, i64 %pc, i64 {state})")
    text.end(
        f"switch i32 {status}, label %miss [ i32 0, label %again i32 {cpu.RAISED_STATUS}, label %raised "
        f"i32 {cpu.FAILED_STATUS}, label %failed ]"
    )
    text.block("again")
    jump(text, "%pc", "%left")
    text.block("raised")
    enter(text)
    text.block("failed")
    stop(text, "%pc", "%left", cpu.FAILED_STATUS)
    text.block("miss")
    stop(text, "%pc", "%left", cpu.MISS_STATUS)
    return text.text(f"define internal {CONVENTION} i32 @find{HANDLER} noinline cold")


def stopping_text(name: str, status: int) -> str:
    """A handler that does nothing but return to the loop."""
    text = FunctionText()
    stop(text, "%pc", "%left", status)
    return text.text(f"define internal {CONVENTION} i32 @{name}{HANDLER}")


def run_text() -> str:
    """`run`: what the loop outside calls to begin; it has the platform's calling convention."""
    text = FunctionText()
    status = text.value(f"call {CONVENTION} i32 @jump(ptr %cpu, ptr %at, i64 %pc, i64 %left)")
    text.end(f"ret i32 {status}")
    return text.text(f"define i32 @run{HANDLER}")
