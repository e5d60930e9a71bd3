"""Several partitions on one host: the guests take turns on its cores, in one schedule and one guest time.

Each partition is a board of its own, with memory, devices, console and verdict; they share the hypervisor's model,
clock, events and the recorded door. The machine goes on until the last guest has ended.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import ClassVar, Final

from msgspec.structs import replace

from ...isa.engine.errors import EngineError
from ...isa.errors import TraplineError
from ...isa.model.items import Description
from ..hv.exits import Exit, MpState
from ..loading.guest import Guest
from ..tree.ends import End, Stopped, Used
from ..tree.levels import Partition
from ..tree.vcpu import MachineVcpu
from ..verdict import Verdict
from ..wild.diagnosis import Diagnosis
from .arm_kvm import ArmKvmMachine
from .booting import BootProtocol
from .machine import Machine, MachineOptions
from .others_diagnosed import AllDiagnosed
from .power.pseries import PseriesMachine
from .statistics import Statistics

MOST: Final = 8
_LONGEST_LINE: Final = 4096


class SeveralPartitions(Machine):
    """See the module. What a machine has one of is the first partition's: console for input, memory, bus, guest."""

    def __init__(self, members: Sequence[PseriesMachine | ArmKvmMachine]) -> None:
        """Made by `several_partitions`."""
        first = members[0]
        super().__init__(first.description, first.guest, first.options, first)
        self.members = members
        self.console, self.bus, self.memory, self.ram = first.console, first.bus, first.memory, first.ram
        self.ram_slot, self.said, self.tree, self.places = first.ram_slot, first.said, first.tree, first.places
        self._owner: dict[MachineVcpu, PseriesMachine | ArmKvmMachine] = {}
        parts: list[Partition[MachineVcpu]] = []
        for number, member in enumerate(self.members):
            parts.append(Partition(number, member.partitions[0].vcores))
            self._owner |= dict.fromkeys(member.vcpus, member)
            if number:
                member.console.add_sink(_Lines(self, number + 1).feed)
        self._runs: Machine = first
        self.ready(*parts)
        for member in self.members:
            member.turns = self.turns

    def ready(self, *partitions: Partition[MachineVcpu]) -> None:
        """See `Machine`. Each partition is diagnosed by itself."""
        super().ready(*partitions)
        self.diagnosis: Diagnosis = AllDiagnosed(self.members, self._owner)

    def behind(self, partition: int) -> Machine:
        """See `Machine`."""
        return self.members[partition]

    def mute(self, muted: bool) -> None:
        """See `Machine`."""
        for member in self.members:
            member.console.is_muted = muted

    # Running

    def answer(self, vcpu: MachineVcpu, left: Exit) -> Verdict | None:
        """See `Machine`."""
        return self._owner[vcpu].answer(vcpu, left)

    def _handle(self, vcpu: MachineVcpu, left: Exit) -> bool:
        return self._owner[vcpu]._handle(vcpu, left)

    def switched_to(self, vcpu: MachineVcpu) -> None:
        """See `Machine`. The vcpu that ran may be another partition's."""
        owner = self._owner[vcpu]
        if owner is not self._runs:
            if isinstance(self._runs, PseriesMachine):
                self._runs.switched_to(None)
            self._runs = owner
        owner.switched_to(vcpu)

    def run_slice(
        self, steps: int | None, only: frozenset[MachineVcpu] | None = None, seconds: float | None = None
    ) -> End | None:
        """See `Machine`. A slice ends, too, when a guest ends and others go on."""
        end = super().run_slice(steps, only, seconds)
        return Used() if self._retire() and self.verdict is None and end is None else end

    def step(
        self, vcpu: MachineVcpu, start: int = 0, end: int = 0, most: int = 1, seconds: float | None = None
    ) -> Stopped | None:
        """See `Machine`."""
        stopped = super().step(vcpu, start, end, most, seconds)
        self._retire()
        return stopped

    def finish(self, partition: int, verdict: Verdict) -> None:
        """Ends a partition from outside."""
        self.members[partition].verdict = verdict
        self._retire()

    def _retire(self) -> bool:
        """Takes partitions whose guests have ended out of the schedule; whether there is one that was not known."""
        gone = frozenset(number for number, member in enumerate(self.members) if member.verdict is not None)
        if gone == self.ended:
            return False
        self.ended = gone
        for number in gone:
            for vcpu in self.members[number].vcpus:
                vcpu.mp_state = MpState.STOPPED
        verdicts = [member.verdict for member in self.members if member.verdict is not None]
        if len(verdicts) == len(self.members):
            self.verdict = next((verdict for verdict in verdicts if verdict.status != 0), verdicts[0])
        else:
            self.turns.stop(False)
        return True

    def _give_up(self, error: EngineError) -> None:
        self._owner[self.turns.current]._give_up(error)

    def end_idle(self) -> None:
        """See `Machine`: every guest that has not ended waits for good."""
        for member in self.members:
            if member.verdict is None:
                member.end_idle()
        self._retire()

    def end_wild(self) -> None:
        """See `Machine`: the others go on."""
        assert self.wild is not None
        member = self._owner[self.diagnosis.vcpu_of(self.wild)]
        member.wild = self.wild
        member.end_wild()
        self._retire()

    def statistics(self) -> Statistics:
        """Of all partitions together."""
        figures = [member.statistics() for member in self.members]
        exits: Counter[str] = Counter()
        for one in figures:
            exits.update(one.exits)
        return replace(
            figures[0],
            instructions=sum(one.instructions for one in figures),
            per_vcpu=tuple(count for one in figures for count in one.per_vcpu),
            exits=dict(exits.most_common()),
            interrupts=dict(self.diagnosis.counts().most_common()),
        )


class _Lines:
    """Shows what a partition says where the first one's console is shown, line by line with its number."""

    def __init__(self, machine: SeveralPartitions, number: int) -> None:
        self._machine = machine
        self._head = f"[{number}] ".encode()
        self._line = b""

    def feed(self, data: bytes) -> None:
        """Takes output."""
        *lines, self._line = (self._line + data).split(b"\n")
        if len(self._line) > _LONGEST_LINE:
            lines.append(self._line)
            self._line = b""
        console = self._machine.console
        for line in lines:
            for sink in console.sinks:
                if sink != self._machine.said.feed and not (console.is_muted and sink in console.shows):
                    sink(self._head + line + b"\n")


class SeveralPseries(SeveralPartitions):
    """Partitions of `pseries`."""

    NAME: ClassVar[str] = PseriesMachine.NAME
    SUMMARY: ClassVar[str] = PseriesMachine.SUMMARY
    BOOT: ClassVar[BootProtocol] = PseriesMachine.BOOT
    CORES: ClassVar[tuple[str, ...]] = PseriesMachine.CORES
    RAM_SIZE: ClassVar[int] = PseriesMachine.RAM_SIZE
    HOST: ClassVar[str] = PseriesMachine.HOST


class SeveralArm(SeveralPartitions):
    """Guests of `arm-kvm`."""

    NAME: ClassVar[str] = ArmKvmMachine.NAME
    SUMMARY: ClassVar[str] = ArmKvmMachine.SUMMARY
    BOOT: ClassVar[BootProtocol] = ArmKvmMachine.BOOT
    CORES: ClassVar[tuple[str, ...]] = ArmKvmMachine.CORES
    RAM_SIZE: ClassVar[int] = ArmKvmMachine.RAM_SIZE
    HOST: ClassVar[str] = ArmKvmMachine.HOST


def several_partitions(board: str, description: Description, guest: Guest, options: MachineOptions) -> Machine:
    """A host with a guest in its first partition, and the guest's `neighbours` in others, with the same options.

    Raises TraplineError where that cannot be.
    """
    if board not in (PseriesMachine.NAME, ArmKvmMachine.NAME):
        raise TraplineError(
            f"machine '{board}' has no hypervisor that could have several partitions",
            "leave --partition out, or take machine pseries or arm-kvm",
        )
    if len(guest.neighbours) >= MOST:
        raise TraplineError(f"{len(guest.neighbours) + 1} partitions are too many", f"at most {MOST} are possible")
    for other in guest.neighbours:
        if other.machine not in (None, guest.machine):
            raise TraplineError(
                f"{other.title}: it is a program for {other.machine}, and {guest.title} is one for {guest.machine}",
                "all partitions are of one architecture",
            )
    if board == PseriesMachine.NAME:
        power = PseriesMachine(description, guest, options)
        beside = [PseriesMachine(description, one, options, host=power.kvm, beside=power) for one in guest.neighbours]
        return SeveralPseries([power, *beside])
    arm = ArmKvmMachine(description, guest, options)
    others = [ArmKvmMachine(description, one, options, host=arm.kvm, beside=arm) for one in guest.neighbours]
    return SeveralArm([arm, *others])
