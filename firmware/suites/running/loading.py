"""How a test is loaded and judged that is not one of a suite that Trapline built: part of its entry in a manifest."""

from __future__ import annotations

from typing import Final

import msgspec

from ..definition import Limits

KINDS: Final = ("program", "kernel", "bios", "flash", "command")
"""What a test's file is: entered as its header says, by a kernel's boot protocol, firmware, flash memory, or nothing
that a machine runs: a command of the host's."""
VERDICTS: Final = ("auto", "tap", "words", "exit-line", "exit-code", "pattern", "off")

MANUAL: Final = "nodefault"
"""The group whose tests run only when they are named (kvm-unit-tests)."""


class Board(msgspec.Struct, frozen=True):
    """The machine. An empty `core` and memory of 0 MiB are the machine's own."""

    name: str = ""
    core: str = ""
    memory: int = 0
    vcpus: int = 1
    threads: int = 1
    description: str = ""
    """The entry file of a description of one's own."""


class Verdict(msgspec.Struct, frozen=True):
    """What tells how a test went: `kind` is one of `VERDICTS`. `passed` and `failed` are regular expressions for single
    lines (kind `pattern`); `status` is the exit status that means success (kind `exit-code`)."""

    kind: str = "auto"
    passed: str = ""
    failed: str = ""
    status: int = 0


class Loading(msgspec.Struct, frozen=True):
    """Everything about one test. Files are absolute paths, some with @ADDR behind them."""

    kind: str
    board: Board
    limits: Limits
    verdict: Verdict = Verdict()
    folder: str = ""
    """Where a command is run."""
    command: tuple[str, ...] = ()
    append: str = ""
    initrd: str = ""
    dtb: str = ""
    bios: str = ""
    load: tuple[str, ...] = ()
    entry: str = ""
    registers: dict[str, int] = {}
    clock_shift: int | None = None
    semihosting: bool = False
    qemu: tuple[str, ...] = ()
    """More words for QEMU's command line."""
    skip: str = ""
    """Why it is not run."""
