"""Which described functions need state: registers, memory, the engine, or the means to raise.

The others are pure: they are compiled without the engine's parameters, and the assembler can call them.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from ..model import code

PURE_BUILTINS = frozenset({
    "replicate", "rotate_left", "rotate_right", "count_leading_zeros", "count_trailing_zeros", "count_ones",
    "bit_reverse", "byte_reverse", "add_with_carry", "saturate_signed", "saturate_unsigned",
})  # fmt: skip
"""Built-ins whose result depends on their arguments alone; so do all whose name begins with fp_ or lanes_."""

_STATEFUL = (
    code.Special, code.ReadRegister, code.ReadMemory, code.ReadPhysical, code.SetRegister, code.SetNext, code.SetMemory,
    code.SetPhysical, code.Raise, code.Leave,
)  # fmt: skip


def walk(node: object) -> Iterator[object]:
    """A node and all nodes below it."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        if type(found) is tuple:
            waiting.extend(found[::-1])
        elif isinstance(found, msgspec.Struct):
            yield found
            for field in _inner_fields(type(found)):
                part = getattr(found, field)
                if part is not None:
                    waiting.append(part)


@functools.cache
def _inner_fields(kind: type[msgspec.Struct]) -> tuple[str, ...]:
    """The fields of a node that may hold nodes, the last one first."""
    return tuple(
        field.name for field in reversed(msgspec.structs.fields(kind)) if field.type not in (int, str, bool)
    )


def is_pure_builtin(name: str) -> bool:
    """Whether a built-in depends on its arguments alone."""
    return name in PURE_BUILTINS or name.startswith(("fp_", "lanes_"))


def calls(body: Iterable[code.Statement]) -> set[str]:
    """Names of the described functions that a body calls."""
    return {node.function for node in walk(tuple(body)) if isinstance(node, (code.Call, code.CallInto))}


def touches_state(body: Iterable[code.Statement]) -> bool:
    """Whether a body itself, not what it calls, needs state."""
    for node in walk(tuple(body)):
        if isinstance(node, _STATEFUL):
            return True
        if isinstance(node, (code.Builtin, code.BuiltinInto)) and not is_pure_builtin(node.name):
            return True
    return False


def only_reads(functions: Mapping[str, code.Function], name: str) -> bool:
    """Whether a function, with all that it calls, does nothing but compute with its arguments and registers."""
    for found in reachable(functions, [name]):
        for node in walk(functions[found].body):
            if isinstance(node, _STATEFUL) and not isinstance(node, code.ReadRegister):
                return False
            if isinstance(node, (code.Builtin, code.BuiltinInto)) and not is_pure_builtin(node.name):
                return False
    return True


def functions_with_state(functions: Mapping[str, code.Function]) -> frozenset[str]:
    """Names of the functions that need state, themselves or through what they call."""
    callers: dict[str, list[str]] = {}
    pending: list[str] = []
    for name, function in functions.items():
        if touches_state(function.body):
            pending.append(name)
        for called in calls(function.body):
            callers.setdefault(called, []).append(name)
    found = set(pending)
    while pending:
        for caller in callers.get(pending.pop(), ()):
            if caller not in found:
                found.add(caller)
                pending.append(caller)
    return frozenset(found)


def reachable(functions: Mapping[str, code.Function], first: Iterable[str]) -> list[str]:
    """`first` and the names of all functions that they call, directly or not; in the order of discovery."""
    pending = list(first)
    found = dict.fromkeys(pending)
    while pending:
        for name in sorted(calls(functions[pending.pop()].body)):
            if name not in found:
                found[name] = None
                pending.append(name)
    return list(found)
