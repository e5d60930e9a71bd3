"""The keywords that `Machine` takes, for functions that pass them on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypedDict

from .files import File


class MachineKeywords(TypedDict, total=False):
    """See `Machine`."""

    machine: str | None
    core: str | None
    vcpus: int
    threads: int
    memory: int | None
    engine: str | None
    append: str
    kernel: File | None
    initrd: File | None
    dtb: File | None
    bios: File | None
    flash: Iterable[File]
    load: Iterable[File]
    entry: int | str | None
    registers: Mapping[str, int] | None
    hpt_order: int | None
    rma: bool
    clock_shift: int | None
    semihosting: bool
    wild_after: int
    isa: Iterable[File]
    description: File | None
