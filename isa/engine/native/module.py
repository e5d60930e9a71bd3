"""The whole IR module of a description."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...model.items import Description
from . import cpu_layout as cpu
from .beside_text import beside_text
from .call_text import call_name, call_text, callable_functions
from .declarations import declarations
from .decode_text import Assumptions, decode_texts
from .endings import ends_code
from .entry_text import arrive_text, enter_texts, jump_texts, run_text, stopping_text
from .fill_text import fill_texts
from .float_text import quick_texts
from .flush_text import flush_texts
from .handlers import form_text, function_text, handler_name
from .memory_text import memory_functions
from .operations import Operation
from .operators import WIDE_DIVISION
from .physical_text import find_slot_text, holds_code_text
from .poll_text import poll_texts
from .quick_handlers import variant_name, variant_text
from .special_handlers import SPECIAL_HANDLERS, STOPS, Progress
from .text import BRANCH_WEIGHTS, FunctionText
from .unit import Unit
from .variants import Variant, Variants
from .walk_text import refetch_text, refill_text, settle_text
from .watch_text import watch_texts


@dataclass(frozen=True, slots=True)
class EmittedModule:
    """IR text; the operations that it asks for; the forms, in the order of the table `handlers` behind the special
    ones; interrupts and exits by number."""

    text: str
    operations: tuple[Operation, ...]
    forms: tuple[str, ...]
    variants: tuple[tuple[str, Assumptions], ...]
    """Form and assumptions of each variant, in the order of the table `handlers` behind the forms."""
    functions: tuple[str, ...]
    """Those that Python can call, in the order of the table `calls`."""
    lines: tuple[int, ...] = ()
    """Packed lines of the statements that note that they ran, in the order of their marks."""


def emit_module(
    description: Description, has_fma: bool, progress: Progress | None = None, covering: bool = False
) -> EmittedModule:
    """Emits all bodies; `has_fma` and `covering`: see `Unit`."""
    unit = Unit(description, has_fma, covering)
    chosen = list(description.forms)
    texts = [WIDE_DIVISION, _request(), *jump_texts(unit), arrive_text()]
    texts += [*enter_texts(unit), run_text(), *memory_functions(unit)]
    texts += [*flush_texts(), *poll_texts(unit)]
    texts += quick_texts(has_fma)
    texts += [find_slot_text(), holds_code_text(), beside_text(), *watch_texts()]
    texts += [settle_text(unit), refetch_text(unit)]
    texts += [refill_text(unit, "refill", 0), refill_text(unit, "refill.apart", cpu.APART)]
    texts += [stopping_text(name, status) for name, status in STOPS.items()]
    choice = Variants(description, unit.effects, covering)
    variants: list[Variant] = []
    variant_names: list[str] = []
    total = len(unit.functions) + len(chosen)
    for done, name in enumerate([*unit.functions, *chosen]):
        if progress is not None and done % 32 == 0:
            progress("writing native code", done, total)
        if done < len(unit.functions):
            texts.append(function_text(unit, description.functions[name]))
        else:
            found = choice.of(description.forms[name])
            texts.append(form_text(unit, description.forms[name], bool(found)))
            for number, variant in enumerate(found):
                variants.append(variant)
                variant_names.append(variant_name(name, number))
                texts.append(variant_text(unit, variant, number))
    handlers = [*(f"@{name}" for name in SPECIAL_HANDLERS), *(handler_name(name) for name in chosen), *variant_names]
    first = len(SPECIAL_HANDLERS)
    numbers = {name: first + at for at, name in enumerate(chosen)}
    numbered: dict[str, list[tuple[int, Assumptions]]] = {}
    for at, variant in enumerate(variants):
        numbered.setdefault(variant.form.name, []).append((first + len(chosen) + at, variant.assumed))
    texts += [*decode_texts(description, numbers, numbered), *fill_texts(unit), _ends(description, chosen, variants)]
    table = ", ".join(f"ptr {name}" for name in handlers)
    texts.append(f"@handlers = constant [{len(handlers)} x ptr] [{table}]")
    callable_ = callable_functions(unit)
    texts += [call_text(unit, description.functions[name]) for name in callable_]
    calls = ", ".join(f"ptr {call_name(name)}" for name in callable_)
    texts.append(f"@calls = constant [{len(callable_)} x ptr] [{calls}]")
    texts.append(f"@covered = global [{len(unit.covered or ())} x i8] zeroinitializer")
    texts.append(BRANCH_WEIGHTS)
    whole = "\n".join([*texts, declarations("\n".join(texts))])
    assumed = tuple((variant.form.name, variant.assumed) for variant in variants)
    return EmittedModule(whole, unit.operations.all(), tuple(chosen), assumed, callable_, tuple(unit.covered or ()))


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
