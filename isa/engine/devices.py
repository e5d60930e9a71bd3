"""The runtime of described devices: registers in a window, streams, inputs and signals.

The window is little-endian, as the bus is: the byte at a register's offset is its least significant one. An access may
touch a part of a register, or several registers that stand side by side.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import cast

import msgspec

from ..errors import TraplineError
from ..model.items import Description, Device, DeviceRegister
from .blocks import PythonBlock
from .device_code import device_code
from .errors import EngineError, Interrupt
from .layout import Slot

DEBUGGER = 0xFF
"""`accessing_vcpu()` where no vcpu made the access."""


class DeviceError(TraplineError):
    """A device, port or function that the description does not have."""


class NoRegister(msgspec.Struct, frozen=True):
    """No register stands at `offset` (the first byte of an access of `size` bytes that has none)."""

    offset: int
    size: int


class WriteIgnored(msgspec.Struct, frozen=True):
    """A write to a register that can only be read; nothing has changed."""

    register: str
    value: int


class DevicePorts(msgspec.Struct, frozen=True):
    """What a device is connected to, by port name. What is left out goes nowhere, or gives nothing.

    A stream's callable gets the value sent; a signal's gets its index in the array (0 for one signal) and its level.
    """

    streams: Mapping[str, Callable[[int], None]] = msgspec.field(default_factory=dict)
    inputs: Mapping[str, deque[int]] = msgspec.field(default_factory=dict)
    signals: Mapping[str, Callable[[int, int], None]] = msgspec.field(default_factory=dict)


Result = int | tuple[int, ...] | None
"""What a described function gives: nothing, one value, or several."""

_PORTS_OF = {"stream": "streams", "input": "inputs", "signal": "signals"}


class DescribedDevice:
    """A device of a description. Its state is declared: `snapshot` has the layout of `layout.device_layout`."""

    def __init__(
        self,
        description: Description,
        name: str,
        ports: DevicePorts | None = None,
        coverage: set[int] | None = None,
    ) -> None:
        """Compiles the device's functions. Raises DeviceError for an unknown device or port.

        `coverage` collects the packed lines of the statements that run.
        """
        device = description.devices.get(name)
        if device is None:
            raise DeviceError(f"there is no device '{name}'", _known(name, description.devices))
        self.device: Device = device
        self.ports = ports or DevicePorts()
        self._check_ports()
        code = device_code(description, device, coverage)
        self.layout = code.layout
        self.block = PythonBlock(self.layout)
        inputs = [port.name for port in device.ports if port.kind == "input"]
        self._inputs = {port: self.ports.inputs.get(port, deque()) for port in inputs}
        self._vcpu = DEBUGGER
        self._functions = code.functions
        self._stateful = code.stateful
        self._at = code.at
        self._reserved_is_zero = device.annotations.get("bus", {}).get("reserved") == "zero"
        self._whole = code.whole
        self._levels: dict[tuple[int, int], int] = {}
        """What listeners were told last, by signal and index."""

    @property
    def name(self) -> str:
        """The device's name in the description."""
        return self.device.name

    @property
    def size(self) -> int:
        """Bytes of its window."""
        return self.device.size

    # From the bus

    def read(self, offset: int, size: int, vcpu: int = DEBUGGER) -> int | NoRegister:
        """`size` bytes at `offset`; each register is read once, in the order of addresses."""
        whole = self._whole.get((offset, size))
        if whole is not None:
            self._vcpu = vcpu
            return self._read_register(*whole)
        missing = self._missing(offset, size)
        if missing is not None:
            return missing
        self._vcpu = vcpu
        value, at = 0, offset
        while at < offset + size:
            if at not in self._at:
                at += 1
                continue
            register, index = self._at[at]
            first = register.place(index)
            count = min(first + register.width // 8, offset + size) - at
            part = self._read_register(register, index) >> 8 * (at - first) & ((1 << 8 * count) - 1)
            value |= part << 8 * (at - offset)
            at += count
        return value

    def write(self, offset: int, size: int, value: int, vcpu: int = DEBUGGER) -> NoRegister | WriteIgnored | None:
        """Stores; None when all registers took it. A part of a register is put into what the register holds."""
        whole = self._whole.get((offset, size))
        if whole is not None:
            register, index = whole
            self._vcpu = vcpu
            value &= (1 << register.width) - 1
            if register.readonly:
                return WriteIgnored(register.name, value)
            self._write_register(register, index, value)
            return None
        missing = self._missing(offset, size)
        if missing is not None:
            return missing
        self._vcpu = vcpu
        ignored: WriteIgnored | None = None
        at = offset
        while at < offset + size:
            if at not in self._at:
                at += 1
                continue
            register, index = self._at[at]
            first = register.place(index)
            count = min(first + register.width // 8, offset + size) - at
            low, ones = 8 * (at - first), (1 << 8 * count) - 1
            part = value >> 8 * (at - offset) & ones
            if register.readonly:
                ignored = ignored or WriteIgnored(register.name, part)
            else:
                held = self.block.get(self._slot(register), index)
                self._write_register(register, index, held & ~(ones << low) | part << low)
            at += count
        return ignored

    def reset(self) -> None:
        """Reset values for registers and states. Ports are not touched."""
        self._levels.clear()
        self.block.reset()

    def snapshot(self) -> bytes:
        """Registers and states; what waits in inputs is the machine's."""
        return self.block.snapshot()

    def restore(self, snapshot: bytes) -> None:
        """Takes a snapshot back. Raises SnapshotError."""
        self._levels.clear()
        self.block.restore(snapshot)

    def call(self, function: str, *arguments: int) -> Result:
        """Calls one of the device's functions, such as one that follows a change of an input. Raises DeviceError."""
        if function not in self.device.functions:
            message = f"device {self.name} has no function '{function}'"
            raise DeviceError(message, _known(function, self.device.functions))
        self._vcpu = DEBUGGER
        return self._run(function, arguments)

    # What generated code calls

    def accessing_vcpu(self) -> int:
        """Number of the vcpu whose access this is; DEBUGGER if it is none's."""
        return self._vcpu

    def send(self, port: int, value: int) -> None:
        """A value goes out by a stream."""
        sink = self.ports.streams.get(self.device.ports[port].name)
        if sink is not None:
            sink(value)

    def receive(self, port: int) -> int:
        """The next value of an input; 0 if there is none."""
        own = self.device.ports[port]
        waiting = self._inputs[own.name]
        return waiting.popleft() & ((1 << own.width) - 1) if waiting else 0

    def available(self, port: int) -> int:
        """1 if an input has a value."""
        return 1 if self._inputs[self.device.ports[port].name] else 0

    def set_signal(self, port: int, index: int, level: int) -> None:
        """A signal takes a level; listeners are told of changes."""
        if self._levels.get((port, index)) == level:
            return
        own = self.device.ports[port]
        if index >= (own.count or 1):
            raise DeviceError(f"device {self.name} sets {own.name}[{index}], and there are {own.count}")
        self._levels[port, index] = level
        listener = self.ports.signals.get(own.name)
        if listener is not None:
            listener(index, level)

    # Details

    def _slot(self, register: DeviceRegister) -> Slot:
        return self.layout.slots[f"{self.name}.{register.name}"]

    def _missing(self, offset: int, size: int) -> NoRegister | None:
        if not self._reserved_is_zero:
            for at in range(offset, offset + size):
                if at not in self._at:
                    return NoRegister(at, size)
        return None

    def _read_register(self, register: DeviceRegister, index: int) -> int:
        if not register.read:
            return self.block.get(self._slot(register), index)
        value = self._run(register.read, (index,) if register.count else ())
        assert isinstance(value, int)
        return value

    def _write_register(self, register: DeviceRegister, index: int, value: int) -> None:
        if register.write:
            self._run(register.write, (index, value) if register.count else (value,))
        else:
            self.block.set(self._slot(register), index, value)

    def _run(self, function: str, arguments: tuple[int, ...]) -> Result:
        found = self._functions[function]
        try:
            if function in self._stateful:
                return cast("Result", found(self, self.block.registers, *arguments))
            return cast("Result", found(*arguments))
        except Interrupt as raised:
            raise EngineError(f"device {self.name} raised interrupt {raised.name}; devices set signals") from raised
        except AttributeError as error:
            raise EngineError(f"device {self.name} uses what only a core has: {error}") from error

    def _check_ports(self) -> None:
        for kind, attribute in _PORTS_OF.items():
            own = [port.name for port in self.device.ports if port.kind == kind]
            for name in getattr(self.ports, attribute):
                if name not in own:
                    raise DeviceError(f"device {self.device.name} has no {kind} '{name}'", _known(name, own))


def _known(name: str, known: Iterable[str]) -> str:
    import difflib

    close = difflib.get_close_matches(name, list(known), 1)
    return f"did you mean {close[0]}?" if close else f"there are: {', '.join(known) or 'none'}"
