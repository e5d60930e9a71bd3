"""The virtual interface of each processor to the GIC as its book has it: list registers, maintenance, the guest."""

from __future__ import annotations

from types import SimpleNamespace

from trapline.server.boards.virtual_interface import VirtualInterface
from trapline.server.machine.bus import Bus
from trapline.server.machine.clock import GuestClock
from trapline.server.machine.events import EventStream
from trapline.server.machine.physical import PhysicalMemory
from trapline.server.tree.hardware import Hardware

from .guests import description

CTLR, PMR, BPR, IAR, EOIR, RPR, HPPIR, ABPR, AIAR, AEOIR, AHPPIR = range(0, 0x2C, 4)
DIR = 0x1000
SPURIOUS, OTHER_GROUP = 1023, 1022
GROUPS_ON, ACK_CTL, FIQ_EN, CBPR, EOI_MODE = 3, 1 << 2, 1 << 3, 1 << 4, 1 << 9
HCR, VMCR, MISR, EISR, ELRSR, APR, LR = 0x00, 0x08, 0x10, 0x20, 0x30, 0xF0, 0x100
PENDING, ACTIVE, GROUP_1, HW = 1 << 28, 2 << 28, 1 << 30, 1 << 31
GICV = 0x10000
BASE = 0x0803_0000


class Virtual:
    """The virtual interfaces of 8 processors: accesses as each makes them, what they drive, what has ended."""

    def __init__(self) -> None:
        memory, hardware = PhysicalMemory(), Hardware(description("armv7ve"), "reference")
        events = EventStream()
        bus = Bus(events, GuestClock(1))
        self.cores = [hardware.thread(0, number, number, memory, bus) for number in range(8)]
        self.cores[0].write("VIRTUAL_INTERFACE_BASE", BASE)
        self.accessing = 0
        self.sent: list[tuple[int, int]] = []
        processors = [SimpleNamespace(core=core) for core in self.cores]
        self.bus = VirtualInterface(
            lambda: processors,
            lambda: self.accessing,
            lambda cpu, number: self.sent.append((cpu, number)),
            lambda: None,
        )

    def read(self, offset: int, cpu: int = 0) -> int:
        """A word: what the processor does not do alone comes by the bus."""
        taken, value = self.cores[cpu].ask("own_load", BASE + offset, 4)
        self.accessing = cpu
        return value if taken else self.bus.read(offset, 4)

    def write(self, offset: int, value: int, cpu: int = 0) -> None:
        """A word, likewise."""
        self.accessing = cpu
        if not self.cores[cpu].ask("own_store", BASE + offset, 4, value)[0]:
            self.bus.write(offset, 4, value)

    def driven(self) -> set[tuple[str, int]]:
        """Which signals are asserted, and whose."""
        names = {"virq": "VIRTUAL_IRQ_PENDING", "vfiq": "VIRTUAL_FIQ_PENDING", "maintenance": "MAINTENANCE"}
        return {
            (signal, cpu) for signal, name in names.items() for cpu, core in enumerate(self.cores) if core.read(name)
        }


def virtual(controls: int = GROUPS_ON) -> Virtual:
    """The virtual interfaces, all on, with all priorities let through."""
    gic = Virtual()
    for cpu in range(8):
        gic.write(HCR, 1, cpu)
        gic.write(VMCR, 0xF8 << 24 | controls, cpu)
    return gic


def listed(id: int, priority: int = 0x50, more: int = PENDING) -> int:
    """A list register's value."""
    return more | priority >> 3 << 23 | id


def test_each_processor_has_a_virtual_interface_of_its_own() -> None:
    """List registers, controls and signals are banked; those of others stand at 0x1000 + 0x200 * number."""
    gic = virtual()
    gic.write(LR, listed(33), 5)
    assert gic.driven() == {("virq", 5)}
    assert [gic.read(LR, cpu) for cpu in (0, 5)] == [0, listed(33)]
    assert gic.read(0x1000 + 0x200 * 5 + LR, 0) == listed(33)
    gic.write(0x1000 + 0x200 * 2 + LR + 4, listed(34), 0)
    assert gic.driven() == {("virq", 2), ("virq", 5)}
    assert gic.read(GICV + IAR, 2) == 34


def test_a_guest_s_controls_are_the_hypervisor_s_machine_control() -> None:
    """GICH_VMCR shows what the guest wrote to GICV, field by field, and writes it (5.3.4)."""
    gic = virtual()
    gic.write(GICV + CTLR, 0x21F)
    gic.write(GICV + PMR, 0xA7)
    gic.write(GICV + BPR, 4)
    gic.write(GICV + ABPR, 6)
    assert gic.read(VMCR) == 0xA0 << 24 | 4 << 21 | 6 << 18 | 0x21F
    gic.write(VMCR, 0x50 << 24 | 3 << 21 | 5 << 18 | 1)
    assert [gic.read(GICV + offset) for offset in (CTLR, PMR, BPR, ABPR)] == [1, 0x50, 3, 5]


def test_groups_of_virtual_interrupts() -> None:
    """FIQEn makes Group 0 a virtual FIQ; GICV_IAR tells of Group 1 by 1022, GICV_AIAR takes it (5.5.4)."""
    gic = virtual(GROUPS_ON | FIQ_EN)
    gic.write(LR, listed(33))
    assert gic.driven() == {("vfiq", 0)}
    gic.write(LR, listed(33, more=PENDING | GROUP_1))
    assert gic.driven() == {("virq", 0)}
    assert [gic.read(GICV + offset) for offset in (IAR, HPPIR, AHPPIR, AIAR)] == [OTHER_GROUP, OTHER_GROUP, 33, 33]
    gic.write(GICV + AEOIR, 33)
    assert (gic.read(LR), gic.read(APR)) == (listed(33, more=GROUP_1), 0)


def test_an_sgi_tells_who_asked_and_its_end_names_him() -> None:
    """Two list registers may hold one SGI from two senders; the end of one leaves the other (5.3.8)."""
    gic = virtual()
    gic.write(LR, listed(3 | 1 << 10))
    gic.write(LR + 4, listed(3 | 6 << 10, 0x40))
    assert gic.read(GICV + IAR) == 6 << 10 | 3
    gic.write(LR, listed(3 | 1 << 10, more=ACTIVE))
    gic.write(GICV + EOIR, 6 << 10 | 3)
    assert (gic.read(LR), gic.read(LR + 4)) == (listed(3 | 1 << 10, more=ACTIVE), listed(3 | 6 << 10, 0x40, 0))


def test_the_end_of_a_hardware_interrupt_ends_the_physical_one() -> None:
    """With HW the physical number goes to the distributor, by EOIR or, with EOImode, by DIR (5.2.2)."""
    gic = virtual()
    gic.write(LR, listed(33 | 70 << 10, more=PENDING | HW), 4)
    assert gic.read(GICV + IAR, 4) == 33
    gic.write(GICV + EOIR, 33, 4)
    assert gic.sent == [(4, 70)]
    gic.write(VMCR, 0xF8 << 24 | EOI_MODE | 1, 4)
    gic.write(LR, listed(33 | 70 << 10, more=PENDING | HW), 4)
    gic.read(GICV + IAR, 4)
    gic.write(GICV + EOIR, 33, 4)
    assert len(gic.sent) == 1
    gic.write(GICV + DIR, 33, 4)
    assert len(gic.sent) == 2


def test_an_interrupt_that_is_active_and_pending_comes_again_after_its_end() -> None:
    """It isn't signalled before; its end leaves it pending (5.2.1)."""
    gic = virtual()
    gic.write(LR, listed(33, more=PENDING | ACTIVE))
    gic.write(APR, 1 << 10)
    assert gic.driven() == set()
    gic.write(GICV + EOIR, 33)
    assert (gic.read(LR), gic.driven()) == (listed(33), {("virq", 0)})


def test_ends_that_no_list_register_has_are_counted() -> None:
    """Without a priority to drop nothing is counted; with EOImode GICV_DIR counts (5.3.1)."""
    gic = virtual()
    gic.write(GICV + EOIR, 50)
    assert gic.read(HCR) >> 27 == 0
    gic.write(APR, 1 << 4)
    gic.write(GICV + EOIR, 50)
    assert (gic.read(HCR) >> 27, gic.read(APR)) == (1, 0)
    gic.write(VMCR, 0xF8 << 24 | EOI_MODE | 1)
    gic.write(GICV + DIR, 50)
    gic.write(GICV + DIR, SPURIOUS)
    assert gic.read(HCR) >> 27 == 2


def test_maintenance_is_asked_for_by_the_hypervisor() -> None:
    """GICH_MISR's causes, each with its enable; the line needs GICH_HCR.En (5.3.5)."""
    gic = virtual(controls=1)
    # Group 0 is on, Group 1 off, no list register is valid, nothing is counted.
    for enable, shown in ((1, True), (2, False), (3, True), (4, True), (5, False), (6, False), (7, True)):
        gic.write(HCR, 1 | 1 << enable)
        assert gic.read(MISR) == (1 << enable if shown else 0)
        assert (("maintenance", 0) in gic.driven()) is shown
    gic.write(HCR, 1 | 1 << 2 | 1 << 27)
    assert gic.read(MISR) == 1 << 2
    gic.write(HCR, 1 << 3)
    assert gic.driven() == set()


def test_a_processor_alone_makes_whole_words_of_its_own_registers_alone() -> None:
    """Not parts of words, doublewords, other processors' registers, what ends a physical interrupt; nor anything while
    somebody listens, or where the machine has no such interface."""
    gic = virtual()
    own = gic.cores[0]
    assert own.ask("own_load", BASE + HCR, 4) == (1, 1)
    for offset, size in ((HCR, 1), (HCR, 8), (LR + 2, 2), (0x1000 + LR, 4), (0x8000, 4), (GICV + 0x2000, 4), (-4, 4)):
        assert own.ask("own_load", BASE + offset, size)[0] == 0, (offset, size)
        assert own.ask("own_store", BASE + offset, size, 0)[0] == 0, (offset, size)
    gic.write(LR, listed(33 | 70 << 10, more=ACTIVE | HW))
    assert own.ask("own_store", BASE + GICV + EOIR, 4, 33)[0] == 0
    assert own.ask("own_store", BASE + GICV + EOIR, 4, 34)[0] == 1
    own.write("ACCESSES_ARE_TOLD", 1)
    assert own.ask("own_load", BASE + HCR, 4)[0] == 0
    own.write("ACCESSES_ARE_TOLD", 0)
    own.write("VIRTUAL_INTERFACE_BASE", 0)
    assert own.ask("own_load", BASE + HCR, 4)[0] == 0


def test_parts_of_words_and_doublewords_come_by_the_bus() -> None:
    """They are what the words at their places are; a part is written with zeros beside it."""
    gic = virtual()
    gic.write(LR, listed(33))
    gic.write(LR + 4, listed(34))
    assert gic.bus.read(LR, 8) == listed(34) << 32 | listed(33)
    assert (gic.bus.read(LR + 3, 1), gic.bus.read(LR + 2, 2)) == (listed(33) >> 24, listed(33) >> 16)
    gic.bus.write(LR, 8, listed(36) << 32 | listed(35))
    assert [gic.read(LR + at) for at in (0, 4)] == [listed(35), listed(36)]
    gic.bus.write(LR + 2, 2, listed(0) >> 16)
    assert gic.read(LR) == listed(0)
