"""What `run` and `serve` both take about the machine. One dataclass a subject: see `option_groups`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..isa.errors import TraplineError

if TYPE_CHECKING:
    from .boards.machine import MachineOptions


@dataclass(frozen=True)
class MachineChoice:
    """Which machine, and of what size."""

    machine: Annotated[
        str | None,
        typer.Option(
            "--machine", "-m", help="pseries, power-bare, arm-virt or arm-kvm; the ELF file decides if left out."
        ),
    ] = None
    core: Annotated[str | None, typer.Option("--core", help="power7, ppc970 or armv7ve.")] = None
    vcpus: Annotated[int, typer.Option("--vcpus", min=1, help="How many vcpus.")] = 1
    memory: Annotated[int | None, typer.Option("--memory", min=1, help="RAM in MiB.")] = None
    engine: Annotated[
        str | None, typer.Option("--engine", help="native or reference; native wherever it can be had if left out.")
    ] = None
    threads: Annotated[
        int, typer.Option("--threads", min=1, help="Hardware threads of each core that the vcpus are.")
    ] = 1
    hpt_order: Annotated[
        str,
        typer.Option(
            "--hpt-order", metavar="N|auto", help="log2 of a partition's page table in bytes; auto: by its RAM."
        ),
    ] = "auto"
    clock_shift: Annotated[
        int | None,
        typer.Option(
            "--clock-shift", min=0, help="log2 of the instructions in a tick of the time base or counter."
        ),
    ] = None
    isa: Annotated[
        list[Path] | None, typer.Option("--isa", help="A file that changes the core's description; may be repeated.")
    ] = None

    def options(self, bootargs: str = "") -> MachineOptions:
        """The same, for `build_machine`. Raises TraplineError."""
        from .boards.machine import MachineOptions

        return MachineOptions(
            vcpus=self.vcpus,
            ram_size=None if self.memory is None else self.memory << 20,
            core=self.core,
            engine=self.engine,
            bootargs=bootargs,
            threads=self.threads,
            hpt_order=_order(self.hpt_order),
            clock_shift=self.clock_shift,
            changes=tuple(self.isa or ()),
        )


def _order(text: str) -> int | None:
    if text == "auto":
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 4):
        raise TraplineError(f"--hpt-order: '{text}' is no order of a page table", "give a number such as 24, or auto")
    return int(text)
