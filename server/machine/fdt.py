"""Device trees as plain data (Devicetree Specification v0.4, chapter 2): nodes, properties, phandles.

`encode` and the cell helpers make property values. `dtb.py` turns a tree into a blob and back.
"""

import struct
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from ...isa.errors import TraplineError

PropertyValue = bytes | str | int | Sequence[str] | Sequence[int]


class FdtError(TraplineError):
    """A tree that cannot be flattened, or bytes that are no device tree blob."""


def cells(*values: int) -> bytes:
    """32-bit big-endian cells. Raises FdtError for a value that does not fit."""
    for value in values:
        if not 0 <= value < 1 << 32:
            raise FdtError(f"{value:#x} does not fit a 32-bit cell", "split it with cells64")
    return struct.pack(f">{len(values)}I", *values)


def cells64(*values: int) -> bytes:
    """64-bit big-endian values: two cells each. Raises FdtError for a value that does not fit."""
    for value in values:
        if not 0 <= value < 1 << 64:
            raise FdtError(f"{value:#x} does not fit two cells")
    return struct.pack(f">{len(values)}Q", *values)


def encode(value: PropertyValue) -> bytes:
    """Bytes of a property: bytes as they are, an int as a cell, a string with its NUL, a sequence joined."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, int):
        return cells(value)
    if isinstance(value, str):
        return value.encode() + b"\0"
    return b"".join(encode(one) for one in value)


class Node(msgspec.Struct):
    """A node: its name with unit address (the root's is empty), properties in order, children in order."""

    name: str
    properties: dict[str, bytes] = msgspec.field(default_factory=dict)
    children: list["Node"] = msgspec.field(default_factory=list)

    def add(self, name: str, properties: Mapping[str, PropertyValue] | None = None) -> "Node":
        """Makes a child, fills it with `properties` (see `encode`; b"" is an empty one) and returns it."""
        child = Node(name, {key: encode(value) for key, value in (properties or {}).items()})
        self.children.append(child)
        return child

    def child(self, name: str) -> "Node":
        """The child called `name`, unit address included. Raises FdtError naming those there are."""
        for one in self.children:
            if one.name == name:
                return one
        known = ", ".join(one.name for one in self.children) or "none"
        raise FdtError(f"node {self.name or '/'} has no child {name!r}", f"its children: {known}")

    def cells(self, name: str) -> tuple[int, ...]:
        """Property `name` as 32-bit cells. Raises FdtError if it is missing or no whole cells."""
        value = self._value(name)
        if len(value) % 4:
            raise FdtError(f"property {name!r} of {self.name or '/'} has {len(value)} bytes: no whole cells")
        return struct.unpack(f">{len(value) // 4}I", value)

    def strings(self, name: str) -> tuple[str, ...]:
        """Property `name` as strings. Raises FdtError if it is missing or does not end in NUL."""
        value = self._value(name)
        if not value.endswith(b"\0"):
            raise FdtError(f"property {name!r} of {self.name or '/'} does not end in NUL: it is no string")
        return tuple(part.decode("latin-1") for part in value[:-1].split(b"\0"))

    def _value(self, name: str) -> bytes:
        if name not in self.properties:
            known = ", ".join(self.properties) or "none"
            raise FdtError(f"node {self.name or '/'} has no property {name!r}", f"its properties: {known}")
        return self.properties[name]


class DeviceTree(msgspec.Struct):
    """A whole tree. `reservations` are (address, size) in bytes that an operating system keeps free."""

    root: Node = msgspec.field(default_factory=lambda: Node(""))
    reservations: tuple[tuple[int, int], ...] = ()
    boot_cpu: int = 0

    def find(self, path: str) -> Node:
        """The node at an absolute path such as "/cpus/cpu@0". Raises FdtError naming what is missing."""
        node = self.root
        for part in path.strip("/").split("/") if path.strip("/") else ():
            node = node.child(part)
        return node

    def nodes(self) -> Iterator[Node]:
        """All nodes, parents before children."""
        waiting = [self.root]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.children))

    def phandle(self, node: Node) -> int:
        """The number by which other nodes refer to `node`; given to it now if it has none yet."""
        if "phandle" not in node.properties:
            used = [one.cells("phandle")[0] for one in self.nodes() if "phandle" in one.properties]
            node.properties["phandle"] = cells(max(used, default=0) + 1)
        return node.cells("phandle")[0]
