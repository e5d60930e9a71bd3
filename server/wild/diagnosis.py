"""All that a machine can be asked about what happened to its guest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial

from ...isa.engine.interrupt_log import Entered
from ...isa.model.items import Description
from ..hv.kvm import MpState
from ..machine import events
from ..machine.clock import GuestClock
from ..machine.physical import PhysicalMemory
from ..tree.vcpu import MachineVcpu
from .looks import Looks
from .names import Names
from .report import Reporter, Wild


class Diagnosis:
    """One machine's. `wild_after`: see `MachineOptions`."""

    def __init__(
        self,
        description: Description,
        names: Names,
        memory: PhysicalMemory,
        vcpus: Sequence[MachineVcpu],
        wild_after: int,
        stream: events.EventStream,
        clock: GuestClock,
    ) -> None:
        self.names = names
        self.reporter = Reporter(description, names, memory)
        self.looks = Looks(vcpus, self.reporter, wild_after != 0)
        self._description = description
        self._vcpus = vcpus
        self._events = stream
        self._clock = clock
        self._interrupts = list(description.interrupts.values())
        for vcpu in vcpus:
            vcpu.core.engine.interrupts.limit(wild_after or None)
        stream.watch_wanted(self._wanted)

    def take_description(self, description: Description, memory: PhysicalMemory) -> None:
        """The machine goes on with another description of the same core."""
        self.reporter = Reporter(description, self.names, memory)
        self.looks.reporter = self.reporter
        self._description = description
        self._interrupts = list(description.interrupts.values())

    def strayed(self, vcpu: MachineVcpu, row: int) -> Wild:
        """What to say of a vcpu that the engine, or a model, has found to run wild; `row` as `RanWild` has it."""
        if row:
            return self.reporter.row(vcpu.number, vcpu.core, row)
        return self.reporter.no_memory(vcpu.number, vcpu.core)

    def vcpu_of(self, wild: Wild) -> MachineVcpu:
        """The vcpu that a look has found to run wild."""
        return self._vcpus[wild.vcpu]

    def whereabouts(self) -> str:
        """Where the guest is, and where it was found most often."""
        now = [
            f"vcpu {vcpu.number} at {self.names.shown(vcpu.core.pc)}"
            for vcpu in self._vcpus
            if vcpu.mp_state is not MpState.STOPPED
        ]
        hot = [f"{self.names.shown(one.address)} {one.part:.0%}" for one in self.looks.hottest()]
        return ", ".join(now) + (f"; found most often at {', '.join(hot)}" if hot else "")

    def last_interrupt(self, vcpu: MachineVcpu) -> str:
        """The interrupt that a vcpu entered last, in words; "" if it has entered none."""
        last = vcpu.core.engine.interrupts.last()
        return self.reporter.entered(last[-1]) if last else ""

    def counts(self) -> Counter[str]:
        """How often each interrupt was entered, by its name, on all vcpus."""
        found: Counter[str] = Counter()
        for vcpu in self._vcpus:
            counts = vcpu.core.engine.interrupts.counts(len(self._interrupts))
            for interrupt, count in zip(self._interrupts, counts, strict=True):
                if count:
                    found[interrupt.name] += count
        return found

    def count_lines(self) -> list[str]:
        """The counters and the words that no encoding matched, a line each."""
        lines = []
        for name, count in self.counts().most_common():
            interrupt = self._description.interrupts[name]
            lines.append(f"{count:>8}  {interrupt.title} ({name}), vector {interrupt.vector:#x}")
        for vcpu in self._vcpus:
            for one in vcpu.core.engine.interrupts.unknown_words():
                word = f"{one.word:#0{2 + 2 * one.length}x}"
                place = self.names.shown(one.address)
                lines.append(f"{one.count:>8}  word {word} at {place}, which the description has no form for")
        return lines

    def last_lines(self) -> list[str]:
        """The last interrupts of each vcpu, the oldest first, a line each."""
        return [
            f"vcpu {vcpu.number}, after {one.retired} instructions: {self.reporter.entered(one)}"
            for vcpu in self._vcpus
            for one in vcpu.core.engine.interrupts.last()
        ]

    def _wanted(self, wanted: frozenset[type[events.Event]]) -> None:
        """Somebody wants to be told of each interrupt, or nobody does any more."""
        for vcpu in self._vcpus:
            log = vcpu.core.engine.interrupts
            log.listen(partial(self._publish, vcpu.number) if events.Interrupt in wanted else None)

    def _publish(self, vcpu: int, entered: Entered) -> None:
        interrupt = self._interrupts[entered.number]
        event = events.Interrupt(self._clock.now, vcpu, interrupt.name, interrupt.vector, entered.address)
        self._events.publish(event)
