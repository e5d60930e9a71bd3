"""The log of interrupts in IR: what `InterruptLog.note` and `note_unknown` do, for entries that native code makes."""

from __future__ import annotations

from ... import interrupt_log as log
from ..bodies import Unit
from ..shared import cpu_layout as cpu
from ..text import FunctionText, symbol
from .entry_text import CONVENTION, HANDLER, enter, stop

_FORGOTTEN = 4096


def log_texts(unit: Unit) -> list[str]:
    """`log.entered(cpu, following, completes, between, set)` and `log.unknown(cpu, address, word)`."""
    return [_entered(unit), _unknown()]


def _entered(unit: Unit) -> str:
    text = FunctionText()
    went = text.field(cpu.NIA)
    here = text.value(f"icmp eq i64 {went}, %following")
    text.branch(text.value(f"and i1 %completes, {here}"), "answered", "noted")
    text.block("answered")
    text.end("ret void")
    text.block("noted")
    start = text.value(f"load ptr, ptr {text.address('%cpu', cpu.LOG)}, !invariant.load !0")
    number, address = text.field(cpu.RAISED), text.field(cpu.CIA)
    retired = text.value(f"sub i64 {text.field(cpu.BASE)}, {text.field(cpu.LEFT)}")
    count = _get(text, start, log.ENTERED)
    last, before = (_ring(text, start, text.value(f"sub i64 {count}, {back}")) for back in (1, 2))
    after = _get(text, start, log.AFTER)
    quiet = text.value(f"icmp eq i64 {after}, {retired}")
    there = text.value(f"icmp eq i64 {address}, {_get(text, start, log.WENT)}")
    stands = text.value(f"and i1 {quiet}, {there}")
    named = text.value(f"add i64 {number}, 1")
    same = text.value(f"or i1 {_same(text, last, named, address)}, {_same(text, before, named, address)}")
    returns = _returns(unit, text)
    returned = text.value(f"icmp ne i64 {_get(text, start, log.RETURNS)}, {returns}")
    gap = text.value(f"icmp ugt i64 {text.value(f'sub i64 {retired}, {after}')}, {_FORGOTTEN}")
    apart = text.value(f"or i1 {returned}, {gap}")
    entry = text.value(f"load ptr, ptr {text.address('%cpu', cpu.ENTRY)}")
    word, length = _instruction(text, entry)
    record: tuple[str, ...] = (
        named,
        address,
        went,
        text.value(f"or i64 {word}, {text.value(f'shl i64 {length}, 32')}"),
        retired,
        text.field(cpu.ARGUMENTS),
        text.field(cpu.ARGUMENTS + 16),
        _how(text),
    )
    record = _arguments(unit, text, number, record)
    _record(text, _ring(text, start, count), record)
    _set(text, start, log.ENTERED, text.value(f"add i64 {count}, 1"))
    counter = text.address(start, text.value(f"add i64 {text.value(f'shl i64 {number}, 3')}, {8 * log.COUNTS}"))
    text.do(f"store i64 {text.value(f'add i64 {_load(text, counter)}, 1')}, ptr {counter}")
    row = text.value(f"add i64 {text.value(f'select i1 {stands}, i64 {_get(text, start, log.ROW)}, i64 0')}, 1")
    _set(text, start, log.ROW, row)
    goes_on = text.value(f"and i1 {same}, {text.value(f'xor i1 {returned}, true')}")
    longer = text.value(f"add i64 {_get(text, start, log.NESTED)}, 1")
    nested = text.value(f"select i1 {goes_on}, i64 {longer}, i64 0")
    _set(text, start, log.NESTED, nested)
    _set(text, start, log.AFTER, text.value(f"add i64 {retired}, {text.value('zext i1 %completes to i64')}"))
    _set(text, start, log.WENT, went)
    _set(text, start, log.RETURNS, returns)
    text.branch(stands, "row", "first")
    text.block("first")
    _record(text, text.address(start, 8 * log.ROW_FIRST), record)
    text.end("br label %row")
    text.block("row")
    text.branch(apart, "apart", "judged")
    text.block("apart")
    _record(text, text.address(start, 8 * log.NESTED_FIRST), record)
    text.end("br label %judged")
    text.block("judged")
    long_row = text.value(f"icmp uge i64 {row}, {_get(text, start, log.ROW_LIMIT)}")
    long_nest = text.value(f"icmp uge i64 {nested}, {_get(text, start, log.NESTED_LIMIT)}")
    listened = _get(text, start, log.LISTENED)
    heard = text.value(f"icmp ne i64 {listened}, 0")
    text.branch(text.value(f"or i1 {heard}, {text.value(f'or i1 {long_row}, {long_nest}')}"), "report", "done")
    text.block("report")
    kinds = text.value(f"select i1 {long_row}, i64 {log.AT_A_STAND}, i64 0")
    more = text.value(f"select i1 {long_nest}, i64 {log.NESTING}, i64 0")
    _set(text, start, log.REPORT, text.value(f"or i64 {listened}, {text.value(f'or i64 {kinds}, {more}')}"))
    text.set_field(cpu.ATTENTION, text.value(f"or i64 {text.field(cpu.ATTENTION)}, {cpu.LOOP_WAITS}"))
    text.end("br label %done")
    text.block("done")
    text.end("ret void")
    head = "define internal fastcc void @log.entered(ptr %cpu, i64 %following, i1 %completes, i1 %between, i64 %set)"
    return text.text(f"{head} noinline")


def _instruction(text: FunctionText, entry: str) -> tuple[str, str]:
    """The instruction word of an entry, and its bytes."""
    word = text.value(f"load i32, ptr {text.address(entry, 8)}")
    length = text.value(f"load i16, ptr {text.address(entry, cpu.CODE_LENGTH)}")
    length = text.value(f"and i16 {length}, {cpu.CODE_LENGTH_MASK}")
    return text.value(f"zext i32 {word} to i64"), text.value(f"zext i16 {length} to i64")


def _how(text: FunctionText) -> str:
    """The instruction set, whether the run is left, and whether it came between two instructions."""
    left = text.value(f"icmp ne i64 {text.field(cpu.EXIT)}, 0")
    flags = text.value(f"select i1 {left}, i64 2, i64 0")
    flags = text.value(f"or i64 {flags}, {text.value('zext i1 %between to i64')}")
    return text.value(f"or i64 {text.value('shl i64 %set, 2')}, {flags}")


def _arguments(unit: Unit, text: FunctionText, number: str, record: tuple[str, ...]) -> tuple[str, ...]:
    """The record without the arguments that its interrupt does not have: these places are some earlier one's."""
    for at in (1, 0):
        having = [n for n, one in enumerate(unit.description.interrupts.values()) if len(one.parameters) > at]
        has = "false"
        for one in having:
            has = text.value(f"or i1 {has}, {text.value(f'icmp eq i64 {number}, {one}')}")
        kept = text.value(f"select i1 {has}, i64 {record[5 + at]}, i64 0")
        record = (*record[: 5 + at], kept, *record[6 + at :])
    return record


def _returns(unit: Unit, text: FunctionText) -> str:
    hook = unit.description.hooks.get("returns")
    if not hook:
        # Each counts as returned from: no row is nested.
        start = text.value(f"load ptr, ptr {text.address('%cpu', cpu.LOG)}, !invariant.load !0")
        return text.value(f"add i64 {_get(text, start, log.RETURNS)}, 1")
    return text.value(f"call fastcc i64 {symbol('f', hook)}(ptr %cpu)")


def _unknown() -> str:
    text = FunctionText()
    start = text.value(f"load ptr, ptr {text.address('%cpu', cpu.LOG)}, !invariant.load !0")
    number = text.value(f"lshr i64 {text.value(f'mul i64 %address, {log.UNKNOWN_HASH}')}, {64 - log.UNKNOWN_BITS}")
    offset = text.value(f"mul i64 {number}, {8 * log.UNKNOWN_ENTRY}")
    entry = text.address(start, text.value(f"add i64 {offset}, {8 * log.UNKNOWN}"))
    there = text.value(f"icmp eq i64 {_get(text, entry, 0)}, %address")
    same = text.value(f"and i1 {there}, {text.value(f'icmp eq i64 {_get(text, entry, 1)}, %word')}")
    count = text.value(f"select i1 {same}, i64 {_get(text, entry, 2)}, i64 0")
    for at, value in enumerate(("%address", "%word", text.value(f"add i64 {count}, 1"))):
        _set(text, entry, at, value)
    text.end("ret void")
    return text.text("define internal fastcc void @log.unknown(ptr %cpu, i64 %address, i64 %word) noinline")


def illegal_text(unit: Unit) -> str:
    """The handler of words that no encoding matches: the hook's interrupt is entered."""
    text = FunctionText()
    hook = unit.description.hooks.get("illegal")
    if not hook or not unit.fails(hook):
        # The loop has a message for it.
        stop(text, "%pc", "%left", cpu.STEP_STATUS)
        return text.text(f"define internal {CONVENTION} i32 @illegal{HANDLER}")
    word, length = _instruction(text, "%at")
    following = text.value(f"add i64 %pc, {length}")
    width = unit.description.address_width
    if width < 64:
        following = text.value(f"and i64 {following}, {(1 << width) - 1}")
    for field, value in ((cpu.CIA, "%pc"), (cpu.LEFT, "%left"), (cpu.NIA, following)):
        text.set_field(field, value)
    text.set_field(cpu.ENTRY, "%at", "ptr")
    whole = text.value(f"or i64 {word}, {text.value(f'shl i64 {length}, 32')}")
    text.do(f"call fastcc void @log.unknown(ptr %cpu, i64 %pc, i64 {whole})")
    status = text.value(f"call fastcc i32 {symbol('f', hook)}(ptr %cpu)")
    text.branch(text.value(f"icmp eq i32 {status}, {cpu.RAISED_STATUS}"), "raised", "other")
    text.block("raised")
    enter(text)
    text.block("other")
    # It returned, which it must not: the loop has a message for that, too.
    good = text.value(f"icmp eq i32 {status}, 0")
    stop(text, "%pc", "%left", text.value(f"select i1 {good}, i32 {cpu.STEP_STATUS}, i32 {status}"))
    return text.text(f"define internal {CONVENTION} i32 @illegal{HANDLER}")


def _ring(text: FunctionText, start: str, number: str) -> str:
    place = text.value(f"and i64 {number}, {log.RING_SIZE - 1}")
    offset = text.value(f"mul i64 {place}, {8 * log.RECORD}")
    return text.address(start, text.value(f"add i64 {offset}, {8 * log.RING}"))


def _same(text: FunctionText, record: str, named: str, address: str) -> str:
    number = text.value(f"icmp eq i64 {_get(text, record, 0)}, {named}")
    return text.value(f"and i1 {number}, {text.value(f'icmp eq i64 {_get(text, record, 1)}, {address}')}")


def _record(text: FunctionText, record: str, values: tuple[str, ...]) -> None:
    for at, value in enumerate(values):
        _set(text, record, at, value)


def _get(text: FunctionText, start: str, word: int) -> str:
    return _load(text, text.address(start, 8 * word))


def _load(text: FunctionText, place: str) -> str:
    return text.value(f"load i64, ptr {place}")


def _set(text: FunctionText, start: str, word: int, value: str) -> None:
    text.do(f"store i64 {value}, ptr {text.address(start, 8 * word)}")



