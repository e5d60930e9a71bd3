"""Writing stencils: from a form's variant, the modes and what else decides what its code is, to IR."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ....model import code
from ....model.items import Description, Field, Form
from ...purity import walk
from ..bodies import Unit, Variant, Variants, may_change_set, needed_accesses, with_lanes
from ..building import host_has_fma
from ..copies import HOT, INDIRECT, MISS, NEXT, OWN, WAY, Accesses, Hole, Kit, Mode, Modes, Settled, TooMuchError
from ..floats import quick_texts
from ..handlers import function_text
from ..memory import memory_functions
from ..shared import cpu_layout as cpu
from ..text import BRANCH_WEIGHTS, WIDE_DIVISION, FunctionText, declarations, symbol
from .body_text import StencilBody, UnfitError, bounds_text
from .glue_text import STENCILS, definition, way_out
from .modes import Looks, modes_of

_REFERENCE = re.compile(r'@("[^"]*"|[\w$.-]+)')
_DEFINITION = re.compile(r"^(?=define )", re.MULTILINE)
_NAME = re.compile(r'define [^@]*@("[^"]*"|[\w$.-]+)')
_MOST_WAYS = 4
_NARROW, _WIDE = 5, 16
"""Bits of a field that is told apart by each of its values: between these."""
_LONGEST_NUMBER = 8
"""Bytes."""
_LARGEST_TEXT = 24_000
"""Characters of the longest text, with all that is inlined in it: what is longer makes no stencil that is short enough,
and takes LLVM tenths of a second."""
Choose = Callable[[code.Expression], int]


@dataclass(frozen=True, slots=True)
class Draft:
    """A stencil that has not been compiled."""

    name: str
    form: str
    variant: int
    modes: Modes
    chosen: tuple[tuple[code.Expression, int], ...]
    apart: tuple[tuple[int, int], ...]
    holes: Mapping[Hole, str]
    ways: tuple[code.Expression, ...]
    text: str


class Writer:
    """Writes a description's stencils."""

    def __init__(self, description: Description, known: Kit | None) -> None:
        """Without what is known looks through all bodies, which takes tenths of a second."""
        self.modes = modes_of(Unit(description, host_has_fma())) if known is None else known.modes
        self.unit = Unit(with_lanes(description), host_has_fma())
        self.accesses: Accesses = tuple(needed_accesses(description)) if known is None else known.accesses
        self.settled = Settled(description.functions, self.modes)
        self._looks = Looks(description, self.modes)
        self._variants = Variants(self.unit.description, self.unit.effects, False)
        self._known: dict[str, list[Variant]] = {}
        self._told: dict[tuple[str, str, int], Variant | None] = {}
        self._names = 0
        self._functions = {symbol("f", name).removeprefix("@"): name for name in description.functions}
        self._texts: dict[str, str | None] = {}
        self._lengths: dict[str, int] = {}
        self._bounds: dict[code.Expression, int | None] = {}

    def variants(self, form: Form) -> list[Variant]:
        """A form's, in the order in which native code has them."""
        if form.name not in self._known:
            self._known[form.name] = self._variants.of(form)
        return self._known[form.name]

    def is_plain(self, variant: Variant) -> bool:
        """Whether a variant computes with numbers of the host's size alone."""
        if self.unit.effects.body(variant.body).floats:
            return False
        accesses = (node for node in walk(variant.body) if isinstance(node, (code.ReadRegister, code.SetRegister)))
        return all(self.unit.place(node.register)[1].size <= _LONGEST_NUMBER for node in accesses)

    def modes_read(self, variant: Variant) -> tuple[Mode, ...]:
        """The modes that decide what a variant's stencil is."""
        return self._looks.reads(variant.body)

    def told_apart(self, form: Form) -> list[Field]:
        """The fields of a form without variants of which one value might have a stencil."""
        if self.variants(form):
            return []
        return [field for field in form.fields if field.fixed < 0 and _NARROW < field.width <= _WIDE]

    def told(self, form: Form, fields: Mapping[str, int]) -> Variant | None:
        """What a form without variants does where one of its fields has the value that it has in `fields`."""
        for field in self.told_apart(form):
            key = form.name, field.name, fields[field.name]
            if key not in self._told:
                self._told[key] = self._variants.told(form, field.name, fields[field.name])
            if self._told[key] is not None:
                return self._told[key]
        return None

    def write(
        self, variant: Variant, number: int, registers: Mapping[str, int], choose: Choose, told: Mapping[str, int]
    ) -> Draft | None:
        """A stencil for the modes that stand in `registers`; None where there can be none. `told` are fields that the
        variant is for."""
        form = variant.form
        description = self.unit.description
        if may_change_set(description, variant.body) and not self.settled.is_pure(description.set_state):
            return None
        self._names += 1
        name = f"s{self._names}"
        text = FunctionText()
        modes = self._assume(text, variant, registers)
        floats = self.unit.effects.body(variant.body).floats
        facts = self.settled, self._looks, registers, choose, name, self._bounds
        body = StencilBody(self.unit, text, floats, form, *facts)
        try:
            body.form(form, variant.body)
        except (TooMuchError, UnfitError):
            return None
        _end(text, body)
        if len(body.ways) > _MOST_WAYS:
            return None
        whole = definition(name, text)
        if len(whole) + self._inlined(whole) > _LARGEST_TEXT:
            return None
        widths = {field.name: field.width for field in form.fields}
        fixed = tuple((code.Local(name, widths[name]), told[name]) for name, _ in variant.assumed if name in told)
        chosen = (*fixed, *body.chosen.items())
        apart = tuple(sorted(body.apart))
        return Draft(name, form.name, number, modes, chosen, apart, dict(body.holes), tuple(body.ways), whole)

    def _assume(self, text: FunctionText, variant: Variant, registers: Mapping[str, int]) -> Modes:
        """Tells LLVM the modes."""
        masks: dict[str, int] = {}
        for mode in self.modes_read(variant):
            masks[mode.register] = masks.get(mode.register, 0) | mode.mask
        found = []
        for register, mask in sorted(masks.items()):
            slot = self.unit.place(register)[1]
            bits = slot.size * 8
            wanted = registers[register] & mask
            place = text.address("%cpu", self._offset(register))
            value = text.value(f"and i{bits} {text.value(f'load i{bits}, ptr {place}')}, {mask}")
            text.do(f"call void @llvm.assume(i1 {text.value(f'icmp eq i{bits} {value}, {wanted}')})")
            found.append((register, mask, wanted))
        return tuple(found)

    def _offset(self, register: str) -> int:
        return cpu.THREAD + self.unit.place(register)[1].offset

    @functools.cached_property
    def _fixed(self) -> dict[str, str]:
        accesses = memory_functions(self.unit, self.accesses)
        texts = [WIDE_DIVISION, *accesses, *quick_texts(self.unit.has_fma)]
        found = {}
        for text in _DEFINITION.split("\n".join(texts)):
            name = _NAME.match(text)
            if name is not None:
                found[name[1]] = text.rstrip()
        return found

    def _definition(self, name: str) -> str | None:
        """The text of what handlers use, by its name."""
        if name not in self._texts:
            function = self._functions.get(name)
            if function is None:
                self._texts[name] = self._fixed.get(name)
            else:
                self._texts[name] = function_text(self.unit, self.unit.description.functions[function])
        return self._texts[name]

    def _inlined(self, text: str) -> int:
        """Characters of what a text calls, as often as it does."""
        return sum(self._length(name) for name in _REFERENCE.findall(text.split("\n", 1)[1]))

    def _length(self, name: str) -> int:
        """Those of a function with what it calls."""
        if name not in self._lengths:
            text = None if name.startswith("llvm.") else self._definition(name)
            self._lengths[name] = 0
            self._lengths[name] = 0 if text is None else len(text) + self._inlined(text)
        return self._lengths[name]

    def module(self, drafts: Iterable[Draft], more: Iterable[str] = (), signature: str = STENCILS) -> str:
        """One module of drafts and other texts, with what they call; `signature` is that of ways out."""
        texts = [*more]
        for draft in drafts:
            texts += [draft.text, *bounds_text(draft.holes)]
        waiting, seen = _REFERENCE.findall("\n".join(texts)), set[str]()
        while waiting:
            name = waiting.pop()
            if name in seen or name.startswith("llvm."):
                continue
            text = self._definition(name)
            if text is None:
                continue
            seen.add(name)
            texts.append(_inlined(text))
            waiting += _REFERENCE.findall(text)
        ways = [NEXT, OWN, INDIRECT, MISS, HOT, *(f"{WAY}{number}" for number in range(_MOST_WAYS))]
        defined = set(re.findall(r"define [^@]*@([\w.]+)", "\n".join(texts)))
        texts += [f"declare preserve_nonecc i32 @{way}{signature}" for way in ways if way not in defined]
        whole = "\n".join(texts)
        return "\n".join([whole, BRANCH_WEIGHTS, declarations(whole), "declare void @llvm.assume(i1)"])


def _inlined(text: str) -> str:
    """A function that is part of whoever calls it."""
    head, rest = text.split("\n", 1)
    head = re.sub("^define (internal )?", "define internal ", head)
    if "noinline" not in head and "alwaysinline" not in head:
        head = head.removesuffix("{") + "alwaysinline {"
    return f"{head}\n{rest}"


def _end(text: FunctionText, body: StencilBody) -> None:
    text.block("done")
    for number, place in enumerate(body.taken):
        taken, on = text.name(), text.name()
        text.branch(text.value(f"load i1, ptr {place}"), taken, on)
        text.block(taken)
        way_out(text, f"{WAY}{number}")
        text.block(on)
    if body.computes_next:
        text.branch(text.value(f"load i1, ptr {body.jumps}"), "jumps", "follows")
        text.block("jumps")
        way_out(text, INDIRECT, text.value(f"load i64, ptr {body.next}"))
        text.block("follows")
    way_out(text, NEXT)
    text.block("own")
    way_out(text, OWN)


def depends_on_address(e: code.Expression) -> bool:
    """Whether a number depends on the instruction's address."""
    return any(isinstance(node, code.Special) and node.name == "cia" for node in walk(e))
