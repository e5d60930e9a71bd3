"""What the user asks to be loaded: files by their paths, addresses where they were given. Nothing is read here."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import msgspec

from ...isa.errors import TraplineError

_MOST_ADDRESS: Final = 1 << 64


class RequestError(TraplineError):
    """An option for loading that makes no sense."""


class FileAt(msgspec.Struct, frozen=True):
    """A file, and the physical address for it; None: where the file or the boot protocol says."""

    path: Path
    address: int | None = None


class LoadRequest(msgspec.Struct, frozen=True):
    """Everything that `run` and `serve` can be told to load. Addresses are the guest's physical ones."""

    guest: Path | None = None
    kernel: FileAt | None = None
    initrd: FileAt | None = None
    dtb: Path | None = None
    bios: Path | None = None
    flash: tuple[FileAt, ...] = ()
    load: tuple[FileAt, ...] = ()
    entry: str | None = None
    """An address, or a symbol of one of the ELF files."""
    registers: tuple[tuple[str, int], ...] = ()
    """Names of the description's (or gdb's) and values, for vcpu 0."""
    partitions: tuple[Path, ...] = ()
    """Programs of other partitions on the same host."""

    def __post_init__(self) -> None:
        if self.guest is not None and self.kernel is not None:
            raise RequestError(
                f"there are two programs: {self.guest} and --kernel {self.kernel.path}",
                "one of them is entered; load the other one with --load FILE[@ADDR]",
            )
        if not (self.guest or self.kernel or self.bios or self.flash or self.load):
            raise RequestError(
                "there is nothing to run",
                "give a GUEST, or --kernel FILE, --bios FILE, or --load FILE@ADDR with --entry ADDR",
            )

    @property
    def title(self) -> str:
        """What messages call it: the program's file, or the firmware's."""
        files = (self.guest, self.kernel and self.kernel.path, self.bios, *(one.path for one in self.flash + self.load))
        return str(next(one for one in files if one is not None))


def parse_number(text: str) -> int | None:
    """A number as C writes it (0x…, 0b…, 0…, decimal), with a suffix K, M or G (binary) if need be."""
    found = re.fullmatch(r"(0[xX][0-9a-fA-F_]{1,24}|0[bB][01_]{1,80}|[0-9][0-9_]{0,24})([kKmMgG]?)", text)
    if found is None:
        return None
    digits, suffix = found.groups()
    try:
        octal = len(digits) > 1 and digits[0] == "0" and digits.isdigit()
        value = int(digits, 8 if octal else 0)
    except ValueError:
        return None
    return value << {"": 0, "k": 10, "m": 20, "g": 30}[suffix.lower()]


def parse_address(text: str, option: str) -> int:
    """A physical address. Raises RequestError."""
    value = parse_number(text)
    if value is None or value >= _MOST_ADDRESS:
        raise RequestError(f"{option}: '{text}' is no address", "write it as 0x40010000, or as 1M")
    return value


def parse_file_at(text: str, option: str) -> FileAt:
    """FILE or FILE@ADDR. An @ that no number follows belongs to the file's name. Raises RequestError."""
    name, at, address = text.rpartition("@")
    if at and not name:
        raise RequestError(f"{option}: '{text}' names no file", f"write {option} FILE@ADDR")
    if at and (parse_number(address) is not None or not Path(text).exists()):
        return FileAt(Path(name), parse_address(address, option))
    return FileAt(Path(text))


def parse_register(text: str) -> tuple[str, int]:
    """NAME=VALUE. Raises RequestError."""
    name, equals, value = text.partition("=")
    number = parse_number(value.strip())
    if not equals or not name.strip() or number is None:
        raise RequestError(f"--reg: '{text}' is not NAME=VALUE", "write for example --reg r3=0x1000")
    return name.strip(), number
