"""Machines with the guests of this folder in them."""

from __future__ import annotations

from trapline.asmgen import Layout, Source, assemble, target_for
from trapline.isa.lang.load import load_core
from trapline.server.boards.machine import Machine, MachineOptions
from trapline.server.boards.registry import build_machine
from trapline.server.machine.elf import parse_elf

RAM = 64 << 20
ROW = {"native": 1000, "reference": 20}
"""The reference engine is a thousand times slower: what is counted there is shorter."""


def elf_of(source: str, core: str, base: int) -> bytes:
    """An assembled program whose entry is `_start`."""
    return assemble([Source("guest.s", source)], target_for(load_core(core)), Layout(base=base)).elf


def built(
    source: str, core: str, base: int, board: str, engine: str, vcpus: int = 1, wild_after: int | None = None
) -> Machine:
    """A machine with a program in it."""
    row = ROW[engine] if wild_after is None else wild_after
    options = MachineOptions(vcpus=vcpus, ram_size=RAM, core=core, engine=engine, wild_after=row)
    return build_machine(parse_elf(elf_of(source, core, base), "guest.elf"), board, options)
