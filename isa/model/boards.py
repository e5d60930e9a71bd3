"""Boards of a description, in typed form: RAM, devices and what they are wired to, registers at the entry point."""

from .base import Annotations, Item


class Wire(Item, frozen=True):
    """Where what comes out of a device's port goes, or where its input comes from.

    `kind`: `console` (a stream's values are characters; an input's are what is typed, and `function` of the same device
    is called when there is some), `exit` (the value of a stream is the run's status), `power_off`, `reset`, `register`
    (an input of the cores, or what a core's register holds when the device looks), `function` (of another `device` on
    the board, with `arguments` before the index, if the port is an array, and the value).
    """

    port: str
    kind: str
    register: str = ""
    device: str = ""
    function: str = ""
    arguments: tuple[int, ...] = ()


class PlacedDevice(Item, frozen=True):
    """A device in a window of `size` bytes at a physical address."""

    device: str
    address: int
    size: int
    wires: tuple[Wire, ...]


class EntryRegister(Item, frozen=True):
    """What a register has at the entry point: `value`, or what `given` names (vcpu, device_tree)."""

    register: str
    index: int
    value: int
    given: str = ""


class TreeCell(Item, frozen=True):
    """32 bits: `value`, or what `function` makes of the machine (its arguments by name: vcpu, vcpus, ram_size)."""

    value: int
    function: str = ""
    arguments: tuple[str, ...] = ()


class TreeValue(Item, frozen=True):
    """A part of a property: a text (with its NUL), or cells, with `each` for every vcpu."""

    text: str | None
    cells: tuple[TreeCell, ...]
    each: bool = False


class TreeProperty(Item, frozen=True):
    """`values` one behind the other; none: an empty property."""

    name: str
    values: tuple[TreeValue, ...]


class TreeNode(Item, frozen=True):
    """A node; with `each`, one for every vcpu, whose number stands in the name for `{vcpu}` (hexadecimal)."""

    name: str
    each: bool
    properties: tuple[TreeProperty, ...]
    children: "tuple[TreeNode, ...]"


class Board(Item, frozen=True):
    """Addresses and sizes in bytes; `program` is where, from the start of RAM, what has no address of its own goes."""

    name: str
    title: str
    ram: int
    ram_size: int
    vcpus: int
    program: int
    devices: tuple[PlacedDevice, ...]
    entry: tuple[EntryRegister, ...]
    annotations: Annotations
    line: int
    tree: TreeNode | None = None
    """The device tree that it gives its guests."""
