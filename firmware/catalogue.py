"""The guests that come with Trapline: what each shows, what it is made of, and the machine that it is for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from ..asmgen import Image, Layout, Source, assemble, target_for
from ..asmgen.layout.options import Reading
from ..isa.errors import TraplineError
from ..isa.lang.load import load_core
from ..isa.lang.tree.diagnostics import did_you_mean

FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Guest:
    """A guest: `sources` are relative to this folder, linked in order at `base`; `core` names the description.

    It wants `vcpus` processors, `threads` of them in a core, and `memory` MB (None: what the machine has). `payload` is
    the guest that a host stub runs as its partition; `definitions` have a value in its sources; with `rma` its machine
    has a real mode area.
    """

    name: str
    title: str
    core: str
    machine: str
    base: int
    sources: tuple[str, ...]
    vcpus: int = 1
    threads: int = 1
    memory: int | None = None
    payload: str | None = None
    definitions: tuple[tuple[str, int], ...] = ()
    rma: bool = False


POWER_STUBS = {
    core: Guest(
        f"{core}_host",
        f"a host in hypervisor state on a {name} that runs a partition",
        core,
        "power-bare",
        0x10000,
        (f"hoststubs/{core}_host.s",),
        memory=512,
    )
    for core, name in (("power7", "POWER7"), ("ppc970", "PowerPC 970"))
}
"""Host stubs of Power, by core: `hosted` gives them a partition to run."""


def hosted(guest: Guest, core: str = "power7") -> Guest:
    """The host stub of a core, with a guest for `pseries` as its partition."""
    definitions = (("RMA", 1),) if guest.rma and core == "power7" else ()
    return replace(POWER_STUBS[core], payload=guest.name, definitions=definitions)


ARM_HOST = (
    "lib/virt.s",
    "hoststubs/arm/boot.s",
    "hoststubs/arm/vectors.s",
    "hoststubs/arm/world.s",
    "hoststubs/arm/cp15.s",
    "hoststubs/arm/vfp.s",
    "hoststubs/arm/interrupts.s",
    "hoststubs/arm/tlb.s",
    "hoststubs/arm/stage2.s",
    "hoststubs/arm/inject.s",
    "hoststubs/arm/host.s",
    "hoststubs/arm/aborts.s",
)
"""A KVM/Arm host as guest code; what it does stands in one of its run_*.s."""


def _under_arm_host(name: str, title: str, *sources: str) -> tuple[Guest, ...]:
    """A program of that host's, as A32 and as T32."""
    return tuple(
        Guest(
            name + suffix,
            f"{title}, {instructions}",
            "armv7ve",
            "arm-virt",
            0x40010000,
            (*ARM_HOST, *sources),
            definitions=(("T32", t32),),
        )
        for suffix, instructions, t32 in (("", "A32", 0), ("_t32", "T32", 1))
    )


GUESTS = (
    Guest(
        "power_hcalls",
        "hypercalls on the partition's hashed page table",
        "power7",
        "pseries",
        0x100000,
        ("lib/pseries.s", "guests/power_hcalls.s"),
    ),
    Guest(
        "power_mmio",
        "a load and stores to a page whose entry is absent",
        "power7",
        "pseries",
        0x100000,
        ("lib/pseries.s", "guests/power_mmio.s"),
    ),
    Guest(
        "power_pages",
        "pages that a memory slot holds in part, and fetches from where no memory is",
        "power7",
        "pseries",
        0x100000,
        ("lib/pseries.s", "guests/power_pages.s"),
    ),
    Guest(
        "power_exits",
        "what leaves a partition, and what comes back as its own interrupt",
        "power7",
        "pseries",
        0x100000,
        ("lib/pseries.s", "guests/power_exits.s"),
    ),
    Guest(
        "power_table",
        "page table calls in bulk, with conditions and keys; pages, and what nobody answers",
        "power7",
        "pseries",
        0x100000,
        ("lib/pseries.s", "guests/power_table.s"),
    ),
    Guest(
        "power_areas",
        "the virtual processor area, its yield count, and the dispatch trace log",
        "power7",
        "pseries",
        0x100000,
        ("lib/pseries.s", "guests/power_areas.s"),
    ),
    Guest(
        "power_threads",
        "four threads of one core that cede, prod and interrupt each other",
        "power7",
        "pseries",
        0x100000,
        ("lib/pseries.s", "guests/power_threads.s"),
        vcpus=4,
        threads=4,
    ),
    Guest(
        "power_naps",
        "threads that nap in their core while a sibling runs, and find everything as it was",
        "power7",
        "pseries",
        0x100000,
        ("lib/pseries.s", "guests/power_naps.s"),
        vcpus=4,
        threads=4,
    ),
    Guest(
        "power_devices",
        "two vcpus that access a device at the same time, by every form of a byte's access",
        "power7",
        "pseries",
        0x100000,
        ("lib/pseries.s", "guests/power_devices.s"),
        vcpus=2,
        threads=2,
    ),
    Guest(
        "power_tce",
        "translation control entries of an I/O bus",
        "power7",
        "pseries",
        0x100000,
        ("lib/pseries.s", "guests/power_tce.s"),
    ),
    Guest(
        "power_modes",
        "the byte order of interrupts, and random numbers",
        "power7",
        "pseries",
        0x100000,
        ("lib/pseries.s", "guests/power_modes.s"),
    ),
    Guest(
        "power_rma",
        "a PowerPC 970's real mode area, and pages that it cannot have",
        "ppc970",
        "pseries",
        0x100000,
        ("lib/pseries.s", "guests/power_rma.s"),
        definitions=(("POWER7", 0),),
    ),
    Guest(
        "power7_rma",
        "a POWER7's real mode area",
        "power7",
        "pseries",
        0x100000,
        ("lib/pseries.s", "guests/power_rma.s"),
        definitions=(("POWER7", 1),),
        rma=True,
    ),
    Guest(
        "arm_hyp",
        "a host in Hyp mode that runs a guest: HVC and stage 2 aborts",
        "armv7ve",
        "arm-virt",
        0x40010000,
        ("lib/virt.s", "hoststubs/arm_kvm_host.s", "guests/arm_guest.s"),
    ),
    Guest(
        "arm_vgic",
        "virtual interrupts: list registers from Hyp mode, and a guest that takes them",
        "armv7ve",
        "arm-virt",
        0x40010000,
        ("lib/virt.s", "guests/arm_vgic.s"),
    ),
    replace(POWER_STUBS["power7"], payload="power_mmio"),
    replace(POWER_STUBS["ppc970"], payload="power_hcalls"),
    *_under_arm_host(
        "arm_world",
        "a guest that springs every trap of a KVM/Arm host's",
        "hoststubs/arm/run_world.s",
        "hoststubs/arm/spoil.s",
        "guests/arm_world_guest.s",
    ),
    *_under_arm_host(
        "arm_hyp_calls",
        "Hyp calls, entries, panics and TLB maintenance of a KVM/Arm host",
        "hoststubs/arm/run_calls.s",
        "hoststubs/arm/calls_parts.s",
    ),
    *_under_arm_host(
        "arm_interrupts",
        "list registers and the virtual timer of a KVM/Arm host's guest",
        "hoststubs/arm/run_interrupts.s",
    ),
)


def find_guest(name: str) -> Guest:
    """The guest of that name.  Raises TraplineError with the closest names."""
    for guest in GUESTS:
        if guest.name == name:
            return guest
    names = [guest.name for guest in GUESTS]
    raise TraplineError(f"there is no guest '{name}'", did_you_mean(name, names) or "guests are: " + ", ".join(names))


def build(guest: Guest) -> Image:
    """Assembles and links a guest.  Raises AssemblyErrors."""
    sources = [Source.read(FOLDER / relative) for relative in guest.sources]
    reading = Reading(definitions=dict(guest.definitions))
    if guest.payload is not None:
        sources.append(_payload(build(find_guest(guest.payload)).elf))
    return assemble(sources, target_for(load_core(guest.core)), Layout(base=guest.base), reading)


def _payload(elf: bytes) -> Source:
    """A section with a file in it, for a host stub to load."""
    words = [int.from_bytes(elf[at : at + 8].ljust(8, b"\0"), "big") for at in range(0, len(elf), 8)]
    head = '.section .payload, "a"\n.balign 8\n.global payload\npayload:\n'
    return Source("payload.s", head + "".join(f".quad {one:#x}\n" for one in words))
