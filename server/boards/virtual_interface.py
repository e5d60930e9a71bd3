"""The GIC's Virtualization Extensions as the bus sees them: what the processors do not do alone.

GICH and GICV are registers of each processor (`devices/gic_virtual.isa`), which accesses whole words of its own by
itself. By the bus come parts of words, doublewords, other processors' registers, what ends a physical interrupt, and,
while somebody listens to accesses, everything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Protocol

from ..core import Core
from ..machine.virt_fdt import VirtMap

_GICV: Final = VirtMap().gic_virtual_cpu_interface.base - VirtMap().gic_hypervisor.base
_OTHERS: Final = 0x1000
"""Where the registers of processors stand by their numbers: 512 bytes each."""
_EACH_BITS: Final = 9
_WORD: Final = 4


class Processor(Protocol):
    """What has the registers."""

    @property
    def core(self) -> Core:
        """Its core."""


class VirtualInterface:
    """See the module. `deactivate` is told of physical interrupts that end: the processor, and the number. `tell` lets
    processors know whether somebody listens."""

    name: Final = "gic_virtual"
    size: Final = 2 * _GICV

    def __init__(
        self,
        vcpus: Callable[[], Sequence[Processor]],
        accessing: Callable[[], int],
        deactivate: Callable[[int, int], object],
        tell: Callable[[], None],
    ) -> None:
        self._vcpus = vcpus
        self._accessing = accessing
        self._deactivate = deactivate
        self._tell = tell

    def snapshot(self) -> bytes:
        """Nothing: it is the processors'."""
        return b""

    def restore(self, snapshot: bytes) -> None:
        """Who listened to the machine that was saved is none of this one's."""
        self._tell()

    def read(self, offset: int, size: int) -> int:
        """Reserved places read as zero."""
        value = 0
        for at in range(offset & -_WORD, offset + size, _WORD):
            value |= self._load(at) << 8 * (at - (offset & -_WORD))
        return value >> 8 * (offset & (_WORD - 1)) & ((1 << 8 * size) - 1)

    def write(self, offset: int, size: int, value: int) -> None:
        """A part of a word goes with zeros: registers that are written in part are nobody's."""
        value <<= 8 * (offset & (_WORD - 1))
        for at in range(offset & -_WORD, offset + size, _WORD):
            self._store(at, value >> 8 * (at - (offset & -_WORD)) & 0xFFFF_FFFF)

    def _place(self, offset: int) -> tuple[int, str, int]:
        """Whose register it is, of which interface, and where it stands there."""
        own = self._accessing()
        if offset >= _GICV:
            return own, "gicv", offset - _GICV
        if offset < _OTHERS:
            return own, "gich", offset
        return (offset - _OTHERS) >> _EACH_BITS & 7, "gich", offset & ((1 << _EACH_BITS) - 1)

    def _load(self, offset: int) -> int:
        cpu, interface, at = self._place(offset)
        if cpu >= len(self._vcpus()):
            return 0
        (value,) = self._vcpus()[cpu].core.ask(f"{interface}_read", at)
        return value

    def _store(self, offset: int, value: int) -> None:
        cpu, interface, at = self._place(offset)
        if cpu >= len(self._vcpus()):
            return
        core = self._vcpus()[cpu].core
        ended = core.ask(f"{interface}_write", at, value)
        if interface == "gich":
            core.on_input()  # a processor that waits may have something to wake up for
        elif ended[0] != core.constant("GIC_SPURIOUS"):
            self._deactivate(cpu, ended[0])
