"""The device tree of a described board, made for a machine."""

from __future__ import annotations

from collections.abc import Mapping

from ...isa.engine.pure import PureFunction, compile_functions
from ...isa.model.boards import TreeCell, TreeNode, TreeProperty
from ...isa.model.items import Description
from ..machine.fdt import DeviceTree, Node, cells


def described_tree(description: Description, root: TreeNode, vcpus: int, ram_size: int) -> DeviceTree:
    """The tree with what this machine has."""
    return DeviceTree(_Maker(description, vcpus, ram_size).node(root, {}, ""))


class _Maker:
    """Makes nodes; `known` are the numbers that cells may ask for."""

    def __init__(self, description: Description, vcpus: int, ram_size: int) -> None:
        self._functions: Mapping[str, PureFunction] = compile_functions(description)
        self._vcpus = vcpus
        self._machine = {"vcpus": vcpus, "ram_size": ram_size}

    def node(self, described: TreeNode, known: Mapping[str, int], name: str) -> Node:
        """A node and all below it."""
        made = Node(name)
        for one in described.properties:
            made.properties[one.name] = self._bytes(one, known)
        for child in described.children:
            if child.each:
                made.children += [
                    self.node(child, {"vcpu": number}, child.name.replace("{vcpu}", f"{number:x}"))
                    for number in range(self._vcpus)
                ]
            else:
                made.children.append(self.node(child, known, child.name))
        return made

    def _bytes(self, described: TreeProperty, known: Mapping[str, int]) -> bytes:
        made = b""
        for value in described.values:
            if value.text is not None:
                made += value.text.encode() + b"\0"
            elif value.each:
                for number in range(self._vcpus):
                    made += cells(*(self._cell(one, {"vcpu": number}) for one in value.cells))
            else:
                made += cells(*(self._cell(one, known) for one in value.cells))
        return made

    def _cell(self, cell: TreeCell, known: Mapping[str, int]) -> int:
        if not cell.function:
            return cell.value
        value = self._functions[cell.function](*({**self._machine, **known}[name] for name in cell.arguments))
        assert isinstance(value, int)
        return value
