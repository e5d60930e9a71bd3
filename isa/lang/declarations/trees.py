"""Device trees of boards: nodes and properties, with cells that are computed of the machine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ...model import boards as model
from .. import tree
from ..names.environment import Environment
from ..names.types import Type, fits, wrap
from .tree_names import pure_function

_GIVEN: Final = {"vcpus": Type(32), "ram_size": Type(64)}
_CELL: Final = Type(32)


def read_tree(env: Environment, board: str, roots: Sequence[tree.TreeNodeOf]) -> model.TreeNode:
    """The tree of a board, of all that says something of it. Raises Mistake."""
    members = tuple(one for root in roots for one in root.members)
    return _Reader(env, board).node(tree.TreeNodeOf(roots[0].span, "", None, members), False)


class _Reader:
    """Reads one tree; `count` numbers the functions of its cells."""

    def __init__(self, env: Environment, board: str) -> None:
        self._env, self._board, self._count = env, board, 0

    def node(self, written: tree.TreeNodeOf, inside: bool) -> model.TreeNode:
        """A node; `inside`: of one that there is for every vcpu."""
        each = self._each(written.each)
        here = inside or each
        if ("{vcpu}" in written.name) != each:
            several = f"the node '{written.name}' would stand there several times"
            message = several if each else "'{vcpu}' has no value here"
            raise self._env.error("tree", message, written.span, 'node "cpu@{vcpu}" each vcpu { … }')
        properties = [self._property(one, here) for one in written.members if isinstance(one, tree.TreePropertyOf)]
        children = [self.node(one, here) for one in written.members if isinstance(one, tree.TreeNodeOf)]
        for names in ([one.name for one in properties], [one.name for one in children]):
            twice = next((name for name in names if names.count(name) > 1), None)
            if twice is not None:
                raise self._env.error("duplicate", f"'{twice}' stands twice in the node", written.span)
        return model.TreeNode(written.name, each, tuple(properties), tuple(children))

    def _each(self, each: tree.Name | None) -> bool:
        if each is not None and each.name != "vcpu":
            raise self._env.error("tree", f"there is none for each '{each.name}'", each.span, "each vcpu")
        return each is not None

    def _property(self, written: tree.TreePropertyOf, inside: bool) -> model.TreeProperty:
        return model.TreeProperty(written.name, tuple(self._value(one, inside) for one in written.values))

    def _value(self, value: tree.TextOf | tree.TreeCellsOf | tree.Expression, inside: bool) -> model.TreeValue:
        if isinstance(value, tree.TextOf):
            return model.TreeValue(value.text, ())
        if isinstance(value, tree.TreeCellsOf):
            self._each(value.each)
            return model.TreeValue(None, tuple(self._cell(one, True) for one in value.cells), True)
        return model.TreeValue(None, (self._cell(value, inside),))

    def _cell(self, value: tree.Expression, inside: bool) -> model.TreeCell:
        types = {**_GIVEN, **({"vcpu": _CELL} if inside else {})}
        number = None if isinstance(value, tree.Name) and value.name in types else self._env.literal(value)
        if number is not None:
            if not fits(number, _CELL.width):
                raise self._env.error("width", f"{number} does not fit a cell of 32 bits", value.span)
            return model.TreeCell(wrap(number, _CELL.width))
        self._count += 1
        name = f"board.{self._board}.tree{self._count}"
        function, arguments = pure_function(self._env, name, f"A cell of {self._board}'s tree", value, _CELL, types)
        return model.TreeCell(0, function, arguments)
