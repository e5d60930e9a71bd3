"""Our engine in the place of a QEMU user-mode process: the same addresses, the same instances, the same results.

Translation is flat; what is not mapped has nothing that answers. An interrupt ends a block, as a signal does.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from trapline.isa.engine.create import create_engine
from trapline.isa.engine.interface import StopReason
from trapline.isa.engine.state import State
from trapline.isa.model.items import Description
from trapline.server.machine.physical import MemorySlot, PhysicalMemory
from trapline.server.machine.ram import GuestRam

from .qemu_user import CODE_BYTES, IN_BASE, MEMORY_ADDRESS, MEMORY_BYTES, MEMORY_PAGE, PAGE, Fault, Instance, Result
from .require import OracleError

STEPS = 300
"""Instructions that a block may run; one that runs longer is taken not to end."""
CODE_SPAN = 0x0400_0000
"""Bytes from IN_BASE on in which blocks stand."""

S = TypeVar("S")


class NeverEndsError(Exception):
    """A block did not leave its code within STEPS instructions."""


class _NoBus:
    """Nothing answers anywhere."""

    def read(self, address: int, size: int, vcpu: int | None = None) -> None:
        return None

    def write(self, address: int, size: int, value: int, vcpu: int | None = None) -> str:
        return "nothing is there"


@dataclass(frozen=True, slots=True)
class Left(Generic[S]):
    """What a block left, as QEMU's harness tells it, and the pc: the block's end, unless it jumped elsewhere."""

    result: Result[S]
    pc: int


class UserMachine(ABC, Generic[S]):
    """One vcpu of an engine with the harness's pages."""

    filler: bytes
    """What stands where no block does; executing it is an illegal instruction."""

    def __init__(self, description: Description, engine: str = "reference") -> None:
        self.description = description
        self.state = State(description)
        self._ram = {MEMORY_PAGE: GuestRam(PAGE), IN_BASE: GuestRam(CODE_SPAN)}
        self._ram[IN_BASE].write(0, self.filler * (CODE_SPAN // len(self.filler)))
        if engine != "reference":
            # Native code finds a breakpoint where it finds code: at the vectors, too.
            self._ram[0] = GuestRam(PAGE)
        memory = PhysicalMemory()
        for number, (base, ram) in enumerate(self._ram.items()):
            memory.add(MemorySlot(number, base, ram.size, ram))
        self.engine: Any = create_engine(engine, description, self.state, memory, _NoBus())
        self.engine.reset()
        self.registers = self.state.blocks["thread"].registers
        self.prepare()
        self._fresh = {scope: block.save() for scope, block in self.state.blocks.items()}
        self._vectors = self.vectors()

    @abstractmethod
    def prepare(self) -> None:
        """Sets what differs between reset and a process: user mode, all facilities on."""

    @abstractmethod
    def vectors(self) -> dict[int, str]:
        """Where interrupts are entered, and what they are called."""

    @abstractmethod
    def put(self, state: S) -> None:
        """Writes a process's registers."""

    def before(self, instance: Instance[S], code_address: int) -> None:
        """Tells the description of the block that is about to run."""

    @abstractmethod
    def take(self) -> S:
        """Reads a process's registers."""

    @abstractmethod
    def in_user_mode(self) -> bool:
        """Whether no interrupt has been taken: a jump may reach a vector, too."""

    @abstractmethod
    def fault(self, interrupt: str) -> Fault:
        """The signal that the interrupt just entered would be; `pc` is the instruction's."""

    def fresh(self) -> None:
        """Puts everything back that a block may have changed, but for its registers."""
        for scope, saved in self._fresh.items():
            self.state.blocks[scope].load(saved)

    def run(self, instance: Instance[S], code_address: int) -> Left[S]:
        """Runs an instance's block, with its code at `code_address`, to its end, a fault, or elsewhere.

        Raises NeverEndsError, and EngineError where engine or description fail.
        """
        try:
            self._set_up(instance, code_address)
            pc, fault = self._go(code_address, code_address + len(instance.code))
        finally:
            self._write_code(code_address, self.filler * (CODE_BYTES // len(self.filler)))
        return Left(Result(self.take(), self._data(), fault, code_address), pc)

    def step(self, instance: Instance[S], code_address: int) -> Left[S]:
        """Runs the first instruction of a block, wherever it goes; one that faults ends at a vector."""
        self._set_up(instance, code_address)
        self.engine.set_breakpoints(frozenset())
        stop = self.engine.run(1)
        return Left(Result(self.take(), self._data(), None, code_address), stop.pc)

    def _set_up(self, instance: Instance[S], code_address: int) -> None:
        self._write_code(code_address, instance.code)
        self._ram[MEMORY_PAGE].write(MEMORY_ADDRESS - MEMORY_PAGE, instance.memory.ljust(MEMORY_BYTES, b"\0"))
        self.fresh()
        self.put(instance.state)
        self.before(instance, code_address)
        self.state.pc = code_address
        self.engine.state_changed()

    def _write_code(self, code_address: int, code: bytes) -> None:
        at = code_address - IN_BASE
        if not 0 <= at <= CODE_SPAN - CODE_BYTES:
            raise OracleError(f"a block at {code_address:#x} is outside of the code's pages")
        self._ram[IN_BASE].write(at, code)
        self.engine.invalidate_code(code_address, CODE_BYTES)

    def _data(self) -> bytes:
        return self._ram[MEMORY_PAGE].read(MEMORY_ADDRESS - MEMORY_PAGE, MEMORY_BYTES)

    def _go(self, first: int, end: int) -> tuple[int, Fault | None]:
        self.engine.set_breakpoints(frozenset({end, *self._vectors}))
        stop = self.engine.run(STEPS, step_over=True)
        if stop.reason is StopReason.BUDGET:
            raise NeverEndsError(f"the block at {first:#x} still runs after {STEPS} instructions, at {stop.pc:#x}")
        if stop.reason is not StopReason.BREAKPOINT:
            raise OracleError(f"the run ended with {stop}")
        if stop.pc in self._vectors and not self.in_user_mode():
            fault = self.fault(self._vectors[stop.pc])
            return fault.pc, fault
        return stop.pc, None
