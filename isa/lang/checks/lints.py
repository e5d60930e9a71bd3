"""Lints: what nothing names, and writes that a fault would leave half done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from ...model import code
from ...model import items as model
from ..lowering.base import children
from ..tree import Item, Span
from ..tree.diagnostics import Problems

_KINDS: Final = {"function": "function", "format": "format", "operand": "operand", "names": "names list"}


def check_unused(items: Sequence[Item], problems: Problems, shipped: frozenset[str]) -> None:
    """Functions, formats, operands and names lists that no item of the description names but themselves.

    Functions of `shipped` files have callers outside the description: models and machines.
    """
    named: Counter[str] = Counter()
    own: Counter[tuple[str, str]] = Counter()
    for item in items:
        named.update(item.mentions.split(" "))
        own.update((item.kind, name) for name in _declared(item) if item.kind in _KINDS)
    for item in items:
        if item.kind not in _KINDS or item.span.within is not None:
            continue
        if item.kind == "function" and (item.span.file in shipped or item.name.startswith("regime_")):
            continue
        for name in _declared(item):
            if named[name] == own[item.kind, name]:
                problems.warn(
                    "unused", f"nothing names {_KINDS[item.kind]} '{name}'", item.span, "leave it out, or use it"
                )


def _declared(item: Item) -> list[str]:
    return [str(name) for name in item.parts["names"]] if item.kind == "operand" else [item.name]


def check_order(forms: Iterable[model.Form], files: Sequence[str], problems: Problems) -> None:
    """Registers that an instruction writes before an access that can fault: the handler would find them changed."""
    for form in forms:
        found = _late_access(form.body, set())
        if found is not None:
            line, register = found
            span = Span(files[line >> 20], line & 0xFFFFF, 1, line & 0xFFFFF, 2)
            problems.warn(
                "order",
                f"'{form.instruction}' has written {register} when this access to memory may fault",
                span,
                "read what memory has into a `let` first, then write registers",
            )


def check_read_back(forms: Iterable[model.Form], files: Sequence[str], problems: Problems) -> None:
    """Elements of a register that an instruction reads by one field behind having written by another one: both may be
    the same element, and the old value is gone then."""
    for form in forms:
        names = {field.name for field in form.fields}
        found = _read_back(form.body, {}, names)
        if found is not None:
            line, register, wrote, read = found
            span = Span(files[line >> 20], line & 0xFFFFF, 1, line & 0xFFFFF, 2)
            problems.warn(
                "order",
                f"'{form.instruction}' reads {register}[{read}] when it has written {register}[{wrote}], "
                "which may be the same one",
                span,
                "read both into `let`s first, then write",
            )


def _read_back(
    body: Iterable[code.Statement], written: dict[str, set[str]], fields: set[str]
) -> tuple[int, str, str, str] | None:
    for statement in body:
        for register, index in _reads(statement):
            other = next((one for one in sorted(written.get(register, ())) if one != index), None)
            if index in fields and other is not None:
                return statement.line, register, other, index
        if isinstance(statement, code.SetRegister) and isinstance(statement.index, code.Local):
            if statement.index.name in fields:
                written.setdefault(statement.register, set()).add(statement.index.name)
        elif isinstance(statement, code.If):
            for inner in (statement.then, statement.otherwise):
                found = _read_back(inner, {name: set(own) for name, own in written.items()}, fields)
                if found is not None:
                    return found
    return None


def _reads(statement: code.Statement) -> Iterator[tuple[str, str]]:
    """Elements of registers that a statement reads by a local name."""
    parts = [getattr(statement, name, None) for name in ("value", "condition", "address", "index")]
    waiting = [value for value in parts if isinstance(value, code.Expression)]
    waiting += [one for one in getattr(statement, "arguments", ()) if isinstance(one, code.Expression)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, code.ReadRegister) and isinstance(node.index, code.Local):
            yield node.register, node.index.name
        waiting += children(node)


def _late_access(body: Iterable[code.Statement], written: set[str]) -> tuple[int, str] | None:
    for statement in body:
        if written and (isinstance(statement, code.SetMemory) or _reads_memory(statement)):
            return statement.line, sorted(written)[0]
        if isinstance(statement, code.SetRegister):
            written.add(statement.register)
        elif isinstance(statement, code.If):
            branches = [set(written), set(written)]
            for inner, own in zip((statement.then, statement.otherwise), branches, strict=True):
                found = _late_access(inner, own)
                if found is not None:
                    return found
            written |= branches[0] & branches[1]
    return None


def _reads_memory(statement: code.Statement) -> bool:
    value = getattr(statement, "value", None)
    waiting = [value] if isinstance(value, code.Expression) else []
    while waiting:
        node = waiting.pop()
        if isinstance(node, code.ReadMemory):
            return True
        waiting += children(node)
    return False
