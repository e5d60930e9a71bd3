"""The IR of each part of a description's native code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from ....model.items import Description
from ...purity import reachable
from ..bodies import Unit, Variants, needed_accesses, needed_functions, with_lanes
from ..floats import quick_texts
from ..handlers import (
    arrive_text,
    call_text,
    decode_texts,
    enter_texts,
    fill_texts,
    function_text,
    handler_texts,
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
from ..shared import PICKS, STOPS, Operation, ends_code, symbol
from ..shared import cpu_layout as cpu
from ..text import WIDE_DIVISION, FunctionText
from .compiler import Effort
from .ir_modules import Definitions, definitions, module_of, references
from .parts import Planner, functions_in_forms
from .plans import CORE, DECODER, Part

_REQUEST = re.compile(r"@request\(ptr %cpu, i64 (\d+)\)")
_COVERED = "@covered"


@dataclass(frozen=True, slots=True)
class PartText:
    """Modules and how much work each is worth; the operations that they ask for, by number; the packed lines of the
    statements that note that they ran, in the order of their marks."""

    modules: tuple[tuple[str, Effort], ...]
    operations: dict[int, Operation]
    lines: tuple[int, ...]


class PartTexts:
    """Writes the parts of one description."""

    def __init__(self, description: Description, planner: Planner, has_fma: bool, covering: bool) -> None:
        """`has_fma` and `covering`: see `Unit`."""
        # A loop that is done at once would not tell which of its statements ran.
        self._description = description if covering else with_lanes(description)
        self._unit = Unit(self._description, has_fma, covering)
        self._covering = covering
        self._core_functions = frozenset(planner.core_functions)
        self._choice = Variants(self._description, self._unit.effects, covering)
        # Python may call what is in lanes everywhere else, too.
        self._symbols = {symbol("f", name).removeprefix("@"): name for name in needed_functions(description)}
        self._written: dict[str, str] = {}

    def text(self, number: int, part: Part) -> PartText:
        """A part."""
        if self._covering:
            self._written.clear()
            self._unit.covered = {}
        if number == CORE:
            modules = self._core(part)
        elif number == DECODER:
            modules = self._decoder()
        elif part.forms:
            modules = self._forms(part)
        else:
            modules = iter([self._calls(part.functions, with_functions=True)])
        found = [*modules]
        known = self._unit.operations.by_number()
        asked = {int(number) for text, _ in found for number in _REQUEST.findall(text)}
        lines = tuple(self._unit.covered or ())
        if self._covering:
            marks = f"{_COVERED} = global [{len(lines)} x i8] zeroinitializer"
            found.append((marks, Effort.LITTLE))
        return PartText(tuple(found), {number: known[number] for number in sorted(asked)}, lines)

    @cached_property
    def _machinery(self) -> Definitions:
        """What is needed besides described functions."""
        unit = self._unit
        texts = [WIDE_DIVISION, _request(), *jump_texts(unit), arrive_text()]
        texts += [*enter_texts(unit), run_text(), *memory_functions(unit, needed_accesses(self._description))]
        texts += [*flush_texts(), *poll_texts(unit)]
        texts += quick_texts(unit.has_fma)
        texts += [find_slot_text(), holds_code_text(), beside_text(), *watch_texts()]
        texts += [settle_text(unit), refetch_text(unit), translated_text(unit)]
        texts += [refill_text(unit, "refill", 0), refill_text(unit, "refill.apart", cpu.APART)]
        texts += [*log_texts(unit), illegal_text(unit)]
        texts += [stopping_text(name, status) for name, status in STOPS.items()]
        return definitions(texts)

    def _find(self, name: str) -> str | None:
        found = self._machinery.get(name) or self._written.get(name)
        if found is None and name in self._symbols:
            described = self._description.functions[self._symbols[name]]
            found = self._written[name] = function_text(self._unit, described)
        return found

    def _core(self, part: Part) -> Iterator[tuple[str, Effort]]:
        functions = [self._description.functions[name] for name in self._description.functions
                     if name in self._core_functions]  # fmt: skip
        own = self._machinery | definitions(function_text(self._unit, function) for function in functions)
        yield module_of(own, (), self._find, lambda _: False, Effort.ALL)[0], Effort.ALL
        yield self._calls(part.functions)

    def _decoder(self) -> Iterator[tuple[str, Effort]]:
        description = self._description
        texts = [*decode_texts(description), *fill_texts(self._unit)]
        data = [text for text in texts if text.startswith(f"@{PICKS}")]
        flags = [ends_code(description.functions, form.body, True) for form in description.forms.values()]
        data.append(f"@ends = constant [{len(flags)} x i8] [{', '.join(f'i8 {int(flag)}' for flag in flags)}]")
        own = definitions(text for text in texts if text not in data)
        yield module_of(own, data, self._find, lambda _: False, Effort.SOME)[0], Effort.SOME

    def _forms(self, part: Part) -> Iterator[tuple[str, Effort]]:
        forms = [self._description.forms[name] for name in part.forms]
        within = frozenset(reachable(self._description.functions, functions_in_forms(self._description, forms)))
        texts = handler_texts(self._unit, self._choice, part.forms)
        groups = {
            Effort.LITTLE: definitions(texts.rare),
            Effort.ALL: definitions(texts.floats),
            Effort.SOME: definitions(texts.usual),
        }
        handlers = {name: text for group in groups.values() for name, text in group.items()}

        def find(name: str) -> str | None:
            return handlers.get(name) or self._find(name)

        def may_copy(name: str) -> bool:
            return name not in handlers and self._symbols.get(name, "") in within | {""}

        wanted: set[str] = set()
        for effort, own in groups.items():
            if effort is Effort.SOME:
                # The last one has what the others have left out.
                own = own | self._private(own.values(), sorted(wanted))
            if own:
                text, outside = module_of(own, (), find, may_copy, effort)
                wanted |= outside
                yield text, effort

    def _calls(self, functions: Iterable[str], with_functions: bool = False) -> tuple[str, Effort]:
        """What Python calls: it has no hurry."""
        own = definitions(call_text(self._unit, self._description.functions[name]) for name in functions)
        if with_functions:
            own |= self._private(own.values())
        return module_of(own, (), self._find, lambda _: False, Effort.LITTLE)[0], Effort.LITTLE

    def _private(self, texts: Iterable[str], names: Iterable[str] = ()) -> Definitions:
        """The described functions that are called in texts, or named, and that the core has not; with all that these
        call."""
        found: Definitions = {}
        waiting = [*names, *(name for text in texts for name in references(text))]
        while waiting:
            name = waiting.pop()
            if name in found or self._symbols.get(name, "") in self._core_functions | {""}:
                continue
            text = self._find(name)
            assert text is not None
            found[name] = text
            waiting += references(text)
        return found


def _request() -> str:
    """Calls back into the engine."""
    text = FunctionText()
    callback = text.value(f"load ptr, ptr {text.address('%cpu', cpu.CALLBACK)}, !invariant.load !0")
    text.end(f"ret i32 {text.value(f'call i32 {callback}(i64 %number)')}")
    return text.text("define internal fastcc i32 @request(ptr %cpu, i64 %number) noinline cold")
