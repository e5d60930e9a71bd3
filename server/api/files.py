"""What a program names to be loaded, as a request to the loader."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from os import PathLike, fspath
from pathlib import Path

from msgspec.structs import replace

from ..loading.guest import Guest, guest_of
from ..loading.request import LoadRequest, parse_file_at
from ..machine.elf import parse_elf

File = str | PathLike[str]
"""A path; where an address may follow, FILE@ADDR."""


@dataclass(frozen=True, slots=True)
class Files:
    """See `Machine.load`."""

    guest: File | bytes | None = None
    kernel: File | None = None
    initrd: File | None = None
    dtb: File | None = None
    bios: File | None = None
    flash: Iterable[File] = ()
    load: Iterable[File] = ()
    entry: int | str | None = None
    registers: Mapping[str, int] = field(default_factory=dict)

    def read(self) -> Guest:
        """All of them, read. Raises TraplineError, and OSError for a file that cannot be read."""
        entry = hex(self.entry) if isinstance(self.entry, int) else self.entry
        registers = tuple(self.registers.items())
        if isinstance(self.guest, bytes):
            return replace(guest_of(parse_elf(self.guest, "guest.elf")), entry=entry, registers=registers)
        return guest_of(
            LoadRequest(
                guest=_path(self.guest),
                kernel=None if self.kernel is None else parse_file_at(fspath(self.kernel), "kernel"),
                initrd=None if self.initrd is None else parse_file_at(fspath(self.initrd), "initrd"),
                dtb=_path(self.dtb),
                bios=_path(self.bios),
                flash=tuple(parse_file_at(fspath(one), "flash") for one in self.flash),
                load=tuple(parse_file_at(fspath(one), "load") for one in self.load),
                entry=entry,
                registers=registers,
            )
        )


def _path(file: File | None) -> Path | None:
    return None if file is None else Path(file)
