"""Boards: where RAM and devices are, what their ports are wired to, and what registers have at the entry point."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ...model import items as model
from .. import tree
from ..names.environment import Environment, Mistake, annotations_of
from ..names.types import fits, wrap
from ..tree import Item
from .trees import read_tree

GIVEN: Final = ("vcpu", "device_tree")
"""What an entry register may have that only the machine knows."""
_OUTWARD: Final = ("console", "exit", "power_off", "reset")
"""What only streams go to."""
_PAGE: Final = 4096


def read_boards(env: Environment, devices: Mapping[str, model.Device]) -> dict[str, model.Board]:
    """All boards, checked against the devices and registers that there are."""
    boards: dict[str, model.Board] = {}
    for item in env.of("board"):
        try:
            boards[item.name] = _Reader(env, devices, item).board()
        except Mistake:
            continue
    return boards


class _Reader:
    """Reads one board."""

    def __init__(self, env: Environment, devices: Mapping[str, model.Device], item: Item) -> None:
        self._env = env
        self._devices = devices
        self._item = item
        self._windows: list[tuple[int, int, str]] = []

    def board(self) -> model.Board:
        env, item, parts = self._env, self._item, self._item.parts
        if len(parts.get("ram", ())) != 1:
            raise env.error(
                "board", f"board '{item.name}' needs one `ram`", item.span, "ram 0x8000_0000 size 128 << 20"
            )
        base, size = (self._number(one) for one in parts["ram"][0])
        if size < _PAGE or base % _PAGE or size % _PAGE:
            raise env.error(
                "board", f"RAM of {size:#x} bytes at {base:#x} is not whole pages of {_PAGE} bytes", item.span
            )
        self._claim(base, size, "ram", item.span)
        written = parts.get("device", ())
        placed = [self._place(one) for one in written]
        names = {one.device for one in placed}
        wired = tuple(
            model.PlacedDevice(one.device, one.address, one.size, tuple(self._wire(one, w, names) for w in own.wires))
            for one, own in zip(placed, written, strict=True)
        )
        return model.Board(
            item.name, item.modifiers.title, base, size,
            self._one("vcpus", 1), self._one("program", 0), wired,
            tuple(self._entry(one) for group in parts.get("entry", ()) for one in group),
            annotations_of(item), env.line(item.span),
            read_tree(env, item.name, parts["tree"]) if "tree" in parts else None,
        )  # fmt: skip

    def _one(self, name: str, usual: int) -> int:
        found = self._item.parts.get(name, ())
        return self._number(found[0]) if found else usual

    def _number(self, expression: tree.Expression) -> int:
        number = self._env.literal(expression)
        if number is None:
            raise self._env.error("constant", "a constant number is needed here", expression.span)
        return number

    def _claim(self, base: int, size: int, name: str, span: tree.Span) -> None:
        for other, length, whose in self._windows:
            if base < other + length and other < base + size:
                both = f"'{name}' and '{whose}' both want addresses from {max(base, other):#x}"
                raise self._env.error("board", both, span)
        self._windows.append((base, size, name))

    def _place(self, written: tree.PlacedDeviceOf) -> model.PlacedDevice:
        device = self._devices.get(written.device)
        if device is None:
            raise self._env.unknown("device", written.device, written.span, self._devices)
        if any(whose == written.device for _, _, whose in self._windows):
            raise self._env.error("board", f"device '{written.device}' has a place on this board already", written.span)
        address = self._number(written.address)
        size = device.size if written.size is None else self._number(written.size)
        if size < device.size:
            raise self._env.error(
                "board", f"device '{device.name}' has {device.size:#x} bytes, more than {size:#x}", written.span
            )
        self._claim(address, size, device.name, written.span)
        return model.PlacedDevice(device.name, address, size, ())

    def _wire(self, placed: model.PlacedDevice, wire: tree.WireOf, on_board: set[str]) -> model.Wire:
        ports = {port.name: port for port in self._devices[placed.device].ports}
        if wire.source not in ports:
            return self._inward(placed, wire, ports)
        port, target = ports[wire.source], wire.target.name
        if port.kind == "input":
            raise self._env.error(
                "board", f"'{port.name}' is an input: it stands behind the arrow", wire.span, f"console -> {port.name}"
            )
        if wire.then is not None:
            raise self._env.error("board", "`then` is for inputs", wire.then.span)
        if wire.function:
            return self._call(wire, port, on_board)
        if target in _OUTWARD:
            if port.kind != "stream":
                message = f"'{port.name}' is a {port.kind}, and only a stream goes to {target}"
                raise self._env.error("board", message, wire.span)
            return model.Wire(port.name, target)
        register = self._env.registers.get(target)
        if register is None:
            raise self._env.unknown(
                f"register (or {', '.join(_OUTWARD)})", target, wire.target.span, [*self._env.registers, *_OUTWARD]
            )
        if register.kind != "storage":
            message = f"'{target}' is a view: a wire writes a register's storage"
            raise self._env.error("board", message, wire.target.span)
        return model.Wire(port.name, "register", register=target)

    def _inward(self, placed: model.PlacedDevice, wire: tree.WireOf, ports: Mapping[str, model.Port]) -> model.Wire:
        """`console -> input`, or `REGISTER -> input`."""
        source = wire.source
        if source != "console" and source not in self._env.registers:
            raise self._env.unknown(f"port of '{placed.device}'", source, wire.span, [*ports, "console"])
        port = ports.get(wire.target.name)
        inputs = [name for name, one in ports.items() if one.kind == "input"]
        if port is None or port.kind != "input" or wire.function:
            raise self._env.unknown(f"input of '{placed.device}'", wire.target.name, wire.target.span, inputs)
        functions = self._devices[placed.device].functions
        then = "" if wire.then is None else wire.then.name
        if wire.then is not None and (then not in functions or functions[then].parameters):
            what = f"function without parameters of '{placed.device}'"
            raise self._env.unknown(what, then, wire.then.span, functions)
        register = "" if source == "console" else source
        return model.Wire(port.name, "register" if register else "console", register=register, function=then)

    def _call(self, wire: tree.WireOf, port: model.Port, on_board: set[str]) -> model.Wire:
        target = wire.target.name
        if target not in on_board:
            raise self._env.unknown("device on this board", target, wire.target.span, on_board)
        functions = self._devices[target].functions
        if wire.function not in functions:
            raise self._env.unknown(f"function of '{target}'", wire.function, wire.target.span, functions)
        arguments = tuple(self._number(one) for one in wire.arguments)
        given = len(arguments) + (port.count > 0) + 1
        wanted = len(functions[wire.function].parameters)
        if given != wanted:
            raise self._env.error(
                "board",
                f"'{wire.function}' takes {wanted} arguments, and gets {given}: those written, "
                f"{'the index, ' if port.count else ''}and the value",
                wire.target.span,
            )
        return model.Wire(port.name, "function", device=target, function=wire.function, arguments=arguments)

    def _entry(self, written: tree.EntryRegisterOf) -> model.EntryRegister:
        env = self._env
        register = env.registers.get(written.register)
        if register is None:
            raise env.unknown("register", written.register, written.span, env.registers)
        if (written.index >= 0) != (register.count > 0) or written.index >= max(1, register.count):
            shape = f"has the elements 0 to {register.count - 1}" if register.count else "is one register"
            raise env.error("board", f"'{register.name}' {shape}", written.span)
        value = written.value
        if isinstance(value, tree.Name) and value.name in GIVEN:
            return model.EntryRegister(register.name, written.index, 0, value.name)
        number = self._number(value)
        if not fits(number, register.width):
            raise env.error("width", f"the number {number} does not fit u{register.width}", value.span)
        return model.EntryRegister(register.name, written.index, wrap(number, register.width))
