"""Coverage of descriptions: which statements ran, of those that there are."""

from __future__ import annotations

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


def coverage_report(description: Description, seen: set[int]) -> tuple[FileCoverage, ...]:
    """What the packed lines that an engine collected (its `coverage`) come to, by file."""
    run: dict[int, list[int]] = {}
    missed: dict[int, list[int]] = {}
    for line in sorted(statement_lines(description)):
        side = run if line in seen else missed
        side.setdefault(line >> 20, []).append(line & 0xFFFFF)
    return tuple(
        FileCoverage(name, tuple(run.get(number, ())), tuple(missed.get(number, ())))
        for number, name in enumerate(description.files)
        if number in run or number in missed
    )
