"""Shared by tests of the description-driven half: cores as targets, and programs for them."""

from __future__ import annotations

from functools import lru_cache

import pytest

from trapline.asmgen import AssemblyErrors, DescribedTarget, Diagnostic, Image, Layout, Source, assemble, target_for
from trapline.asmgen.target.byte_order import byte_order
from trapline.isa.lang.load import load_core


@lru_cache(maxsize=4)
def target(core: str) -> DescribedTarget:
    """A shipped core."""
    return target_for(load_core(core))


def build(core: str, text: str, base: int = 0x1000) -> Image:
    """The image of one file."""
    return assemble([Source("test.s", text)], target(core), Layout(base=base))


def words(core: str, text: str, base: int = 0x1000) -> list[str]:
    """The code of a program as hexadecimal words of four bytes, most significant digit first."""
    data = build(core, text, base).sections[0].data
    order = byte_order(target(core).elf.big_endian)
    return [f"{int.from_bytes(data[i : i + 4], order):08x}" for i in range(0, len(data), 4)]


def refused(core: str, text: str) -> list[Diagnostic]:
    """The diagnostics of a program that must be refused."""
    with pytest.raises(AssemblyErrors) as caught:
        build(core, text)
    return list(caught.value.diagnostics)
