"""What `run` and `serve` both take about the machine. One dataclass a subject: see `option_groups`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from ..isa.command_line import Option

if TYPE_CHECKING:
    from .boards.machine import MachineOptions


@dataclass(frozen=True)
class MachineChoice:
    """Which machine, and of what size."""

    machine: Annotated[
        str | None,
        Option(
            "--machine", "-m", help="pseries, power-bare, arm-virt or arm-kvm; the ELF file decides if left out."
        ),
    ] = None
    core: Annotated[str | None, Option("--core", help="power7, ppc970 or armv7ve.")] = None
    vcpus: Annotated[int, Option("--vcpus", min=1, help="How many vcpus.")] = 1
    memory: Annotated[int | None, Option("--memory", min=1, help="RAM in MiB.")] = None
    engine: Annotated[
        str | None, Option("--engine", help="native or reference; native wherever it can be had if left out.")
    ] = None
    append: Annotated[str, Option("--append", help="Kernel command line.")] = ""
    wild_after: Annotated[
        int,
        Option(
            "--wild-after",
            min=0,
            help="Interrupts in a row without an instruction completed that mean a guest runs wild; 0: never.",
        ),
    ] = 1000
    isa: Annotated[
        list[Path] | None, Option("--isa", help="A file that changes the core's description; may be repeated.")
    ] = None

    def options(self) -> MachineOptions:
        """The same, for `build_machine`."""
        from .boards.machine import MachineOptions

        return MachineOptions(
            vcpus=self.vcpus,
            ram_size=None if self.memory is None else self.memory << 20,
            core=self.core,
            engine=self.engine,
            bootargs=self.append,
            changes=tuple(self.isa or ()),
            wild_after=self.wild_after,
        )
