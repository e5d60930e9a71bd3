"""Coverage of descriptions: which statements ran, of those that there are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..model import code
from ..model.items import Description
from .purity import walk

_STATEMENTS = (
    code.Let, code.Set, code.CallInto, code.BuiltinInto, code.SetRegister, code.SetNext, code.SetMemory,
    code.SetPhysical, code.Do, code.If, code.Switch, code.For, code.Return, code.Raise, code.Leave,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FileCoverage:
    """Line numbers of one `.isa` file's statements: those that ran, and those that did not."""

    file: str
    run: tuple[int, ...]
    missed: tuple[int, ...]


def statement_lines(description: Description) -> frozenset[int]:
    """The packed lines of all statements of functions, forms and devices."""
    bodies = [function.body for function in description.functions.values()]
    bodies += [form.body for form in description.forms.values()]
    bodies += [function.body for device in description.devices.values() for function in device.functions.values()]
    return frozenset(node.line for node in walk(tuple(bodies)) if isinstance(node, _STATEMENTS) and node.line)


@dataclass(frozen=True, slots=True)
class BodyCoverage:
    """A form, function or interrupt, and the packed lines of its statements."""

    kind: str
    name: str
    lines: frozenset[int]


def bodies(description: Description) -> tuple[BodyCoverage, ...]:
    """All bodies that have statements. An interrupt's is that of its function, a hook's of the function it names."""
    interrupts = {interrupt.function: name for name, interrupt in description.interrupts.items()}
    hooks = {function: name for name, function in description.hooks.items()}
    found = [BodyCoverage("form", name, _lines(form.body)) for name, form in description.forms.items()]
    for name, function in description.functions.items():
        kind, own = "function", name
        if name in interrupts:
            kind, own = "interrupt", interrupts[name]
        elif name in hooks:
            kind, own = "hook", hooks[name]
        found.append(BodyCoverage(kind, own, _lines(function.body)))
    return tuple(body for body in found if body.lines)


def _lines(body: code.Body) -> frozenset[int]:
    return frozenset(node.line for node in walk(tuple(body)) if isinstance(node, _STATEMENTS) and node.line)


def coverage_report(description: Description, seen: set[int], lines: Iterable[int]) -> tuple[FileCoverage, ...]:
    """What the packed lines that an engine collected (its `coverage`) come to, by file; of `lines` that there are."""
    run: dict[int, list[int]] = {}
    missed: dict[int, list[int]] = {}
    for line in sorted(set(lines)):
        side = run if line in seen else missed
        side.setdefault(line >> 20, []).append(line & 0xFFFFF)
    return tuple(
        FileCoverage(name, tuple(run.get(number, ())), tuple(missed.get(number, ())))
        for number, name in enumerate(description.files)
        if number in run or number in missed
    )
