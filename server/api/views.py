"""Registers and memory of a machine, as a program outside it looks at them and changes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from typing import TYPE_CHECKING

from ...isa.errors import TraplineError
from ..boards.register_values import find_register

if TYPE_CHECKING:
    from ..boards.machine import Machine as Board
    from ..core import Core
    from ..tree.vcpu import MachineVcpu
    from .journal import Journal


def checked_address(address: int) -> int:
    """An address as it is. Raises TraplineError for one that no core has."""
    if not 0 <= address < 1 << 64:
        raise TraplineError(f"{address:#x} is no address", "addresses go from 0 to 0xffffffffffffffff")
    return address


class Registers(MutableMapping[str, int]):
    """A vcpu's registers by the description's names or gdb's, case ignored: `r["GPR[3]"]`, `r["r3"]`, `r["pc"]`.

    Reading and writing goes through what the description does then (`on read`, `on write`). Values are unsigned.
    Iterating gives the description's names; arrays give one name an element.
    """

    def __init__(self, vcpu: Callable[[], MachineVcpu], journal: Callable[[], Journal]) -> None:
        self._vcpu = vcpu
        self._journal = journal

    def __getitem__(self, name: str) -> int:
        """Raises TraplineError for a name that there is not, or a register that cannot be read now."""
        core = self._vcpu().core
        if name.lower() == "pc":
            return core.pc
        register, index = find_register(core.description, name)
        return core.get(register.name, index)

    def __setitem__(self, name: str, value: int) -> None:
        """Raises TraplineError for a name that there is not, or a value that does not fit."""
        from ..boards.register_values import apply_registers

        if value < 0:
            raise TraplineError(f"{name}: {value} is negative", "registers hold unsigned values")
        vcpu = self._vcpu()
        apply_registers(vcpu.core, [(name, value)])
        self._journal().wrote_register(vcpu.number, name, value)

    def __delitem__(self, name: str) -> None:
        raise TraplineError(f"{name}: a core keeps its registers")

    def __iter__(self) -> Iterator[str]:
        yield "pc"
        for register in self._vcpu().core.description.registers.values():
            if register.count:
                yield from (f"{register.name}[{index}]" for index in range(register.count))
            else:
                yield register.name

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def fields(self, name: str) -> dict[str, int]:
        """The named bit fields of a register, as the description has them; empty if it has none."""
        description = self._vcpu().core.description
        register, _ = find_register(description, name)
        bits = description.bitfields.get(register.type_name)
        value = self[name]
        fields = register.fields or (() if bits is None else bits.fields)
        return {one.name: value >> one.low & ((1 << one.width) - 1) for one in fields}


class Memory:
    """Memory at the addresses that the guest calls physical. Sizes and addresses are in bytes."""

    def __init__(self, board: Callable[[], Board], journal: Callable[[], Journal]) -> None:
        self._board = board
        self._journal = journal

    def read(self, address: int, length: int) -> bytes:
        """Raises TraplineError where no memory is; devices are not touched."""
        return self._board().memory.read(address, length)

    def write(self, address: int, data: bytes) -> None:
        """Code that was decoded from there is decoded anew. Raises TraplineError where no memory is."""
        board = self._board()
        board.memory.write(address, data)
        for vcpu in board.vcpus:
            vcpu.core.engine.invalidate_code(board.core_address(address), len(data))
        self._journal().wrote_memory(address, data)

    def read_int(self, address: int, size: int) -> int:
        """An unsigned integer of `size` bytes in the program's byte order."""
        return int.from_bytes(self.read(address, size), self._board().elf.order)

    def write_int(self, address: int, size: int, value: int) -> None:
        """Stores one. Raises TraplineError where it does not fit."""
        if not 0 <= value < 1 << 8 * size:
            raise TraplineError(f"{value:#x} does not fit {size} bytes")
        self.write(address, value.to_bytes(size, self._board().elf.order))

    def __getitem__(self, place: slice) -> bytes:
        """`memory[first:end]`."""
        if not isinstance(place, slice) or place.start is None or place.stop is None or place.step is not None:
            raise TraplineError("memory is read as memory[first:end]")
        return self.read(place.start, max(0, place.stop - place.start))


class Vcpu:
    """One of a machine's vcpus."""

    def __init__(self, number: int, board: Callable[[], Board], journal: Callable[[], Journal]) -> None:
        self.number = number
        self._board = board
        self.registers = Registers(self._vcpu, journal)

    @property
    def pc(self) -> int:
        """Address of its next instruction."""
        return self._vcpu().core.pc

    @property
    def state(self) -> str:
        """What it is about: "runnable", "halted" or "stopped"."""
        return self._vcpu().mp_state.value

    @property
    def instructions(self) -> int:
        """How many it has completed."""
        return self._vcpu().core.retired

    def translate(self, address: int, kind: str = "load") -> int | None:
        """Where its translation leads now, for a "load", "store" or "fetch"; None: it would fault. The address is one
        of the core's: for a partition's vcpu, as the hypervisor has it."""
        from ...isa.engine.interface import FETCH, LOAD, STORE, Fault

        kinds = {"load": LOAD, "store": STORE, "fetch": FETCH}
        if kind not in kinds:
            raise TraplineError(f"there is no access '{kind}'", f"use one of {', '.join(kinds)}")
        found = self._vcpu().core.engine.translate(checked_address(address), kinds[kind])
        return None if isinstance(found, Fault) else found.physical

    @property
    def core(self) -> Core:
        """The core behind it: not part of what stays the same from version to version."""
        return self._vcpu().core

    def _vcpu(self) -> MachineVcpu:
        return self._board().vcpus[self.number]
