"""Device tree blobs, version 17 (Devicetree Specification v0.4, chapter 5), written and read.

Nothing in a blob that is read is trusted: every offset is checked before it is followed.
"""

import re
import struct
from typing import Final

from .fdt import DeviceTree, FdtError, Node, cells

MAXIMUM_DTB: Final = 16 << 20
"""Largest blob written or read, in bytes."""
MAXIMUM_DEPTH: Final = 64
"""Deepest nesting of nodes written or read."""

_MAGIC = 0xD00DFEED
_VERSION, _LAST_COMPATIBLE = 17, 16
_BEGIN_NODE, _END_NODE, _PROP, _NOP, _END = 1, 2, 3, 4, 9
_HEADER = struct.Struct(">10I")
_RESERVATION = struct.Struct(">QQ")
# Section 2.2.1 allows node names of 31 characters; dtc and Linux take longer ones, and real trees
# have them ("PowerPC,POWER7@0" is short, others are not).
_NODE_NAME = re.compile(r"[0-9A-Za-z,._+@-]{1,255}")
_PROPERTY_NAME = re.compile(r"[0-9A-Za-z,._+?#-]{1,31}")


def flatten(tree: DeviceTree) -> bytes:
    """The DTB of a tree. Raises FdtError for names that are not allowed or a tree that is too large."""
    strings: dict[str, int] = {}
    pool = bytearray()
    structure = bytearray()

    def put(node: Node, path: str, depth: int) -> None:
        if depth > MAXIMUM_DEPTH:
            raise FdtError(f"device tree node {path} is nested more than {MAXIMUM_DEPTH} deep")
        structure.extend(cells(_BEGIN_NODE) + _padded(node.name.encode() + b"\0"))
        for name, value in node.properties.items():
            if not _PROPERTY_NAME.fullmatch(name):
                raise FdtError(
                    f"device tree node {path} has a property called {name!r}",
                    "use 1 to 31 letters, digits or one of , . _ + ? # -",
                )
            if name not in strings:
                strings[name] = len(pool)
                pool.extend(name.encode() + b"\0")
            structure.extend(cells(_PROP, len(value), strings[name]) + _padded(value))
        seen = set()
        for child in node.children:
            if not _NODE_NAME.fullmatch(child.name) or child.name in seen:
                raise FdtError(
                    f"device tree node {path} has a child called {child.name!r}, which is not allowed there",
                    "use letters, digits or one of , . _ + @ - and no name twice",
                )
            seen.add(child.name)
            put(child, f"{path.rstrip('/')}/{child.name}", depth + 1)
        structure.extend(cells(_END_NODE))

    put(tree.root, "/", 0)
    structure.extend(cells(_END))
    reservations = b"".join(_RESERVATION.pack(*one) for one in (*tree.reservations, (0, 0)))
    structure_at = _HEADER.size + len(reservations)
    strings_at = structure_at + len(structure)
    total = strings_at + len(pool)
    if total > MAXIMUM_DTB:
        raise FdtError(f"the device tree needs {total:#x} bytes; a DTB may have {MAXIMUM_DTB:#x}")
    header = _HEADER.pack(
        _MAGIC,
        total,
        structure_at,
        strings_at,
        _HEADER.size,
        _VERSION,
        _LAST_COMPATIBLE,
        tree.boot_cpu,
        len(pool),
        len(structure),
    )
    return header + reservations + bytes(structure) + bytes(pool)


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 4)


def unflatten(blob: bytes) -> DeviceTree:
    """The tree of a blob of version 16 or 17. Raises FdtError saying what is wrong with it, and where."""
    if len(blob) < _HEADER.size:
        raise FdtError(f"{len(blob)} bytes are too short for a device tree blob")
    (
        magic,
        total,
        structure_at,
        strings_at,
        reservations_at,
        version,
        compatible,
        boot_cpu,
        strings_size,
        size,
    ) = _HEADER.unpack_from(blob)
    if magic != _MAGIC:
        raise FdtError(f"no device tree blob: it begins with {magic:#010x}, not {_MAGIC:#010x}")
    if version < _LAST_COMPATIBLE or compatible > _VERSION:
        raise FdtError(f"device tree blob of version {version} cannot be read", "make it with dtc -V 17")
    if total > len(blob) or total > MAXIMUM_DTB:
        raise FdtError(f"device tree blob says it has {total} bytes, but {len(blob)} are there")
    structure = _part(blob, "structure block", structure_at, size, total)
    strings = _part(blob, "strings block", strings_at, strings_size, total)
    reservations = []
    while True:
        entry = _part(blob, "memory reservation block", reservations_at, _RESERVATION.size, total)
        address, length = _RESERVATION.unpack(entry)
        if address == length == 0:
            break
        reservations.append((address, length))
        reservations_at += _RESERVATION.size
    return DeviceTree(_Reader(structure, strings).read(), tuple(reservations), boot_cpu)


def _part(blob: bytes, what: str, start: int, size: int, total: int) -> bytes:
    if start + size > total:
        raise FdtError(f"device tree blob is cut off: its {what} ends at {start + size:#x} of {total:#x}")
    return blob[start : start + size]


class _Reader:
    """Walks a structure block once."""

    def __init__(self, structure: bytes, strings: bytes) -> None:
        self._structure = structure
        self._strings = strings
        self._at = 0

    def read(self) -> Node:
        """The root node with all below it."""
        if self._token() != _BEGIN_NODE:
            raise FdtError("device tree blob does not begin with its root node")
        root = Node(self._name())
        path = [root]
        while path:
            at = self._at
            token = self._token()
            if token == _BEGIN_NODE:
                if len(path) > MAXIMUM_DEPTH:
                    raise FdtError(f"device tree blob nests nodes more than {MAXIMUM_DEPTH} deep")
                path.append(path[-1].add(self._name()))
            elif token == _PROP:
                length, name_at = self._cell(), self._cell()
                path[-1].properties[self._string(name_at)] = self._bytes(length)
            elif token == _END_NODE:
                path.pop()
            else:
                raise FdtError(f"device tree blob has unknown token {token:#x} at {at:#x} of its structure block")
        if self._token() != _END:
            raise FdtError("device tree blob goes on after its root node")
        return root

    def _token(self) -> int:
        token = self._cell()
        while token == _NOP:
            token = self._cell()
        return token

    def _cell(self) -> int:
        return int.from_bytes(self._bytes(4), "big")

    def _bytes(self, length: int) -> bytes:
        end = self._at + length
        if end > len(self._structure):
            raise FdtError(f"device tree blob is cut off at {self._at:#x} of its structure block")
        data = self._structure[self._at : end]
        self._at = end + (-end % 4)
        return data

    def _name(self) -> str:
        end = self._structure.find(b"\0", self._at)
        if end < 0:
            raise FdtError(f"device tree node name at {self._at:#x} of the structure block has no end")
        return self._bytes(end + 1 - self._at)[:-1].decode("latin-1")

    def _string(self, at: int) -> str:
        end = self._strings.find(b"\0", at)
        if at >= len(self._strings) or end < 0:
            raise FdtError(f"device tree property name at {at:#x} is outside the strings block")
        return self._strings[at:end].decode("latin-1")
