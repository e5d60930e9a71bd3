"""What modifiers and named parts are while the tree is being built."""

from __future__ import annotations

from typing import Any

from ..tree import Modifiers


class Mark:
    """A modifier on its way into `Modifiers`."""

    __slots__ = ("kind", "value")

    def __init__(self, kind: str, value: Any) -> None:
        self.kind = kind
        self.value = value


class Part:
    """A named part of an item on its way into `Item.parts`; several of one name become a list."""

    __slots__ = ("name", "value")

    def __init__(self, name: str, value: Any) -> None:
        self.name = name
        self.value = value


def modifiers(children: list[Any]) -> Modifiers:
    values: dict[str, Any] = {}
    for child in children:
        if isinstance(child, Mark):
            if child.kind in ("requires", "annotations", "excludes"):
                values[child.kind] = values.get(child.kind, ()) + tuple(child.value)
            elif child.kind not in ("read", "write"):
                values[child.kind] = child.value
    return Modifiers(**values)


def count_of(bracket: object, number: object) -> int:
    """The elements that `[N]` says: 0 where it is not there, -1 where it says none."""
    return 0 if bracket is None else int(str(number), 0) or -1
