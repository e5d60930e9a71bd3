"""A vcpu's core as models and machines use it: an engine, and its description's names.

Everything goes by name here: registers, fields, constants, interrupts, functions, hypercalls. What a name stands
for (numbers, vectors, bits) is the description's alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Final, Protocol

import msgspec

from ..isa.engine.errors import GuestFault
from ..isa.engine.interface import Engine, Stop, StopReason, WatchHit, WatchKind
from ..isa.engine.layout import RETIRED, TIMER_AT, TIMERS, TIMERS_SET
from ..isa.errors import TraplineError
from ..isa.model.items import Description, Hypercall, Register, RegisterRef

FaultIn = Callable[[GuestFault], bool]
"""Told of a fault of the debugger's, says whether the access is worth another try."""


def no_faults_in() -> AbstractContextManager[FaultIn]:
    """For vcpus whose translations are the guest's business alone."""
    return nullcontext(lambda fault: False)


class CoreBus(Protocol):
    """What a core asks where no RAM is: `server/machine`'s Bus, or a window that stands in for one."""

    def read(self, address: int, size: int, vcpu: int | None = None) -> object:
        """The value, or something that is no int when nothing answers."""

    def write(self, address: int, size: int, value: int, vcpu: int | None = None) -> object:
        """None when something took the value."""


class CoreExit(msgspec.Struct, frozen=True):
    """Why the core came back: "budget", "debug", "wild", or the name of an exit of the description with its arguments.

    "wild" has `Stop.row` as its argument. For "debug", `address` is the breakpoint's, or the data address if
    `is_watchpoint`.
    """

    name: str
    arguments: tuple[int, ...] = ()
    address: int = 0
    is_watchpoint: bool = False
    is_write: bool = False


_BUDGET: Final = CoreExit("budget")


class AtBreakpoints:
    """What the debugger's side has a core ask. It is none of the machine's state."""

    __slots__ = ("heeds",)

    def __init__(self) -> None:
        self.heeds: Callable[[int], bool] | None = None
        """Whether a breakpoint that was come to, at an address, stops the core; None: each does."""


class Core:
    """An engine with its description. `steps` counts executed instructions, also those that ended in an interrupt."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.state = engine.state
        self.steps = 0
        self.pass_breakpoint = False
        """Whether the next run executes the instruction at pc even if a breakpoint stands there."""
        self.at_breakpoints = AtBreakpoints()
        self.on_input: Callable[[], None] = lambda: None
        """Called after an input of the core has changed, or something else that it may wait for."""
        self.has_siblings = False
        """Whether other hardware threads share this one's core."""
        self._left_behind = b""
        self._watch: WatchHit | None = None
        self.take_description()

    def take_description(self) -> None:
        """The engine has another description now."""
        self.description: Description = self.state.description
        self._fields: dict[tuple[str, str], tuple[int, int]] = {}
        self._hypercalls = {(call.abi, call.number): call for call in self.description.hypercalls.values()}

    # Running

    def run(self, steps: int) -> CoreExit:
        """Runs for at most `steps` instructions."""
        step_over, self.pass_breakpoint = self.pass_breakpoint, False
        stop = self.engine.run(steps, step_over)
        if self.at_breakpoints.heeds is not None and stop.reason is StopReason.BREAKPOINT:
            return self._asked(stop, steps)
        return self._taken(stop)

    def _asked(self, stop: Stop, steps: int) -> CoreExit:
        """Goes on over breakpoints that do not stop it, of `steps` in all."""
        heeds, engine, brake = self.at_breakpoints.heeds, self.engine, self.state.peers.brake
        assert heeds is not None
        while stop.reason is StopReason.BREAKPOINT and not heeds(stop.pc):
            self.steps += stop.steps
            steps -= stop.steps
            if brake.pressed:
                self.pass_breakpoint = True
                return _BUDGET
            stop = engine.run(steps, True)
        return self._taken(stop)

    def cut(self, at: int, every: int) -> None:
        """While the core runs: ends the run where `steps` is `at`, or a multiple of `every` from there."""
        self.engine.cut((at - self.steps) % every, every)

    def step(self, start: int, end: int, most: int) -> CoreExit | None:
        """See `Engine.step`; a breakpoint at pc is heeded unless `pass_breakpoint`. None: the budget is used up."""
        if self._watch is not None:
            return self.take_watch_hit()
        engine = self.engine
        if self.pass_breakpoint:
            self.pass_breakpoint = False
        elif engine.breakpoints and engine.pc in engine.breakpoints:
            return self.run(1)
        stop = engine.step(start, end, most)
        if isinstance(stop, int):
            self.steps += stop
            return None
        return self._taken(stop)

    def run_one(self) -> CoreExit:
        """Executes the instruction at pc, whatever breakpoint stands there."""
        return self._taken(self.engine.run(1, step_over=True))

    def _taken(self, stop: Stop) -> CoreExit:
        self.steps += stop.steps
        if stop.watch is not None:
            self._watch = stop.watch
        if stop.exit is not None:
            return CoreExit(stop.exit.name, stop.exit.arguments)
        if stop.reason is StopReason.WILD:
            return CoreExit("wild", (stop.row,))
        if stop.reason is StopReason.BREAKPOINT:
            return CoreExit("debug", address=stop.pc)
        return self.take_watch_hit() or _BUDGET

    def take_watch_hit(self) -> CoreExit | None:
        """A watchpoint's hit that has not been told yet: one may come together with an exit."""
        hit, self._watch = self._watch, None
        if hit is None:
            return None
        return CoreExit("debug", address=hit.address, is_watchpoint=True, is_write=hit.kind is WatchKind.WRITE)

    @property
    def pc(self) -> int:
        """Address of the next instruction."""
        return self.engine.pc

    @pc.setter
    def pc(self, address: int) -> None:
        self.state.pc = address

    @property
    def retired(self) -> int:
        """Instructions completed since reset."""
        return self.engine.retired

    def next_timer(self) -> int | None:
        """The number of completed instructions at which a timer is due, or None."""
        armed = self.state.read(TIMERS_SET)
        times = [self.state.read(TIMER_AT, k) for k in range(TIMERS) if armed >> k & 1]
        return min(times, default=None)

    def turn_ends(self) -> None:
        """Siblings may run now: notes what they see of this thread."""
        self._left_behind = self.state.blocks["core"].snapshot()

    def siblings_ran(self) -> None:
        """Other threads of the core may have run: what they wrote that belongs to all of them takes effect here."""
        if self._left_behind == self.state.blocks["core"].snapshot():
            return
        self.engine.state_changed()
        if "set_timers" in self.description.functions:
            self.engine.call("set_timers")

    # Registers

    def read(self, name: str, index: int | None = None) -> int:
        """A register's storage."""
        return self.state.read(name, index)

    def write(self, name: str, value: int, index: int | None = None) -> None:
        """Writes a register's storage: what nothing hangs on."""
        self.state.write(name, value, index)
        self.engine.state_changed()

    def set_input(self, name: str, level: int) -> None:
        """An input of the core, such as an interrupt request, takes a level."""
        if self.state.read(name) != level:
            self.state.write(name, level)
            self.engine.request_poll()
            self.on_input()

    def get(self, name: str, index: int | None = None) -> int:
        """A register or view as somebody outside sees it."""
        return self.engine.read_external(name, index)

    def put(self, name: str, value: int, index: int | None = None) -> None:
        """Writes a register or view with all that hangs on it."""
        self.engine.write_external(name, value, index)

    def field(self, name: str, field: str) -> int:
        """A named field of a register's storage."""
        low, width = self.bits(name, field)
        return self.read(name) >> low & ((1 << width) - 1)

    def put_fields(self, name: str, **fields: int) -> None:
        """Writes some fields of a register, the others as they are; does nothing where the core lacks it."""
        if name not in self.description.registers:
            return
        value = self.read(name)
        for field, bits in fields.items():
            low, width = self.bits(name, field)
            mask = (1 << width) - 1
            if bits > mask:
                raise TraplineError(f"{bits:#x} does not fit {name}.{field}, which has {width} bits")
            value = value & ~(mask << low) | bits << low
        self.put(name, value)

    def read_ref(self, ref: RegisterRef) -> int:
        """A register that a calling convention names."""
        return self.read(ref.register, None if ref.index < 0 else ref.index)

    def reader(self, refs: Sequence[RegisterRef]) -> Callable[[], tuple[int, ...]]:
        """What reads these registers again and again."""
        return self.state.reader(_places(refs))

    def writer(self, refs: Sequence[RegisterRef]) -> Callable[[Sequence[int]], None]:
        """What writes these registers, or the first of them, again and again; values are cut to their widths."""
        return self.state.writer(_places(refs))

    def write_ref(self, ref: RegisterRef, value: int) -> None:
        """Writes a register that a calling convention names; the value is cut to its width."""
        width = self.register(ref.register).width
        self.state.write(ref.register, value & ((1 << width) - 1), None if ref.index < 0 else ref.index)

    def mover(self, name: str) -> Callable[[int], object]:
        """What writes a register again and again, with what hangs on it: that must never raise, nor change context."""
        return self.engine.writer_of(name)

    def register(self, name: str) -> Register:
        """What the description says of a register. Raises KeyError."""
        return self.description.registers[name]

    def bits(self, name: str, field: str) -> tuple[int, int]:
        """(lowest bit, width) of a register's field. Raises KeyError."""
        found = self._fields.get((name, field))
        if found is None:
            found = self._fields[name, field] = self._find_bits(name, field)
        return found

    def _find_bits(self, name: str, field: str) -> tuple[int, int]:
        for one in self.register(name).fields:
            if one.name == field:
                return one.low, one.width
        bits = self.description.bitfields.get(self.register(name).type_name)
        for one in bits.fields if bits is not None else ():
            if one.name == field:
                return one.low, one.width
        raise KeyError(f"{name} has no field {field}")

    def has_feature(self, name: str) -> bool:
        """Whether the core has a feature of its description."""
        return name in self.description.features

    def constant(self, name: str) -> int:
        """A constant's value. Raises KeyError."""
        return self.description.constants[name].value

    def hypercall(self, abi: str, number: int) -> Hypercall | None:
        """The call with a number, or None."""
        return self._hypercalls.get((abi, number))

    def return_code(self, abi: str, name: str) -> int:
        """A return code as its register holds it (unsigned)."""
        convention = self.description.abis[abi]
        width = self.register(convention.results[0].register).width
        return convention.return_codes[name].value & ((1 << width) - 1)

    def call(self, function: str, *arguments: int) -> tuple[int, ...]:
        """Calls a described function on this core's state. Raises GuestFault where it raises."""
        return self.engine.call(function, *arguments)

    def ask(self, function: str, *arguments: int) -> tuple[int, ...]:
        """As `call`, of a function that changes nothing and never raises; also in the middle of an instruction."""
        results = self.engine.ask(function, *arguments)
        return results if isinstance(results, tuple) else (results,)

    def look(self, name: str) -> int:
        """As `get`, of a view that changes nothing and never raises when it is read: much quicker."""
        return self.ask(self.register(name).read_function)[0]

    def enter(self, interrupt: str, *arguments: int) -> None:
        """Enters a described interrupt at the present pc, as if the instruction there had raised it."""
        address = self.engine.pc
        self.engine.call(self.description.interrupts[interrupt].function, *arguments)
        self.engine.entered_outside(interrupt, arguments, address)

    def fetched_nothing(self) -> bool:
        """Whether the last interrupt came from pc, where no instruction could be fetched."""
        pc, last = self.engine.pc, self.engine.interrupts.last()[-1:]
        return any(pc in (one.address, one.went) and not one.length and not one.between for one in last)

    # Everything at once

    def reset_thread(self, kept: Sequence[str] = ()) -> None:
        """The thread is reset while its machine goes on: registers get their reset values, and the hook `reset` is run.

        What it has executed stays counted, and the registers in `kept`, as far as there are such, keep their values.
        """
        registers = self.description.registers
        places: list[tuple[str, int | None]] = [(RETIRED, None)]
        for name in kept:
            if name in registers:
                count = registers[name].count
                places += [(name, index) for index in range(count)] if count else [(name, None)]
        held = [(*place, self.state.read(*place)) for place in places]
        self.engine.reset()
        for name, at, value in held:
            self.state.write(name, value, at)
        self.engine.state_changed()

    def snapshot(self) -> bytes:
        """All registers; `restore` takes it back."""
        return self.state.snapshot()

    def restore(self, snapshot: bytes) -> None:
        """Puts all registers back."""
        self.state.restore(snapshot)
        self.engine.state_changed()

    def tlb_flush(self) -> None:
        """Drops cached translations, of all cores that share this one's memory."""
        self.engine.flush_tlb()


def _places(refs: Sequence[RegisterRef]) -> list[tuple[str, int | None]]:
    return [(ref.register, None if ref.index < 0 else ref.index) for ref in refs]
