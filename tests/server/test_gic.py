"""The GIC as its book has it: groups, preemption, ends in two steps."""

from __future__ import annotations

from collections.abc import Callable

from trapline.isa.engine.devices import DescribedDevice, DevicePorts

from .guests import description

SPI = 40
CTLR, PMR, BPR, IAR, EOIR, RPR, HPPIR, ABPR, AIAR, AEOIR, AHPPIR = range(0, 0x2C, 4)
DIR = 0x1000
SPURIOUS, OTHER_GROUP = 1023, 1022
GROUPS_ON, ACK_CTL, FIQ_EN, CBPR, EOI_MODE = 3, 1 << 2, 1 << 3, 1 << 4, 1 << 9


class Wired:
    """A device of the GIC for 8 processors: what it drives, and accesses to one of its windows as one processor."""

    def __init__(self, name: str, window: int) -> None:
        self.levels: dict[tuple[str, int], int] = {}
        signals = [port.name for port in description("armv7ve").devices[name].ports if port.kind == "signal"]
        ports = DevicePorts(signals={signal: self._driver(signal) for signal in signals})
        self.device = DescribedDevice(description("armv7ve"), name, ports)
        self.device.call("connect", 8)
        self.window = window

    def _driver(self, signal: str) -> Callable[[int, int], None]:
        def drive(index: int, level: int) -> None:
            self.levels[signal, index] = level

        return drive

    def read(self, offset: int, cpu: int = 0) -> int:
        """A word of the window."""
        value = self.device.read(self.window + offset, 4, cpu)
        assert isinstance(value, int)
        return value

    def write(self, offset: int, value: int, cpu: int = 0) -> None:
        """A word of the window."""
        self.device.write(self.window + offset, 4, value, cpu)

    def driven(self) -> set[tuple[str, int]]:
        """Which signals are asserted, and whose."""
        return {signal for signal, level in self.levels.items() if level}


def physical(controls: int = GROUPS_ON) -> Wired:
    """A CPU interface that takes all; interrupts 40 to 43 go to processor 0, with priorities 0x80, 0x40, 0x48, 0x20."""
    gic = Wired("gicv2", 0x10000)
    gic.device.write(0, 4, 3, 0)
    gic.device.write(0x104, 4, 0xF << SPI - 32, 0)
    for id, priority in enumerate((0x80, 0x40, 0x48, 0x20), SPI):
        gic.device.write(0x400 + id, 1, priority, 0)
        gic.device.write(0x800 + id, 1, 1, 0)
    gic.write(PMR, 0xFF)
    gic.write(CTLR, controls)
    return gic


def ask(gic: Wired, *ids: int) -> None:
    """Interrupts become pending."""
    for id in ids:
        gic.device.write(0x200 + 4 * (id // 32), 4, 1 << id % 32, 0)


def to_group_1(gic: Wired, id: int) -> None:
    """An interrupt changes its group."""
    gic.device.write(0x80 + 4 * (id // 32), 4, 1 << id % 32, 0)


def test_group_0_may_be_the_fiq() -> None:
    """GICC_CTLR.FIQEn gives Group 0 the FIQ; Group 1 is an IRQ always (IHI 0048B, 2.3.1)."""
    gic = physical(GROUPS_ON | FIQ_EN)
    ask(gic, SPI)
    assert gic.driven() == {("fiq", 0)}
    to_group_1(gic, SPI)
    assert gic.driven() == {("irq", 0)}


def test_group_1_is_acknowledged_by_its_own_register_or_with_ackctl() -> None:
    """GICC_IAR gives 1022 for it, GICC_AIAR takes it, and AckCtl lets GICC_IAR take it (4.4.4, 4.4.11)."""
    gic = physical()
    to_group_1(gic, SPI)
    ask(gic, SPI)
    assert (gic.read(IAR), gic.read(HPPIR), gic.read(AHPPIR)) == (OTHER_GROUP, OTHER_GROUP, SPI)
    assert gic.read(AIAR) == SPI
    assert (gic.read(0xD0), gic.read(0xE0)) == (0, 1 << 16)
    gic.write(AEOIR, SPI)
    assert gic.read(0xE0) == 0
    gic.write(CTLR, GROUPS_ON | ACK_CTL)
    ask(gic, SPI)
    assert gic.read(IAR) == SPI


def test_a_disabled_group_keeps_its_interrupts() -> None:
    """Neither the distributor's nor the interface's enable of one group is the other's (4.3.1, 4.4.1)."""
    gic = physical(controls=1)
    to_group_1(gic, SPI)
    ask(gic, SPI)
    assert gic.driven() == set()
    ask(gic, SPI + 1)
    assert gic.driven() == {("irq", 0)}


def test_the_binary_point_decides_what_preempts() -> None:
    """0x40 does not preempt 0x48 where both are of one group of priorities; 0x20 preempts both (3.3.3)."""
    gic = physical()
    gic.write(BPR, 3)
    ask(gic, SPI + 2)
    assert gic.read(IAR) == SPI + 2
    assert gic.read(RPR) == 0x40
    ask(gic, SPI + 1)
    assert gic.driven() == set()
    ask(gic, SPI + 3)
    assert gic.driven() == {("irq", 0)}
    assert gic.read(IAR) == SPI + 3
    gic.write(EOIR, SPI + 3)
    assert gic.read(RPR) == 0x40
    gic.write(EOIR, SPI + 2)
    assert (gic.read(RPR), gic.read(IAR)) == (0xFF, SPI + 1)


def test_binary_points_have_least_values() -> None:
    """32 priorities: 2 for Group 0, 3 for Group 1, whose point CBPR makes unused."""
    gic = physical()
    assert (gic.read(BPR), gic.read(ABPR)) == (2, 3)
    gic.write(BPR, 0)
    gic.write(ABPR, 0)
    assert (gic.read(BPR), gic.read(ABPR)) == (2, 3)
    to_group_1(gic, SPI + 2)
    gic.write(ABPR, 5)
    ask(gic, SPI + 2)
    gic.read(AIAR)
    assert gic.read(RPR) == 0x40
    gic.write(AEOIR, SPI + 2)
    gic.write(CTLR, GROUPS_ON | CBPR)
    ask(gic, SPI + 2)
    gic.read(AIAR)
    assert gic.read(RPR) == 0x48


def test_priority_drop_and_deactivation_apart() -> None:
    """With EOImode GICC_EOIR drops the priority, GICC_DIR deactivates; without it GICC_DIR is ignored (3.2.1)."""
    gic = physical(GROUPS_ON | EOI_MODE)
    ask(gic, SPI)
    assert gic.read(IAR) == SPI
    gic.write(EOIR, SPI)
    assert (gic.read(RPR), gic.device.read(0x304, 4, 0)) == (0xFF, 1 << SPI - 32)
    gic.write(DIR, SPI)
    assert gic.device.read(0x304, 4, 0) == 0
    gic.write(CTLR, GROUPS_ON)
    ask(gic, SPI)
    gic.read(IAR)
    gic.write(DIR, SPI)
    assert gic.device.read(0x304, 4, 0) == 1 << SPI - 32


def test_an_end_of_nothing_changes_nothing() -> None:
    """Spurious numbers, numbers that there are not, and an end while nothing is active are ignored."""
    gic = physical()
    ask(gic, SPI)
    before = gic.device.snapshot()
    for id in (SPI, SPURIOUS, 288):
        gic.write(EOIR, id)
    assert gic.device.snapshot() == before


def test_inputs_can_be_looked_at() -> None:
    """GICD_PPISR and GICD_SPISR show the lines, whatever is enabled."""
    gic = physical()
    gic.device.call("drive", 3, 27, 1)
    gic.device.call("drive", 0, SPI, 1)
    assert [gic.device.read(0xD00, 4, cpu) for cpu in (0, 3)] == [0, 1 << 11]
    assert gic.device.read(0xD04, 4, 0) == 1 << SPI - 32


# The virtual interface ------------------------------------------------------------------------------------------------
