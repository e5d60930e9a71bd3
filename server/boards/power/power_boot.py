"""How the Power machines are booted, as far as they agree."""

from __future__ import annotations

from typing import Final

from ....isa.model.items import Description
from ...hv.book3s.partition.page_table import LARGEST_ORDER, SMALLEST_ORDER
from ...loading.guest import Guest
from ...loading.images import POWER_KERNEL
from ...machine.ram import ByteOrder
from ..booting import BootError, BootProtocol

POWER_BOOT: Final = BootProtocol(
    machine="PPC64",
    orders=("big", "little"),
    instruction_alignment=4,
    ram=0,
    linux_offset=0,
    raw_offset=0,
    zimage_offset=None,
    elf_class=64,
    kernel_under_firmware=POWER_KERNEL,
)
"""A kernel is loaded at 0; under firmware, which is there itself, where QEMU's pseries machine puts it."""


def power_orders(description: Description) -> tuple[ByteOrder, ...]:
    """Byte orders that a core has: little-endian mode is a bit of MSR, which the 970 lacks."""
    return ("big", "little") if description.constants["MSR_IMPLEMENTED"].value & 1 else ("big",)


def usual_hpt_order(ram_size: int) -> int:
    """log2 of a hashed page table's bytes for so much RAM: a 128th of it, rounded up, as QEMU has it."""
    order = (ram_size - 1).bit_length() - 7
    return min(max(order, SMALLEST_ORDER), LARGEST_ORDER)


def refuse_flash(guest: Guest, machine: str) -> None:
    """Raises BootError: no Power machine has flash memory."""
    if guest.flash:
        raise BootError(
            f"--flash {guest.flash[0].path}: machine '{machine}' has no flash memory",
            "firmware is given with --bios FILE, anything else with --load FILE@ADDR",
        )
