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
