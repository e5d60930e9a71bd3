"""Interrupts, exits, hypervisor calls and devices of a description, in typed form."""

from collections.abc import Iterator

from .base import Annotations, Item
from .code import Function, Parameter
from .state import BitRange


class Interrupt(Item, frozen=True):
    """`function` performs the entry (its parameters are the interrupt's). `vector` −1 if it has none."""

    name: str
    title: str
    vector: int
    parameters: tuple[Parameter, ...]
    function: str
    completes: bool
    annotations: Annotations
    line: int


class Exit(Item, frozen=True):
    name: str
    title: str
    parameters: tuple[Parameter, ...]
    line: int


class RegisterRef(Item, frozen=True):
    """A register, or one element of an array."""

    register: str
    index: int = -1


class ReturnCode(Item, frozen=True):
    name: str
    value: int
    title: str


class HypercallAbi(Item, frozen=True):
    """Where number, arguments and results of calls stand."""

    name: str
    title: str
    number: RegisterRef
    arguments: tuple[RegisterRef, ...]
    results: tuple[RegisterRef, ...]
    return_codes: dict[str, ReturnCode]


class ArgumentClass(Item, frozen=True):
    """Ranges (first, last) of valid and invalid values."""

    name: str
    title: str
    width: int
    valid: tuple[tuple[int, int], ...]
    invalid: tuple[tuple[int, int], ...]


class CallResult(Item, frozen=True):
    code: str
    values: tuple[Parameter, ...]


class Hypercall(Item, frozen=True):
    """`level`: real_mode, kernel, user. `function` runs it, or "" if a model or machine does."""

    name: str
    title: str
    abi: str
    number: int
    level: str
    arguments: tuple[Parameter, ...]
    returns: tuple[CallResult, ...]
    function: str
    annotations: Annotations
    line: int


class Port(Item, frozen=True):
    """`kind`: stream, input, signal; `count` > 0: an array of signals."""

    name: str
    kind: str
    width: int
    count: int = 0


class DeviceRegister(Item, frozen=True):
    """A register of a device at `offset`; `read`/`write` are functions ("" = plain storage).

    A write to a readonly register is ignored by the device, and reported.

    With count > 0, element i stands at offset + i × step bytes and the functions take the index first.
    """

    name: str
    title: str
    width: int
    count: int
    offset: int
    reset: int
    fields: tuple[BitRange, ...]
    read: str
    write: str
    readonly: bool
    step: int

    def place(self, index: int) -> int:
        """The offset of an element."""
        return self.offset + index * self.step

    def bytes(self) -> Iterator[int]:
        """The offsets of all its bytes."""
        for index in range(self.count or 1):
            yield from range(self.place(index), self.place(index) + self.width // 8)


class DeviceState(Item, frozen=True):
    name: str
    width: int
    count: int
    reset: int


class Device(Item, frozen=True):
    """A described device. Its functions see its registers and states as registers named `DEVICE.NAME`."""

    name: str
    title: str
    size: int
    ports: tuple[Port, ...]
    states: tuple[DeviceState, ...]
    registers: tuple[DeviceRegister, ...]
    functions: dict[str, Function]
    annotations: Annotations
    line: int
