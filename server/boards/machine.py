"""A machine: vcpus, memory, devices, console and clock around one guest program, run to its end.

What the boards have in common stands here; a board adds its vcpus, its devices, its boot state and what it answers
to exits.
"""

from __future__ import annotations

import abc
from collections import Counter
from collections.abc import Callable, Sequence
from typing import ClassVar, Final, Protocol

from msgspec.structs import replace

from ...isa.engine.brake import Brake
from ...isa.engine.errors import EngineError
from ...isa.model.items import Description, RegisterRef
from ..core import Core, CoreBus
from ..described_facts import clock_rate, time_registers
from ..hv.exits import OF_USER_SPACE, Exit, Halt, InternalError, Mmio, SystemEvent, SystemEventKind, Unknown
from ..limits import Limits, Watch
from ..loading.guest import Guest, guest_of
from ..loading.places import Places
from ..machine import events
from ..machine.bus import Bus, Unclaimed
from ..machine.clock import EventQueue, GuestClock
from ..machine.console import Console
from ..machine.door import RecordedDoor
from ..machine.elf import LoadedElf
from ..machine.host_pace import HostPace, Wait
from ..machine.physical import MemorySlot, PhysicalMemory
from ..machine.ram import ByteOrder, GuestRam
from ..tree.ends import End, Idle, Stopped, Strayed, Used, Waits
from ..tree.levels import Partition
from ..tree.schedule import Turns
from ..tree.vcpu import MachineVcpu
from ..verdict import ConsoleVerdict, Outcome, Verdict
from ..wild.diagnosis import Diagnosis
from ..wild.names import Names
from ..wild.report import Wild
from .booting import BootProtocol, Placed, no_elf, place_guest
from .counted_bus import CountedBus
from .exit_names import exit_names, kind_name
from .machine_options import MachineOptions as MachineOptions
from .one_partition import OnePartition
from .register_values import apply_registers
from .statistics import Statistics, entered

_MOST_KINDS: Final = 200
"""Of exits, before what a guest makes up is counted together."""
SLICE_SECONDS: Final = 0.02
"""Of the host's time between two looks at what comes from outside."""
_ENDLESS: Final = 1 << 62


class Part(Protocol):
    """State that moves with a machine."""

    def snapshot(self) -> bytes:
        """All of it."""

    def restore(self, snapshot: bytes) -> None:
        """Takes it back."""


class Machine(OnePartition, abc.ABC):
    """Base of the boards. Made with a program, it stands at its entry point, ready to run."""

    NAME: ClassVar[str]
    SUMMARY: ClassVar[str]
    BOOT: ClassVar[BootProtocol]
    CORES: ClassVar[tuple[str, ...]]
    """Cores that the board takes, its usual one first."""
    RAM_SIZE: ClassVar[int]
    HOST: ClassVar[str] = ""
    """The hypervisor whose model the host side is; empty where the guest has the cores for itself."""
    HAS_SEMIHOSTING: ClassVar[bool] = False
    MOST_VCPUS: ClassVar[int] = 8
    """What the interrupt controllers and the tests have been made for."""
    MOST_THREADS: ClassVar[int] = 1
    """Hardware threads that a core may have."""

    def __init__(
        self,
        description: Description,
        guest: Guest | LoadedElf,
        options: MachineOptions,
        beside: Machine | None = None,
    ) -> None:
        """`beside`: a machine whose guest time, events and door this one shares, as another partition of its host."""
        self.description = description
        self.guest = guest_of(guest)
        self.elf = self.guest.elfs[0] if self.guest.elfs else no_elf(self.guest.title, self.BOOT)
        """What a debugger knows the guest by; without `raw` if none of its files is an ELF file."""
        self.options = options
        self.tree: bytes | None = None
        """The device tree that the guest is given, as a blob."""
        per_tick, self.ticks_per_second = clock_rate(description)
        if options.clock_shift is not None:
            per_tick = 1 << options.clock_shift
        self.clock: GuestClock = GuestClock(per_tick) if beside is None else beside.clock
        self.timers: EventQueue = EventQueue() if beside is None else beside.timers
        self.events: events.EventStream = events.EventStream() if beside is None else beside.events
        self.door: RecordedDoor = (
            RecordedDoor(self.clock, self.events, options.replay) if beside is None else beside.door
        )
        self.console = Console(self.door.free_name("console"), self.door)
        self.bus = Bus(self.events, self.clock)
        self.parts: dict[str, Part] = {}
        """What a board's user space holds that a guest could tell the difference by: devices and the like."""
        self.memory = PhysicalMemory()
        self.ram = GuestRam(self.RAM_SIZE if options.ram_size is None else options.ram_size)
        self.ram_slot = MemorySlot(0, self.BOOT.ram, self.ram.size, self.ram)
        self.said = ConsoleVerdict()
        self.console.add_sink(self.said.feed)
        self._reservations: dict[MachineVcpu, list[Callable[[Sequence[int]], None]]] = {}
        """What takes the reservation of each vcpu away."""
        self.exits: Counter[str] = Counter()
        self.verdict: Verdict | None = None
        """How the guest ended, once it has."""
        self.wild: Wild | None = None
        """What was found when the last slice ended with a `Strayed`."""
        self.partitions: Sequence[Partition[MachineVcpu]] = ()
        self.vcpus: Sequence[MachineVcpu] = ()
        """Those of all partitions."""
        self.turns: Turns

    def behind(self, partition: int) -> Machine:
        """What a partition is by itself: its guest, memory, devices and verdict."""
        return self

    # What boards do

    @abc.abstractmethod
    def answer(self, vcpu: MachineVcpu, left: Exit) -> Verdict | None:
        """Answers an exit that `Machine` itself does not; a verdict ends the run."""

    def switched_to(self, vcpu: MachineVcpu) -> None:
        """A vcpu's turn begins, after another's: reservations are lost, as any of the others may have stored there."""
        for lose in self._reservations[vcpu]:
            lose((0,))

    # Loading

    def load_guest(self) -> Placed:
        """Puts the guest's files into memory, which must be there by now. Raises what `place_guest` raises."""
        self.places = Places(self.memory)
        return place_guest(self.guest, self.places, replace(self.BOOT, orders=self.orders()))

    def orders(self) -> tuple[ByteOrder, ...]:
        """Byte orders of programs that this machine's core can run."""
        return self.BOOT.orders

    def given_registers(self) -> None:
        """Gives registers of vcpu 0 the values that the user wants. Raises RegisterValueError."""
        apply_registers(self.vcpus[0].core, self.guest.registers)

    # Running

    def ready(self, *partitions: Partition[MachineVcpu]) -> None:
        """Called by a board's constructor once its vcpus are there."""
        self.partitions = partitions
        self.vcpus = vcpus = [vcpu for partition in partitions for vcpu in partition.vcpus]
        kinds = [RegisterRef(name, -1) for name in ("RESERVE", "EXCLUSIVE") if name in self.description.registers]
        self._reservations = {vcpu: [vcpu.core.writer((kind,)) for kind in kinds] for vcpu in vcpus}
        shift, register = self.options.clock_shift, time_registers(self.description).shift
        if shift is not None and register:
            for vcpu in vcpus:
                vcpu.core.write(register, shift)
        self.turns = Turns(partitions, self.clock, self.timers, self.switched_to, self.options.quantum)
        self.turns.next_input = lambda: self.door.next_time
        names, wild_after = Names(self.guest.elfs), self.options.wild_after
        self.diagnosis = Diagnosis(self.description, names, self.memory, vcpus, wild_after, self.events, self.clock)

    def pace_idle(self, wait: Wait) -> None:
        """While every vcpu waits, guest time follows the host's clock from now on, instead of jumping to the next
        timer; `wait` waits on the host."""
        per_second = self.clock.instructions_per_tick * self.ticks_per_second
        self.turns.pace = HostPace(self.clock, float(per_second), wait).reach

    @property
    def steps(self) -> int:
        """Instructions executed by all vcpus, also those that ended in an interrupt: what budgets are paid in."""
        return sum([vcpu.core.steps for vcpu in self.vcpus])  # of a few: a list is quicker than a generator

    def run(self, max_instructions: int | None = None, timeout: float | None = None) -> Verdict:
        """Runs to the guest's end, until so many instructions are executed, or for so many seconds of the host's."""
        watch = Watch(self, Limits(max_instructions, timeout))
        while self.verdict is None:
            over = watch.over()
            if over is not None:
                return over
            end = self.run_slice(watch.left(), seconds=SLICE_SECONDS)
            if isinstance(end, Idle):
                self.end_idle()
            elif isinstance(end, Strayed):
                self.end_wild()
        return self.verdict

    @property
    def brake(self) -> Brake:
        """What ends a slice from outside."""
        return self.vcpus[0].core.state.peers.brake

    def run_slice(
        self, steps: int | None, only: frozenset[MachineVcpu] | None = None, seconds: float | None = None
    ) -> End | None:
        """Runs for at most `steps` instructions and about `seconds` of the host's time, as far as they are given.

        It ends sooner when somebody presses the brake. None: the guest has ended, and `verdict` says how. After a
        `Strayed`, `wild` says what is wrong; the guest may run on.
        """
        if self.verdict is not None:
            return None
        self.brake.release(seconds)
        end, looks = self.steps + (_ENDLESS if steps is None else steps), self.diagnosis.looks
        try:
            while True:
                self.door.open()
                now, recorded = self.steps, self.door.next_time
                most = min(end - now, looks.left(now))
                if recorded is not None:
                    most = min(most, recorded - self.clock.now)
                left = self.turns.run(most, self._handle, only)
                if isinstance(left, Strayed):
                    self.wild = self.diagnosis.strayed(left.vcpu, left.row)
                    return left
                if not isinstance(left, Used) or isinstance(left, Waits):
                    return left
                found = looks.look(self.steps, self.turns.current)
                if found is not None and only is None:
                    self.wild = found
                    return Strayed(self.diagnosis.vcpu_of(found), 0)
                if self.steps >= end or self.brake.due():
                    return left
        except EngineError as error:
            self._give_up(error)
            return None

    def step(
        self, vcpu: MachineVcpu, start: int = 0, end: int = 0, most: int = 1, seconds: float | None = None
    ) -> Stopped | None:
        """Executes one instruction of a vcpu, as a debugger asks for it, or up to `most` in a range (`Turns.step`)."""
        if self.verdict is not None:
            return None
        self.brake.release(seconds)
        self.door.open()
        try:
            return self.turns.step(vcpu, self._handle, start, end, most)
        except EngineError as error:
            self._give_up(error)
            return None

    def _give_up(self, error: EngineError) -> None:
        """Engine or description failed: that ends the guest, not the debugger's session."""
        self.verdict = Verdict(Outcome.DIED, str(error))

    def end(self, verdict: Verdict) -> None:
        """The guest has ended, perhaps in the middle of an instruction's access to a device: no other one follows."""
        self.verdict = verdict
        self.turns.stop()

    def leave(self, status: int, how: str) -> None:
        """The guest leaves with a status."""
        self.end(self.said.at_exit(status, how))

    def end_idle(self) -> None:
        """Every vcpu waits for good: that is an end, too."""
        self.verdict = self.said.at_idle("every vcpu waits, and nothing is to come that could wake one")

    def end_wild(self) -> None:
        """The guest runs wild, and nobody looks into it: that is an end, too. One that has said how it went, and then
        waits in a loop with its interrupts off, has ended as it said."""
        assert self.wild is not None
        if self.wild.kind == "stuck" and self.said.last is not None:
            self.verdict = self.said.at_idle("it waits for nothing, in a loop with interrupts off")
        else:
            self.verdict = Verdict(Outcome.WILD, self.wild.message)

    def whereabouts(self) -> str:
        """Where the guest is, and where it was found most often, in words."""
        return self.diagnosis.whereabouts()

    def statistics(self) -> Statistics:
        """Figures of the run so far."""
        seconds = self.clock.ticks / self.ticks_per_second
        per_vcpu = tuple(vcpu.core.retired for vcpu in self.vcpus)
        interrupts = dict(self.diagnosis.counts().most_common())
        exits, python = dict(self.exits.most_common()), entered(vcpu.core.engine for vcpu in self.vcpus)
        return Statistics(sum(per_vcpu), seconds, per_vcpu, exits, interrupts, python)

    def _handle(self, vcpu: MachineVcpu, left: Exit) -> bool:
        self.exits[kind_name(left)] += 1
        if events.Exit in self.events.wanted:
            self.events.publish(events.Exit(self.clock.now, vcpu.number, *exit_names(left)))
        if isinstance(left, OF_USER_SPACE):
            self.verdict = verdict = self.answer(vcpu, left)
            return verdict is None
        match left:
            case SystemEvent(kind=SystemEventKind.SHUTDOWN):
                self.verdict = self.said.at_power_off("the guest switched its machine off")
            case SystemEvent():
                self.verdict = self.said.at_reset("the guest asked for a reset")
            case InternalError():
                last = self.diagnosis.last_interrupt(vcpu)
                last = f". Its last interrupt: {last}" if last else ""
                self.verdict = Verdict(Outcome.DIED, f"vcpu {vcpu.number}: {left.reason}{last}")
            case Unknown():
                how = f"vcpu {vcpu.number}: the hypervisor has no answer to interrupt {left.trap:#x}"
                self.verdict = Verdict(Outcome.DIED, f"{how}\n{left.dump}".rstrip())
            case Halt():
                pass
            case _:
                self.verdict = self.answer(vcpu, left)
        return self.verdict is None

    def count_unknown(self, call: str, number: int) -> None:
        """Counts a call that nobody knows, by its number; those of a guest that tries many, together."""
        name = f"{call} {number:#x}, which nobody knows"
        if name not in self.exits and len(self.exits) >= _MOST_KINDS:
            name = f"other {call}s that nobody knows"
        self.exits[name] += 1

    def core_address(self, address: int) -> int:
        """Where the cores' physical address space has what the guest calls physical `address`."""
        return address

    def access_device(self, access: Mmio, vcpu: int) -> bytes | Unclaimed:
        """Performs an MMIO exit on the machine's bus: a load's data, b"" for a store, or what nobody took."""
        if access.is_write:
            value = int.from_bytes(access.data, "little")
            refused = self.bus.write(access.address, access.size, value, vcpu)
            return b"" if refused is None else refused
        loaded = self.bus.read(access.address, access.size, vcpu)
        return loaded.to_bytes(access.size, "little") if isinstance(loaded, int) else loaded

    def user_space_devices(self) -> CoreBus:
        """The bus as accesses in the middle of an instruction see it: each counts as an exit."""
        return CountedBus(self.bus, self.exits, self.events, self.clock)


def core_label(core: Core) -> str:
    """How messages call a core."""
    return f"{core.description.core} ({core.description.core_title})"
