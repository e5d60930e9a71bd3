"""Soft-TLB misses in IR: the description's hooks find context and translation, and the answer is entered.

Each returns a status; UNFILLED_STATUS leaves the access to the engine, which knows watchpoints, devices and small
regions. The translate hook then runs once more, which it must allow for: real table walks are repeated at any time.
"""

from __future__ import annotations

from ..bodies import Unit
from ..shared import cpu_layout as cpu
from ..text import FunctionText, symbol
from .access_text import entry_at, fetch_index, tlb_index
from .flush_text import note_filled
from .physical_text import dirty_place, is_code, marks_place, slot_value

_UNFILLED = f"ret i32 {cpu.UNFILLED_STATUS}"


def settle_text(unit: Unit) -> str:
    """`settle(cpu)`: finds the number of the present context; not that of one that the engine has not seen."""
    text = FunctionText()
    present = text.value(f"icmp ne i64 {text.field(cpu.CONTEXT)}, {cpu.NOWHERE}")
    text.branch(present, "known", "asked")
    text.block("asked")
    hook = unit.description.hooks.get("context")
    tag = "0"
    if hook:
        if unit.fails(hook):
            text.end(_UNFILLED)
            text.block("never")
        else:
            tag = text.value(f"call fastcc i64 {symbol('f', hook)}(ptr %cpu)")
    number = text.value(f"lshr i64 {text.value(f'mul i64 {tag}, {cpu.HASH}')}, {64 - cpu.CONTEXT_BITS}")
    start = text.value(f"load ptr, ptr {text.address('%cpu', cpu.CONTEXTS)}, !invariant.load !0")
    entry = text.address(start, text.value(f"mul i64 {number}, {cpu.CONTEXT_ENTRY}"))
    key = text.value(f"load i64, ptr {text.address(entry, 8)}")
    same = text.value(f"icmp eq i64 {text.value(f'load i64, ptr {entry}')}, {tag}")
    used = text.value(f"icmp ne i64 {key}, 0")
    text.branch(text.value(f"and i1 {same}, {used}"), "found", "unknown")
    text.block("found")
    text.set_field(cpu.CONTEXT, key)
    text.end("br label %known")
    text.block("known")
    text.end("ret i32 0")
    text.block("unknown")
    text.end(_UNFILLED)
    return text.text("define internal fastcc i32 @settle(ptr %cpu) noinline")


def _translated(unit: Unit, text: FunctionText, kind: str) -> tuple[str, str]:
    """(physical address, permitted kinds), where they can be cached; other ways return."""
    context = text.field(cpu.CONTEXT)
    hook = unit.description.hooks.get("translate")
    if not hook:
        return "%a", "7"
    result, status = _walk(unit, text, hook, kind)
    first = int(status is not None)
    type_ = unit.results(unit.description.functions[hook])
    if status is not None:
        text.block("bad")
        text.end(f"ret i32 {_status(text, status)}")
        text.block("good")
    pa, region, permitted = (text.value(f"extractvalue {type_} {result}, {first + at}") for at in range(3))
    small = text.value(f"icmp ult i8 {region}, 12")
    moved = text.value(f"icmp ne i64 {text.field(cpu.CONTEXT)}, {context}")
    text.branch(text.value(f"or i1 {small}, {moved}"), "unfilled", "large")
    text.block("large")
    return pa, text.value(f"zext i3 {permitted} to i64")


def translated_text(unit: Unit) -> str:
    """`translated(cpu, address, kind)`: status and what the translate hook answers; UNFILLED_STATUS where the engine is
    to be asked, which may know somewhere else that the access leads to. Without a hook there is none."""
    hook = unit.description.hooks.get("translate")
    if not hook:
        return ""
    text = FunctionText()
    function = unit.description.functions[hook]
    results = [f"i{width}" for width in function.results]
    type_ = "{" + ", ".join(["i32", *results]) + "}"
    result, status = _walk(unit, text, hook, "%kind")
    first = int(unit.fails(hook))
    if status is not None:
        text.block("bad")
        early = text.value(f"insertvalue {type_} zeroinitializer, i32 {_status(text, status)}, 0")
        text.end(f"ret {type_} {early}")
        text.block("good")
    whole = "zeroinitializer"
    for at, width in enumerate(results):
        part = text.value(f"extractvalue {unit.results(function)} {result}, {first + at}")
        whole = text.value(f"insertvalue {type_} {whole}, {width} {part}, {at + 1}")
    text.end(f"ret {type_} {whole}")
    return text.text(f"define internal fastcc {type_} @translated(ptr %cpu, i64 %a, i64 %kind) noinline")


def _walk(unit: Unit, text: FunctionText, hook: str, kind: str) -> tuple[str, str | None]:
    """(what the translate hook gives for an access to %a, its status if it has one): goes on in `good`, or in `bad`."""
    function = unit.description.functions[hook]
    address_width, kind_width = (parameter.width for parameter in function.parameters)
    address = text.value(f"trunc i64 %a to i{address_width}") if address_width < 64 else "%a"
    narrow = text.value(f"trunc i64 {kind} to i{kind_width}")
    for offset, value in ((cpu.WALK_ADDRESS, "%a"), (cpu.WALK_KIND, kind), (cpu.WALKING, "1")):
        text.set_field(offset, value)
    type_ = unit.results(function)
    call = f"call fastcc {type_} {symbol('f', hook)}(ptr %cpu, i{address_width} {address}, i{kind_width} {narrow})"
    result = text.value(call)
    text.set_field(cpu.WALKING, "0")
    if not unit.fails(hook):
        return result, None
    status = text.value(f"extractvalue {type_} {result}, 0")
    text.branch(text.value(f"icmp eq i32 {status}, 0"), "good", "bad")
    return result, status


def _status(text: FunctionText, status: str) -> str:
    """The status of a hook that failed, or UNFILLED_STATUS where the engine wants to be asked first."""
    raised = text.value(f"icmp eq i32 {status}, {cpu.RAISED_STATUS}")
    asked = text.value(f"icmp eq i64 {text.field(cpu.RAISED)}, {text.field(cpu.ASKED)}")
    bits = text.value(f"and i64 {text.field(cpu.ARGUMENTS)}, {text.field(cpu.ASKED_BITS)}")
    wanted = text.value(f"and i1 {asked}, {text.value(f'icmp ne i64 {bits}, 0')}")
    unfilled = text.value(f"and i1 {raised}, {wanted}")
    return text.value(f"select i1 {unfilled}, i32 {cpu.UNFILLED_STATUS}, i32 {status}")


def _settle(text: FunctionText) -> None:
    settled = text.value("call fastcc i32 @settle(ptr %cpu)")
    text.branch(text.value(f"icmp eq i32 {settled}, 0"), "settled", "unfilled")
    text.block("unfilled")
    text.end(_UNFILLED)
    text.block("settled")


def refill_text(unit: Unit, name: str, behind: int) -> str:
    """`refill(cpu, address, kind)`: enters the translation of a load (0) or a store (1); 0 where that could be done.

    `slot_at` of Python may know RAM that native code has not been shown yet: what is no slot's goes to the engine.
    Pages that code was decoded from get an entry that stands apart, and a store to them CODE_STATUS. `refill.apart`
    enters pages that `refill` must not, `behind` entries after the others; of these, none that holds code.
    """
    text = FunctionText()
    if not behind:
        text.branch(text.value("call fastcc i1 @watched(ptr %cpu, i64 %a)"), "unfilled", "open")
        text.block("open")
    _settle(text)
    _unless_known(text, behind)
    pa, permitted = _translated(unit, text, "%kind")
    page = text.value(f"and i64 {pa}, -4096")
    slot = text.value(f"call fastcc ptr @find_slot(ptr %cpu, i64 {page}, i64 4096)")
    wanted = text.value(f"and i64 {text.value(f'lshr i64 {permitted}, %kind')}, 1")
    text.branch(text.value(f"icmp eq i64 {wanted}, 0"), "unfilled", "permitted")
    text.block("permitted")
    text.branch(text.value(f"icmp eq ptr {slot}, null"), "elsewhere", "fill")
    text.block("elsewhere")
    text.set_field(cpu.PHYSICAL, pa)
    text.end(f"ret i32 {cpu.DEVICE_STATUS}")
    text.block("fill")
    context = text.field(cpu.CONTEXT)
    virtual = text.value("and i64 %a, -4096")
    key = text.value(f"or i64 {virtual}, {context}")
    number = text.value(f"add i64 {tlb_index(text, '%a', context)}, {behind}")
    delta = text.value(f"add i64 {text.value(f'sub i64 {page}, {virtual}')}, {slot_value(text, slot, 16)}")
    note_filled(text, number)
    text.branch(_bit(text, permitted, 1), "loads", "loaded")
    text.block("loads")
    _enter(text, cpu.LOADS, cpu.LOAD_ENTRY, number, (key, delta))
    text.block("loaded")
    text.branch(_bit(text, permitted, 2), "perhaps", "stored")
    text.block("perhaps")
    load = text.value("icmp eq i64 %kind, 0")
    read_only = text.value(f"icmp ne i64 {slot_value(text, slot, 40)}, 0")
    text.branch(read_only, "stored", "writable")
    text.block("writable")
    text.branch(is_code(text, slot, page), "stored" if behind else "code", "stores")
    text.block("stores")
    _enter(text, cpu.STORES, cpu.STORE_ENTRY, number, (key, delta, dirty_place(text, slot, page), "0"))
    text.end("ret i32 0")
    if not behind:
        text.block("code")
        apart = text.value(f"add i64 {number}, {cpu.APART}")
        note_filled(text, apart)
        values = (key, delta, dirty_place(text, slot, page), marks_place(text, slot, page))
        _enter(text, cpu.STORES, cpu.STORE_ENTRY, apart, values)
        text.end(f"ret i32 {text.value(f'select i1 {load}, i32 0, i32 {cpu.CODE_STATUS}')}")
    text.block("stored")
    text.branch(text.value("icmp eq i64 %kind, 0"), "done", "unfilled")
    text.block("done")
    text.end("ret i32 0")
    return text.text(f"define internal fastcc i32 @{name}(ptr %cpu, i64 %a, i64 %kind) noinline")


def _unless_known(text: FunctionText, behind: int) -> None:
    """Returns where the table has the translation: the context alone was not known (0), or it leads to a device."""
    context = text.field(cpu.CONTEXT)
    page = text.value("and i64 %a, -4096")
    key = text.value(f"or i64 {page}, {context}")
    device = text.value(f"or i64 {page}, {cpu.DEVICE_KEY}")
    number = text.value(f"add i64 {tlb_index(text, '%a', context)}, {behind}")
    text.branch(text.value("icmp eq i64 %kind, 0"), "load", "store")
    for name, table, size in (("load", cpu.LOADS, cpu.LOAD_ENTRY), ("store", cpu.STORES, cpu.STORE_ENTRY)):
        text.block(name)
        start = text.value(f"load ptr, ptr {text.address('%cpu', table)}, !invariant.load !0")
        entry = text.address(start, text.value(f"mul i64 {number}, {size}"))
        found = text.value(f"load i64, ptr {entry}")
        text.branch(text.value(f"icmp eq i64 {found}, {key}"), "known", f"{name}.other")
        text.block(f"{name}.other")
        value = text.value(f"load i64, ptr {text.address(entry, 8)}")
        here = text.value(f"icmp eq i64 {text.value(f'and i64 {value}, 4095')}, {context}")
        ours = text.value(f"and i1 {text.value(f'icmp eq i64 {found}, {device}')}, {here}")
        text.branch(ours, f"{name}.device", "new" if name == "load" or behind else "store.near")
        text.block(f"{name}.device")
        offset = text.value("and i64 %a, 4095")
        text.set_field(cpu.PHYSICAL, text.value(f"or i64 {text.value(f'and i64 {value}, -4096')}, {offset}"))
        text.end(f"ret i32 {cpu.DEVICE_STATUS}")
    if not behind:
        text.block("store.near")
        apart = text.value(f"add i64 {number}, {cpu.APART}")
        entry = entry_at(text, cpu.STORES, cpu.STORE_ENTRY, apart)
        same = text.value(f"icmp eq i64 {text.value(f'load i64, ptr {entry}')}, {key}")
        marks = text.value(f"load i64, ptr {text.address(entry, cpu.STORE_MARKS)}")
        text.branch(text.value(f"and i1 {same}, {text.value(f'icmp ne i64 {marks}, 0')}"), "code.known", "new")
        text.block("code.known")
        text.end(f"ret i32 {cpu.CODE_STATUS}")
    text.block("known")
    text.end("ret i32 0")
    text.block("new")


def refetch_text(unit: Unit) -> str:
    """`refetch(cpu, address, set code)`: enters the page of decoded code at an address, if there is one."""
    text = FunctionText()
    _settle(text)
    context = text.field(cpu.CONTEXT)
    number = fetch_index(text, "%a", context, "%set")
    own = text.value(f"or i64 {text.value('and i64 %a, -4096')}, {text.value(f'or i64 {context}, %set')}")
    start = text.value(f"load ptr, ptr {text.address('%cpu', cpu.FETCHES)}, !invariant.load !0")
    entry = text.address(start, text.value(f"mul i64 {number}, {cpu.FETCH_ENTRY}"))
    text.branch(text.value(f"icmp eq i64 {text.value(f'load i64, ptr {entry}')}, {own}"), "known", "new")
    text.block("known")
    text.end("ret i32 0")
    text.block("new")
    text.branch(text.value("call fastcc i1 @stops.in(ptr %cpu, i64 %a)"), "unfilled", "free")
    text.block("free")
    pa, permitted = _translated(unit, text, "2")
    page = text.value(f"and i64 {pa}, -4096")
    text.branch(_bit(text, permitted, 4), "permitted", "unfilled")
    text.block("permitted")
    key = text.value(f"or i64 {page}, {text.value('or i64 %set, 16')}")
    hook = unit.description.hooks.get("big_endian_fetch")
    if hook:
        big = text.value(f"call fastcc i1 {symbol('f', hook)}(ptr %cpu)")
        order = text.value(f"zext i1 {big} to i64")
        key = text.value(f"or i64 {key}, {text.value(f'shl i64 {order}, 5')}")
    start = text.value(f"load ptr, ptr {text.address('%cpu', cpu.PAGES)}, !invariant.load !0")
    place = text.value(f"and i64 {text.value(f'lshr i64 {page}, 12')}, {(1 << cpu.PAGE_MAP_BITS) - 1}")
    other = text.value(f"shl i64 {text.value('and i64 %set, 1')}, {cpu.PAGE_MAP_BITS - 1}")
    place = text.value(f"xor i64 {place}, {other}")
    entry = text.address(start, text.value(f"mul i64 {place}, {cpu.PAGE_MAP_ENTRY}"))
    text.branch(text.value(f"icmp eq i64 {text.value(f'load i64, ptr {entry}')}, {key}"), "fill", "unfilled")
    text.block("fill")
    code = text.value(f"load i64, ptr {text.address(entry, 8)}")
    note_filled(text, number)
    _enter(text, cpu.FETCHES, cpu.FETCH_ENTRY, number, (own, code))
    text.end("ret i32 0")
    return text.text("define internal fastcc i32 @refetch(ptr %cpu, i64 %a, i64 %set) noinline")


def _bit(text: FunctionText, value: str, bit: int) -> str:
    return text.value(f"icmp ne i64 {text.value(f'and i64 {value}, {bit}')}, 0")


def _enter(text: FunctionText, table: int, size: int, number: str, values: tuple[str, ...]) -> None:
    start = text.value(f"load ptr, ptr {text.address('%cpu', table)}, !invariant.load !0")
    entry = text.address(start, text.value(f"mul i64 {number}, {size}"))
    for at, value in enumerate(values):
        text.do(f"store i64 {value}, ptr {text.address(entry, 8 * at)}")
