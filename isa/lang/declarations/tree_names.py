"""The names in a piece of syntax."""

from __future__ import annotations

import dataclasses

from .. import tree


def names_in(node: object) -> set[str]:
    """All plain names in a piece of syntax."""
    names: set[str] = set()
    stack: list[object] = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, tree.Name):
            names.add(current.name)
        elif isinstance(current, (tuple, list)):
            stack.extend(current)
        elif isinstance(current, tree.Node):
            stack.extend(getattr(current, slot.name) for slot in dataclasses.fields(current))
    return names
