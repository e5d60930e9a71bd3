"""All IR of a description."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ....model.items import Description
from ..bodies import Unit, Variant
from ..floats import quick_texts
from ..handlers import (
    FormTexts,
    arrive_text,
    call_name,
    call_text,
    callable_functions,
    decode_texts,
    enter_texts,
    fill_texts,
    function_text,
    handler_name,
    illegal_text,
    jump_texts,
    log_texts,
    poll_texts,
    run_text,
    stopping_text,
)
from ..memory import (
    beside_text,
    find_slot_text,
    flush_texts,
    holds_code_text,
    memory_functions,
    refetch_text,
    refill_text,
    settle_text,
    translated_text,
    watch_texts,
)
from ..shared import SPECIAL_HANDLERS, STOPS, Assumptions, Operation, Progress, ends_code
from ..shared import cpu_layout as cpu
from ..text import WIDE_DIVISION, FunctionText
from .compiler import Effort
from .shards import Shards, shards_of


@dataclass(frozen=True, slots=True)
class EmittedModule:
    """The operations that native code asks for; the forms, in the order of the table `handlers` behind the special
    ones."""

    operations: tuple[Operation, ...]
    forms: tuple[str, ...]
    variants: tuple[tuple[str, Assumptions], ...]
    """Form and assumptions of each variant, in the order of the table `handlers` behind the forms."""
    functions: tuple[str, ...]
    """Those that Python can call, in the order of the table `calls`."""
    lines: tuple[int, ...] = ()
    """Packed lines of the statements that note that they ran, in the order of their marks."""


def emit_module(
    description: Description,
    has_fma: bool,
    submit: Callable[[str, Effort], None],
    progress: Progress | None = None,
    covering: bool = False,
) -> EmittedModule:
    """Emits all bodies in modules, each of which is submitted as soon as it is written; `has_fma` and `covering`: see
    `Unit`."""
    unit = Unit(description, has_fma, covering)
    shared = _shared_texts(unit)
    shards = shards_of(description.forms.values())
    pieces, forms = Shards(shared), FormTexts(unit, progress)
    own: list[str] = []
    for names in shards:
        texts = forms.texts(names)
        if len(shards) == 1:
            own = [*texts.usual, *texts.floats, *texts.rare]
            continue
        for some, effort in zip(texts, (Effort.SOME, Effort.ALL, Effort.LITTLE), strict=True):
            submit(pieces.shard(some, effort), effort)
    chosen, variants = list(description.forms), forms.variants()
    names = [*(f"@{name}" for name in SPECIAL_HANDLERS), *map(handler_name, chosen), *(name for name, _ in variants)]
    first = len(SPECIAL_HANDLERS)
    numbered: dict[str, list[tuple[int, Assumptions]]] = {}
    for at, (_, variant) in enumerate(variants):
        numbered.setdefault(variant.form.name, []).append((first + len(chosen) + at, variant.assumed))
    numbers = {name: first + at for at, name in enumerate(chosen)}
    callable_ = callable_functions(unit)
    rest = [*decode_texts(description, numbers, numbered), *fill_texts(unit)]
    rest += [_ends(description, chosen, [variant for _, variant in variants])]
    rest += [call_text(unit, description.functions[name]) for name in callable_]
    rest += [_table("handlers", names), _table("calls", [call_name(name) for name in callable_])]
    rest.append(f"@covered = global [{len(unit.covered or ())} x i8] zeroinitializer")
    submit(pieces.core([*own, *rest]), Effort.ALL)
    assumed = tuple((variant.form.name, variant.assumed) for _, variant in variants)
    return EmittedModule(unit.operations.all(), tuple(chosen), assumed, callable_, tuple(unit.covered or ()))


def _shared_texts(unit: Unit) -> list[str]:
    """What handlers use."""
    texts = [WIDE_DIVISION, _request(), *jump_texts(unit), arrive_text()]
    texts += [*enter_texts(unit), run_text(), *memory_functions(unit)]
    texts += [*flush_texts(), *poll_texts(unit)]
    texts += quick_texts(unit.has_fma)
    texts += [find_slot_text(), holds_code_text(), beside_text(), *watch_texts()]
    texts += [settle_text(unit), refetch_text(unit), translated_text(unit)]
    texts += [refill_text(unit, "refill", 0), refill_text(unit, "refill.apart", cpu.APART)]
    texts += [*log_texts(unit), illegal_text(unit)]
    texts += [stopping_text(name, status) for name, status in STOPS.items()]
    return texts + [function_text(unit, unit.description.functions[name]) for name in unit.functions]


def _table(name: str, entries: Sequence[str]) -> str:
    return f"@{name} = constant [{len(entries)} x ptr] [{', '.join(f'ptr {entry}' for entry in entries)}]"


def _ends(description: Description, chosen: Sequence[str], variants: Sequence[Variant]) -> str:
    """For each handler whether code need not go on behind its instruction."""
    ends = {name: ends_code(description.functions, description.forms[name].body, True) for name in chosen}
    flags = [False] * len(SPECIAL_HANDLERS) + [ends[name] for name in chosen]
    flags += [ends[variant.form.name] for variant in variants]
    return f"@ends = internal constant [{len(flags)} x i8] [{', '.join(f'i8 {int(flag)}' for flag in flags)}]"


def _request() -> str:
    """Calls back into the engine."""
    text = FunctionText()
    callback = text.value(f"load ptr, ptr {text.address('%cpu', cpu.CALLBACK)}, !invariant.load !0")
    text.end(f"ret i32 {text.value(f'call i32 {callback}(i32 %number)')}")
    return text.text("define internal fastcc i32 @request(ptr %cpu, i32 %number) noinline cold")
