"""Claims: RISC-V sources become what GNU as and ld make of them."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from trapline.asmgen import AssemblyErrors, Layout, Source, assemble, target_for
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


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lw a0, 5000(a1)", "5000 does not fit imm"),
        ("addi a0, a0", "it is written addi rd, rs1, imm"),
        ("beq a0, a1, far\n.skip 8192\nfar: nop", "the range is -4096..4094"),
        ("la a0", "expected ','"),
        ("sext.q a0, a1", "did you mean 'sext.w'"),
        ("auipc a0, %pcrel_h(x)", "did you mean 'pcrel_hi'"),
        ("lw a1, %pcrel_lo(_start)(a0)", "no instruction with %pcrel_hi"),
        (".option relx", "did you mean 'relax'"),
        ("li a0, 0x10000000000000000", "does not fit"),
    ],
)
def test_what_is_wrong_with_a_statement_is_told_by_its_usual_encoding(text: str, message: str) -> None:
    """One error, whatever shorter encodings and sequences were tried."""
    with pytest.raises(AssemblyErrors) as raised:
        assemble([Source("wrong.s", f"_start: {text}\n")], target_for(load_core("rv64")), Layout(base=0))
    assert message in str(raised.value)
    assert str(raised.value).count("error:") == 1
