"""Short loops with floating point, written out: where nothing has changed yet, each operation is the host's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from ....model import code
from ...purity import calls, reachable, walk

_MOST_TIMES = 2


def has_floats(body: code.Body, functions: Mapping[str, code.Function]) -> bool:
    """Whether a body, or what it calls, computes with floating-point numbers."""
    called = (functions[name].body for name in reachable(functions, sorted(calls(body))))
    return any(
        isinstance(node, (code.Builtin, code.BuiltinInto)) and node.name.startswith("fp_")
        for node in walk((body, *called))
    )


def unrolled(loop: code.For, functions: Mapping[str, code.Function]) -> list[code.Statement]:
    """The loop written out, or as it is."""
    first, last = loop.first, loop.last
    if not isinstance(first, code.Const) or not isinstance(last, code.Const):
        return [loop]
    if not 1 <= last.value - first.value + 1 <= _MOST_TIMES or not has_floats(loop.body, functions):
        return [loop]
    own = set(declared(loop.body))
    found: list[code.Statement] = []
    for number in range(first.value, last.value + 1):
        known: dict[str, str | code.Const] = {name: f"{name} {number}" for name in own if name}
        known[loop.name] = code.Const(number, loop.width)
        found += _renamed(loop.body, known)
    return found


def declared(body: code.Body) -> Iterator[str]:
    """The names of the variables that a body declares, and "" where it drops a result."""
    for node in walk(body):
        if isinstance(node, (code.Let, code.For)):
            yield node.name
        elif isinstance(node, (code.CallInto, code.BuiltinInto)):
            yield from node.names


def _renamed(node: Any, known: Mapping[str, str | code.Const]) -> Any:  # noqa: ANN401 - any node, and what is in one
    if type(node) is tuple:
        return tuple(_renamed(one, known) for one in node)
    if not isinstance(node, msgspec.Struct):
        return node
    if isinstance(node, code.Local):
        name = known.get(node.name, node.name)
        return name if isinstance(name, code.Const) else code.Local(name, node.width)
    changed = {field: _renamed(getattr(node, field), known) for field in node.__struct_fields__}
    if isinstance(node, (code.Let, code.Set, code.For)):
        changed["name"] = known.get(node.name, node.name)
    elif isinstance(node, (code.CallInto, code.BuiltinInto)):
        changed["names"] = tuple(known.get(name, name) for name in node.names)
    return type(node)(**changed)
