"""Claims: RISC-V sources become what GNU as and ld make of them."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from trapline.asmgen import Layout, Source, assemble, target_for
from trapline.isa.lang.load import load_core

from ..patience import HANGS
from . import require

pytestmark = pytest.mark.oracle
GUESTS = Path(__file__).resolve().parents[1] / "guests"
AS, LD = "riscv64-linux-gnu-as", "riscv64-linux-gnu-ld"
TEXT, DATA = 0x10000, 0x20000


def _code(raw: bytes) -> bytes:
    section = ELFFile(io.BytesIO(raw)).get_section_by_name(".text")
    assert section is not None
    return bytes(section.data())


@pytest.mark.parametrize("name", ["riscv_compression.s", "riscv_pseudo.s"])
def test_a_source_is_the_code_that_gnu_makes_of_it(name: str, tmp_path: Path) -> None:
    """Linked without relaxation, at the same addresses: the same bytes."""
    require.oracle(AS)
    source, made, linked = GUESTS / name, tmp_path / "made.o", tmp_path / "linked"
    for command in (
        [AS, "-march=rv64imac_zicsr_zifencei", "-mno-relax", "-o", str(made), str(source)],
        [LD, "--no-relax", "-Ttext", hex(TEXT), "-Tdata", hex(DATA), "-o", str(linked), str(made)],
    ):
        subprocess.run(command, check=True, timeout=HANGS)
    layout = Layout(base=TEXT, placements={".data": DATA})
    ours = _code(assemble([Source(name, source.read_text())], target_for(load_core("rv64")), layout).elf)
    theirs = _code(linked.read_bytes())
    assert ours == theirs[: len(ours)]
    # GNU as fills the end of a section that says `.align`.
    assert len(theirs) - len(ours) < 8
