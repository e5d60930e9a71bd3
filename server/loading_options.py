"""What `run` and `serve` take about files: what goes into the machine's memory, and where the guest begins."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from ..isa.command_line import Argument, Option, OptionGroup

if TYPE_CHECKING:
    from .loading.request import LoadRequest


class Files(OptionGroup):
    """What is loaded. Addresses are the guest's physical ones."""

    guest: Annotated[
        Path | None,
        Argument(help="A program: ELF, zImage, uImage or Linux Image, packed or not; its header decides."),
    ] = None
    kernel: Annotated[
        str | None,
        Option(
            "--kernel",
            metavar="FILE[@ADDR]",
            help="A kernel, entered by its boot protocol; one without a header is a raw image.",
        ),
    ] = None
    initrd: Annotated[
        str | None,
        Option("--initrd", metavar="FILE[@ADDR]", help="Initial RAM disk; its place is in /chosen."),
    ] = None
    append: Annotated[str, Option("--append", metavar="TEXT", help="Kernel command line.")] = ""
    dtb: Annotated[
        Path | None,
        Option("--dtb", metavar="FILE", help="Device tree instead of the machine's."),
    ] = None
    dump_dtb: Annotated[
        Path | None,
        Option("--dump-dtb", metavar="FILE", help="Write the device tree to a file, and end."),
    ] = None
    bios: Annotated[
        Path | None,
        Option("--bios", metavar="FILE", help="Firmware, which begins at the reset vector."),
    ] = None
    flash: Annotated[
        list[str] | None,
        Option(
            "--flash",
            metavar="FILE[@ADDR]",
            help="What a bank of flash memory holds, the next one if no address is given; may be repeated.",
        ),
    ] = None
    load: Annotated[
        list[str] | None,
        Option(
            "--load",
            metavar="FILE[@ADDR]",
            help="A file as it is at an address, or an ELF file by its headers; may be repeated.",
        ),
    ] = None
    entry: Annotated[
        str | None,
        Option(
            "--entry",
            metavar="ADDR|SYMBOL",
            help="Where the guest begins, instead of where its file says.",
        ),
    ] = None
    reg: Annotated[
        list[str] | None,
        Option(
            "--reg",
            metavar="NAME=VALUE",
            help="A register of vcpu 0 at the start; may be repeated.",
        ),
    ] = None

    partition: Annotated[
        list[Path] | None,
        Option(
            "--partition",
            metavar="FILE",
            help="pseries, arm-kvm: a program for another partition of the same host; may be repeated.",
        ),
    ] = None

    def request(self) -> "LoadRequest":
        """The same, for `build_machine`. Raises RequestError."""
        from .loading.request import LoadRequest, parse_file_at, parse_register

        return LoadRequest(
            guest=self.guest,
            kernel=None if self.kernel is None else parse_file_at(self.kernel, "--kernel"),
            initrd=None if self.initrd is None else parse_file_at(self.initrd, "--initrd"),
            dtb=self.dtb,
            bios=self.bios,
            flash=tuple(parse_file_at(one, "--flash") for one in self.flash or ()),
            load=tuple(parse_file_at(one, "--load") for one in self.load or ()),
            entry=self.entry,
            partitions=tuple(self.partition or ()),
            registers=tuple(parse_register(one) for one in self.reg or ()),
        )
