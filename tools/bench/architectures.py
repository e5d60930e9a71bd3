"""The architectures that kernels are built for, and the machines that they run on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ...isa.errors import TraplineError
from ...isa.lang.tree.diagnostics import did_you_mean


@dataclass(frozen=True, slots=True)
class Architecture:
    """`library` (in firmware/lib) brings `machine` up; sections without a place are linked from `base`.

    `bare_machine` is the one for kernels that want a core of their own.
    `compiler` is Debian's cross compiler for C with the options of the architecture, `package` has it.
    """

    name: str
    core: str
    machine: str
    bare_machine: str
    library: str
    base: int
    byte_order: Literal["big", "little"]
    compiler: tuple[str, ...]
    package: str


POWER = Architecture(
    "power",
    "power7",
    "pseries",
    "power-bare",
    "pseries.s",
    0x100000,
    "big",
    # Vectors stay out: the description does not have all of them, and every peer gets the same program.
    ("powerpc64-linux-gnu-gcc", "-mcpu=power7", "-mbig-endian", "-mabi=elfv2", "-mno-vsx", "-mno-altivec"),
    "gcc-powerpc64-linux-gnu",
)
ARM = Architecture(
    "arm",
    "armv7ve",
    "arm-virt",
    "arm-virt",
    "virt.s",
    0x40010000,
    "little",
    # With the MMU off memory is strongly ordered, where unaligned accesses fault.
    ("arm-linux-gnueabihf-gcc", "-mcpu=cortex-a15", "-marm", "-mfpu=vfp", "-mno-unaligned-access"),
    "gcc-arm-linux-gnueabihf",
)
ARCHITECTURES = (POWER, ARM)


def find_architecture(name: str) -> Architecture:
    """The architecture of that name. Raises TraplineError with the names that there are."""
    for one in ARCHITECTURES:
        if one.name == name:
            return one
    names = [one.name for one in ARCHITECTURES]
    raise TraplineError(f"there is no architecture '{name}' to measure", did_you_mean(name, names) or ", ".join(names))
