"""Machines that a `board` of a description describes: RAM, devices and their wires, registers at the entry point.

The guest's own code is what its traps reach. A vcpu waits where the description leaves with `waiting_for_interrupt`,
and goes on once its function `wake_up_pending` gives 1; any other exit of the description ends the run.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import ClassVar

from ...isa.engine.devices import DescribedDevice, DevicePorts
from ...isa.model.items import Board, Description, PlacedDevice, Wire
from ..core import Core
from ..hv.kvm import Exit, InternalError
from ..loading.guest import Guest, guest_of
from ..loading.places import Piece, room_for
from ..machine.dtb import flatten
from ..machine.elf import LoadedElf
from ..machine.elf_headers import machine_name
from ..machine.given_tree import check_memory, complete_chosen
from ..machine.ram import ByteOrder
from ..tree.hardware import Hardware
from ..tree.levels import one_partition
from ..tree.vcpu import MachineVcpu
from ..verdict import Outcome, Verdict
from .bare import BareVcpu
from .booting import BootError, BootProtocol, place_initrd
from .described_tree import described_tree
from .devices import OnBus
from .machine import Machine, MachineOptions


class DescribedMachine(Machine):
    """See the module. `described_board` makes a class of each board."""

    BOARD: ClassVar[Board]

    def __init__(self, description: Description, guest: Guest | LoadedElf, options: MachineOptions) -> None:
        guest = guest_of(guest)
        self._refuse(guest, options)
        super().__init__(description, guest, options)
        self.memory.add(self.ram_slot)
        placed = self.load_guest()
        tree = self._place_tree()
        hardware = Hardware(description, options.engine)
        vcpus = [BareVcpu(n, hardware.thread(0, n, n, self.memory, self.bus), {}) for n in range(options.vcpus)]
        self._devices: dict[str, DescribedDevice] = {}
        for one in self.BOARD.devices:
            self._attach(one)
        self.ready(one_partition(vcpus))
        for vcpu in vcpus:
            given = {"vcpu": vcpu.number, "device_tree": tree}
            for register in self.BOARD.entry:
                value = given[register.given] if register.given else register.value
                vcpu.core.put(register.register, value, None if register.index < 0 else register.index)
            if placed.entry is not None:
                vcpu.core.pc = placed.entry
        self.given_registers()

    def _refuse(self, guest: Guest, options: MachineOptions) -> None:
        for option, files in (("--bios", guest.firmware), ("--flash", guest.flash)):
            if files:
                raise BootError(
                    f"{option}: machine '{self.NAME}' has no place of its own for that",
                    "put the file into memory with --load FILE@ADDR, and begin there with --entry ADDR",
                )
        for option, value in (("--initrd", guest.initrd), ("--append", options.bootargs)):
            if value and guest.tree is None and self.BOARD.tree is None:
                raise BootError(
                    f"{option}: machine '{self.NAME}' gives its guests no device tree of its own to tell it by",
                    "give one with --dtb FILE",
                )

    def _place_tree(self) -> int:
        """Puts a device tree (the user's, else the board's) and the initial RAM disk behind the program; the tree's
        address, 0 where there is none."""
        given, own = self.guest.tree, self.BOARD.tree
        if given is not None:
            tree = given.tree
            check_memory(tree, given.path, self.ram_slot.base, self.ram.size)
        elif own is not None:
            tree = described_tree(self.description, own, self.options.vcpus, self.ram.size)
        else:
            return 0
        low, end = self.places.end_of(self.ram_slot.base, self.ram_slot.end), self.ram_slot.end
        initrd = place_initrd(self.guest, self.places, low, end)
        complete_chosen(tree, self.options.bootargs, initrd)
        self.tree = flatten(tree)
        size = len(self.tree)
        at = room_for("the device tree", size, self.places.lowest(size, 0x1000, low, end), low, end)
        self.places.put(Piece("the device tree", at, size, "make room in RAM"), self.tree)
        return at

    def answer(self, vcpu: MachineVcpu, left: Exit) -> Verdict | None:
        """Nothing leaves a bare core that `Machine` does not answer."""
        reason = left.reason if isinstance(left, InternalError) else type(left).__name__
        return Verdict(Outcome.DIED, f"vcpu {vcpu.number}: {reason}")

    # Devices

    def _attach(self, placed: PlacedDevice) -> None:
        ports = DevicePorts(
            streams={wire.port: self._sink(wire) for wire in placed.wires if self._kind(placed, wire) == "stream"},
            inputs={wire.port: self._source(wire) for wire in placed.wires if self._kind(placed, wire) == "input"},
            signals={wire.port: self._signal(wire) for wire in placed.wires if self._kind(placed, wire) == "signal"},
        )
        device = self._devices[placed.device] = DescribedDevice(self.description, placed.device, ports)
        for wire in placed.wires:
            if wire.kind == "console" and self._kind(placed, wire) == "input":
                self.console.on_input(partial(self._typed, device, wire, ports.inputs[wire.port]))
        self.bus.attach(placed.address, OnBus(device, lambda: self.turns.current.number, placed.size))

    def _kind(self, placed: PlacedDevice, wire: Wire) -> str:
        return next(port.kind for port in self.description.devices[placed.device].ports if port.name == wire.port)

    def _typed(self, device: DescribedDevice, wire: Wire, waiting: deque[int]) -> None:
        waiting.extend(self.console.take(self.console.waiting))
        if wire.function:
            device.call(wire.function)

    def _sink(self, wire: Wire) -> Callable[[int], None]:
        match wire.kind:
            case "console":
                return lambda value: self.console.write(bytes([value & 0xFF]))
            case "exit":
                return lambda status: self.leave(status, "the guest left by its board's exit")
            case "power_off":
                return lambda _: self.end(self.said.at_power_off("the guest switched its machine off"))
            case "reset":
                return lambda _: self.end(self.said.at_reset("the guest asked for a reset"))
        return lambda value: self._send(wire, 0, value)

    def _signal(self, wire: Wire) -> Callable[[int, int], None]:
        return lambda index, level: self._send(wire, index, level)

    def _send(self, wire: Wire, index: int, value: int) -> None:
        if wire.kind == "function":
            port = next(
                port for one in self.BOARD.devices if wire in one.wires
                for port in self.description.devices[one.device].ports if port.name == wire.port
            )  # fmt: skip
            numbers = (*wire.arguments, *((index,) if port.count else ()), value)
            self._devices[wire.device].call(wire.function, *numbers)
        elif index < len(self.vcpus):
            core = self.vcpus[index].core
            core.set_input(wire.register, value & ((1 << core.register(wire.register).width) - 1))

    def _source(self, wire: Wire) -> deque[int]:
        if wire.kind == "console":
            return deque()
        return _Register(lambda: self.turns.current.core, wire.register)


class _Register(deque[int]):
    """An input that always has what a register of the accessing core holds."""

    def __init__(self, core: Callable[[], Core], register: str) -> None:
        super().__init__()
        self._core = core
        self._register = register

    def __bool__(self) -> bool:
        return True

    def popleft(self) -> int:
        """The register's value, as somebody outside sees it; an instruction is being executed."""
        core = self._core()
        is_view = core.register(self._register).kind == "view"
        return core.look(self._register) if is_view else core.read(self._register)


def described_board(description: Description, board: Board) -> type[DescribedMachine]:
    """The machine that a board describes, for the cores of its description."""
    machine = machine_name(int(description.annotations.get("elf", {}).get("machine", 0)))
    order: ByteOrder = "big" if description.byte_order == "big" else "little"
    units = [one.unit // 8 for one in description.instruction_sets.values()]

    class Described(DescribedMachine):
        NAME = board.name.replace("_", "-")
        SUMMARY = board.title
        BOARD = board
        BOOT = BootProtocol(
            machine=machine,
            orders=(order,),
            instruction_alignment=min(units, default=1),
            ram=board.ram,
            linux_offset=board.program,
            raw_offset=board.program,
            zimage_offset=None,
            elf_class=int(description.annotations.get("elf", {}).get("class", description.address_width)),
        )
        CORES = (description.core,)
        RAM_SIZE = board.ram_size
        MOST_VCPUS = board.vcpus

    return Described
