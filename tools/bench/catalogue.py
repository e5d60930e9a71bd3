"""The kernels: small programs whose time is taken."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass

from ...isa.errors import TraplineError
from ...isa.lang.tree.diagnostics import did_you_mean
from . import facility_models, models


class Kind(enum.Enum):
    """COMPUTE kernels have C and assembly forms and count for the geometric means; the others are assembly.

    SYSTEM ones are about machines, FACILITY ones about what one architecture's processors have of their own.
    """

    COMPUTE = "compute"
    SYSTEM = "system"
    FACILITY = "facility"


@dataclass(frozen=True, slots=True)
class Kernel:
    """`checksum` works out in Python what the kernel must give; `events` is how many of `unit` one run has.

    `once`: a run is timed from its first instruction on, without any warm-up. `bare`: architectures on which it needs a
    core of its own where others are a partition's. `vcpus`: so many, threads of one core.
    """

    name: str
    title: str
    kind: Kind
    checksum: Callable[[], int]
    arches: tuple[str, ...] = ("power", "arm")
    events: int = 0
    unit: str = ""
    once: bool = False
    bare: tuple[str, ...] = ()
    vcpus: int = 1


CALLS = 1000
"""How often a system kernel does in one run what it is about."""

KERNELS = (
    Kernel("sieve", "sieve of Eratosthenes below 32768", Kind.COMPUTE, models.sieve),
    Kernel("crc32", "CRC-32 of 16 KiB by table", Kind.COMPUTE, models.crc32),
    Kernel("sha256", "SHA-256 of 64 blocks", Kind.COMPUTE, models.sha256),
    Kernel("matrix", "product of 32 x 32 matrices", Kind.COMPUTE, models.matrix),
    Kernel("memcpy", "copies of 32 KiB by words", Kind.COMPUTE, models.memcpy),
    Kernel("quicksort", "quicksort of 2048 words", Kind.COMPUTE, models.quicksort),
    Kernel("list", "walk of a shuffled linked list", Kind.COMPUTE, models.linked_list),
    Kernel("dispatch", "interpreter with a jump table", Kind.COMPUTE, models.dispatch),
    Kernel("calls", "binary tree of calls and returns", Kind.COMPUTE, models.calls),
    Kernel("float", "Mandelbrot set in double precision", Kind.COMPUTE, models.floating),
    Kernel("fused", "fused multiply-add, double precision", Kind.FACILITY, facility_models.fused, ("power",)),
    Kernel("vmx", "VMX: integers of bytes and words", Kind.FACILITY, facility_models.vmx, ("power",)),
    Kernel("vsx", "VSX: y = a x + y on doubles", Kind.FACILITY, facility_models.vsx, ("power",)),
    Kernel("tlb", "one word in each of 4096 pages, translation on", Kind.SYSTEM, models.tlb),
    Kernel("blocks", "20,000 distinct blocks, 50 times each", Kind.SYSTEM, models.blocks, once=True),
    Kernel(
        "hcall_read",
        "H_READ, inside the engine",
        Kind.SYSTEM,
        models.hcall_read,
        ("power",),
        events=CALLS,
        unit="H_READ",
    ),
    Kernel(
        "hcall_python",
        "H_GET_TERM_CHAR, answered in Python",
        Kind.SYSTEM,
        models.hcall_python,
        ("power",),
        events=CALLS,
        unit="hcalls",
    ),
    *(
        Kernel(
            f"threads_{count}",
            f"{count} threads of a core that run, prod each other and cede",
            Kind.SYSTEM,
            models.threads,
            ("power",),
            events=models.ROUNDS_OF_THREADS,
            unit="cedes of each thread",
            vcpus=count,
        )
        for count in (2, 4)
    ),
    Kernel(
        "mmio",
        "loads from the serial port's status register",
        Kind.SYSTEM,
        models.mmio,
        events=CALLS,
        unit="MMIO loads",
    ),
    Kernel(
        "world_switch",
        "from the hypervisor to a guest and back",
        Kind.SYSTEM,
        models.world_switch,
        events=CALLS,
        unit="world switches",
        bare=("power",),
    ),
    Kernel(
        "world_switch_gic",
        "the same with the guest's list registers",
        Kind.SYSTEM,
        models.world_switch,
        ("arm",),
        events=CALLS,
        unit="world switches",
    ),
)


def find_kernel(name: str) -> Kernel:
    """The kernel of that name. Raises TraplineError with the closest names."""
    for kernel in KERNELS:
        if kernel.name == name:
            return kernel
    names = [kernel.name for kernel in KERNELS]
    raise TraplineError(f"there is no kernel '{name}'", did_you_mean(name, names) or "kernels are: " + ", ".join(names))
