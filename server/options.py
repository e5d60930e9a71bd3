"""What `run` and `serve` both take about the machine. One class a subject: see `option_groups`."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from ..isa.command_line import Option, OptionGroup
from ..isa.errors import TraplineError

if TYPE_CHECKING:
    from .boards.machine import MachineOptions
    from .limits import Limits
    from .verdict import Expectation


_SIZE = r"([0-9]{1,18})(?:([kKmMgGtT])(?:i?[bB])?)?"
_SHIFTS = {"K": 10, "M": 20, "G": 30, "T": 40}


class MachineChoice(OptionGroup):
    """Which machine, and of what size."""

    machine: Annotated[
        str | None,
        Option("--machine", "-m", help="pseries, power-bare, arm-virt, arm-kvm, riscv-virt; else by the ELF file."),
    ] = None
    description: Annotated[
        Path | None,
        Option("--description", help="The entry file of a description of your own; machines are its boards."),
    ] = None
    core: Annotated[str | None, Option("--core", help="power7, ppc970, armv7ve or rv64.")] = None
    vcpus: Annotated[int, Option("--vcpus", min=1, help="How many vcpus.")] = 1
    memory: Annotated[
        str | None, Option("--memory", metavar="MIB|SIZE", help="RAM in MiB, or with K, M, G or T behind it, as 512M.")
    ] = None
    engine: Annotated[
        str | None, Option("--engine", help="native or reference; native wherever it can be had if left out.")
    ] = None
    threads: Annotated[int, Option("--threads", min=1, help="Hardware threads of each core that the vcpus are.")] = 1
    hpt_order: Annotated[
        str,
        Option("--hpt-order", metavar="N|auto", help="log2 of a partition's page table in bytes; auto: by its RAM."),
    ] = "auto"
    rma: Annotated[
        bool,
        Option("--rma", help="pseries: real mode by offset and limit, as the 970 always has it, on POWER7 too."),
    ] = False
    clock_shift: Annotated[
        int | None,
        Option("--clock-shift", min=0, help="log2 of the instructions in a tick of the time base or counter."),
    ] = None
    semihosting: Annotated[
        bool,
        Option("--semihosting", help="arm-virt: privileged SVC 0x123456 (T32: 0xAB) asks for console and exit."),
    ] = False
    semihosting_folder: Annotated[
        Path | None,
        Option("--semihosting-folder", help="arm-virt: semihosting, with the files of this folder and nothing else."),
    ] = None
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

    def options(self, bootargs: str = "") -> "MachineOptions":
        """The same, for `build_machine`. Raises TraplineError."""
        from .boards.machine import MachineOptions

        return MachineOptions(
            vcpus=self.vcpus,
            ram_size=None if self.memory is None else _ram_size(self.memory),
            core=self.core,
            engine=self.engine,
            bootargs=bootargs,
            threads=self.threads,
            hpt_order=_order(self.hpt_order),
            rma=self.rma,
            clock_shift=self.clock_shift,
            semihosting=self.semihosting,
            semihosting_folder=self.semihosting_folder,
            description=self.description,
            changes=tuple(self.isa or ()),
            wild_after=self.wild_after,
        )


class RunBounds(OptionGroup):
    """When a run ends though its guest does not."""

    max_instructions: Annotated[
        int | None, Option("--max-instructions", min=1, help="End the run after so many instructions.")
    ] = None
    timeout: Annotated[
        float | None, Option("--timeout", min=0, help="End the run after so many seconds of the host's time.")
    ] = None

    def limits(self) -> "Limits":
        """The same, for who runs the machine. Raises TraplineError for seconds that no clock counts."""
        from .limits import MOST_SECONDS, Limits

        seconds = self.timeout
        if seconds is not None and not 0 <= seconds <= MOST_SECONDS:
            raise TraplineError(f"--timeout {seconds}: no run takes so long", "leave it out for a run without a limit")
        return Limits(self.max_instructions, seconds)


class RunAnswers(OptionGroup):
    """What a run's end is held against, and how it is told."""

    expect: Annotated[
        list[str] | None,
        Option(
            "--expect",
            help="What ends with status 0: pass (if left out), off (switched off, whatever it said but FAIL), "
            "fail, skip, silent, reset, idle, died, wild, budget, timeout, status=N (the guest's own); commas between.",
        ),
    ] = None
    json: Annotated[
        bool,
        Option("--json", help="Print verdict, sub-tests and figures as JSON; the console goes to standard error."),
    ] = False
    stats: Annotated[bool, Option("--stats", help="Print figures of the run to standard error.")] = False

    def expectation(self) -> "Expectation":
        """`--expect`, understood. Raises ExpectationError."""
        from .verdict import Expectation

        return Expectation.parse(self.expect or ())


def _ram_size(text: str) -> int:
    """Bytes; raises TraplineError. The letters are QEMU's for -m, where a number alone is in MiB, too."""
    found = re.fullmatch(_SIZE, text.strip())
    if found is None:
        raise TraplineError(f"--memory: '{text}' is no size", "give MiB such as 256, or 256M, 2G, 65536K")
    size: int = int(found[1]) << _SHIFTS[(found[2] or "M").upper()]
    if not size or size % (1 << 20):
        raise TraplineError(f"--memory: '{text}' is no whole number of MiB", "give 1 or more")
    return size


def _order(text: str) -> int | None:
    if text == "auto":
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 4):
        raise TraplineError(f"--hpt-order: '{text}' is no order of a page table", "give a number such as 24, or auto")
    return int(text)
