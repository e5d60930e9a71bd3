"""QEMU's command line for a foreign test."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ....isa.errors import TraplineError, reason_of
from ....server.boards.registry import boards_for
from ....server.machine.elf_headers import ElfHeaders
from .loading import Loading

_COMMON: Final = ("-nodefaults", "-display", "none", "-serial", "stdio", "-no-reboot", "-accel", "tcg,thread=single")
_POWER: Final = "pseries,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-ccf-assist=off,cap-hpt-max-page-size=16m"
_RANDOM: Final = ("-object", "rng-builtin,id=random", "-device", "spapr-rng,rng=random")
"""What H_RANDOM reads."""
_HEADER: Final = 64
"""Bytes of the longest ELF header."""
_CORES: Final = {"power7": "power7", "ppc970": "970", "armv7ve": "cortex-a15"}


def qemu_words(elf: Path, loading: Loading) -> list[str]:
    """Raises TraplineError for what QEMU has no such machine for."""
    board = loading.board
    name = board.name or _by_header(elf)
    if name == "pseries":
        words = ["qemu-system-ppc64", "-M", _POWER, "-vga", "none", *_RANDOM, "-cpu", _CORES[board.core or "power7"]]
    elif name in ("arm-virt", "arm-kvm"):
        virtual = "virt,virtualization=on" if name == "arm-virt" else "virt"
        words = ["qemu-system-arm", "-M", virtual, "-cpu", _CORES[board.core or "armv7ve"]]
    else:
        raise TraplineError(f"QEMU has no machine like '{name}'", "run it with --target trapline or command:WORDS")
    words += [*_COMMON, "-m", str(board.memory or 256)]
    words += ["-smp", f"{board.vcpus},threads={board.threads}" if board.threads > 1 else str(board.vcpus)]
    if loading.semihosting:
        words.append("-semihosting")
    if name == "pseries" and loading.kind == "program":
        words += ["-bios", str(elf), "-device", f"loader,file={elf},cpu-num=0"]
    elif loading.kind in ("program", "kernel"):
        words += ["-kernel", str(elf)]
    elif loading.kind == "bios":
        words += ["-bios", str(elf)]
    else:
        words += ["-drive", f"if=pflash,format=raw,readonly=on,file={elf}"]
    for option, value in (("-append", loading.append), ("-initrd", loading.initrd), ("-dtb", loading.dtb)):
        if value:
            words += [option, value]
    if loading.bios and loading.kind != "bios":
        words += ["-bios", loading.bios]
    for one in loading.load:
        file, _, address = one.partition("@")
        words += ["-device", f"loader,file={file},force-raw=on,addr={address}" if address else f"loader,file={file}"]
    return [*words, *loading.qemu]


def _by_header(elf: Path) -> str:
    """The usual machine for a program.  Raises TraplineError."""
    try:
        with elf.open("rb") as file:
            head = file.read(_HEADER)
    except OSError as error:
        raise TraplineError(f"{elf} cannot be read: {reason_of(error)}") from error
    way_out = 'add [machine] name = "pseries" or another'
    if not head.startswith(b"\x7fELF"):
        raise TraplineError(f"{elf} does not say which machine it is for", way_out)
    try:
        machine = ElfHeaders(head).machine
    except ValueError as error:
        raise TraplineError(f"{elf} is no whole ELF file: {error}", way_out) from error
    boards = boards_for(machine)
    if not boards:
        raise TraplineError(f"{elf} is for {machine}, which no machine here has", "run it with --target command:WORDS")
    return boards[0]
