"""What may be chosen of a machine, whatever its board."""

from __future__ import annotations

from pathlib import Path

import msgspec

from ...isa.engine.interrupt_log import USUAL_ROW
from ..machine.door import DoorEntry
from ..tree.schedule import QUANTUM


class MachineOptions(msgspec.Struct, frozen=True):
    """What may be chosen; None: as the board has it. `ram_size` in bytes."""

    vcpus: int = 1
    ram_size: int | None = None
    core: str | None = None
    engine: str | None = None
    bootargs: str = ""
    quantum: int = QUANTUM
    semihosting: bool = False
    """Whether privileged SVCs with semihosting's numbers reach the machine."""
    semihosting_folder: Path | None = None
    """A folder of the host's whose files semihosting may open; it is asked for by that."""
    description: Path | None = None
    """The entry file of the user's own description, whose boards are the machines then."""
    changes: tuple[Path, ...] = ()
    """Files that change the core's description."""
    threads: int = 1
    """Hardware threads of each core: how a device tree groups the vcpus."""
    hpt_order: int | None = None
    """log2 of the bytes of a partition's hashed page table; None: by the size of its RAM."""
    rma: bool = False
    """Whether a partition's memory is a real mode area (offset and limit) though its core could do without."""
    clock_shift: int | None = None
    """log2 of the instructions in a tick of the time base or counter; None: the board's."""
    replay: tuple[DoorEntry, ...] | None = None
    """What comes from outside, and when, as another run has recorded it (`Machine.door.record`)."""
    wild_after: int = USUAL_ROW
    """Interrupts in a row without an instruction completed after which a guest is taken to run wild; 0: none is."""
