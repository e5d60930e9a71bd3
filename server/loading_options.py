"""What `run` and `serve` take about files: what goes into the machine's memory, and where the guest begins."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from .loading.request import LoadRequest

_PANEL = "Loading"


@dataclass(frozen=True)
class Files:
    """What is loaded. Addresses are the guest's physical ones."""

    guest: Annotated[
        Path | None,
        typer.Argument(help="A program: ELF, zImage, uImage or Linux Image, packed or not; its header decides."),
    ] = None
    kernel: Annotated[
        str | None,
        typer.Option(
            "--kernel",
            metavar="FILE[@ADDR]",
            help="A kernel, entered by its boot protocol; one without a header is a raw image.",
            rich_help_panel=_PANEL,
        ),
    ] = None
    initrd: Annotated[
        str | None,
        typer.Option(
            "--initrd", metavar="FILE[@ADDR]", help="Initial RAM disk; its place is in /chosen.", rich_help_panel=_PANEL
        ),
    ] = None
    append: Annotated[
        str, typer.Option("--append", metavar="TEXT", help="Kernel command line.", rich_help_panel=_PANEL)
    ] = ""
    dtb: Annotated[
        Path | None,
        typer.Option("--dtb", metavar="FILE", help="Device tree instead of the machine's.", rich_help_panel=_PANEL),
    ] = None
    dump_dtb: Annotated[
        Path | None,
        typer.Option(
            "--dump-dtb", metavar="FILE", help="Write the device tree to a file, and end.", rich_help_panel=_PANEL
        ),
    ] = None
    bios: Annotated[
        Path | None,
        typer.Option(
            "--bios", metavar="FILE", help="Firmware, which begins at the reset vector.", rich_help_panel=_PANEL
        ),
    ] = None
    flash: Annotated[
        list[str] | None,
        typer.Option(
            "--flash",
            metavar="FILE[@ADDR]",
            help="What a bank of flash memory holds, the next one if no address is given; may be repeated.",
            rich_help_panel=_PANEL,
        ),
    ] = None
    load: Annotated[
        list[str] | None,
        typer.Option(
            "--load",
            metavar="FILE[@ADDR]",
            help="A file as it is at an address, or an ELF file by its headers; may be repeated.",
            rich_help_panel=_PANEL,
        ),
    ] = None
    entry: Annotated[
        str | None,
        typer.Option(
            "--entry",
            metavar="ADDR|SYMBOL",
            help="Where the guest begins, instead of where its file says.",
            rich_help_panel=_PANEL,
        ),
    ] = None
    reg: Annotated[
        list[str] | None,
        typer.Option(
            "--reg",
            metavar="NAME=VALUE",
            help="A register of vcpu 0 at the start; may be repeated.",
            rich_help_panel=_PANEL,
        ),
    ] = None

    def request(self) -> LoadRequest:
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
            registers=tuple(parse_register(one) for one in self.reg or ()),
        )
