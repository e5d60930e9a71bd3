"""Claims about `--implicit-it`: blocks of conditions that T32 code leaves out, as GNU as makes them."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from trapline.asmgen import AssemblyErrors, Layout, Source, assemble
from trapline.asmgen.layout.options import Reading

from ..oracle.objects.flavours import FLAVOURS
from ..oracle.objects.gnu import assemble_by_gnu
from .described import target

TEXT = """        .syntax unified
        .thumb
f:      addeq   r0, r0, r1
        moveq   r1, r2
        movne   r3, r4
        cmp     r0, #0
        bne     1f
        addgt   r0, r0, r1
        mov     r1, r2
        addgt   r0, r0, r1
1:      bxeq    lr
        moveq   r0, r1
        addseq  r0, r0, #1
        ldrhi   r0, [r1, r2]
        ldrls   r0, [r1, #4]
        popls   {r4, pc}
        movls   r0, #1
        movls   r1, #1
        it      eq
        moveq   r0, r0
        moveq   r1, r0
        ldrcc   pc, [r1]
        movcc   r0, r1
        blne    f
        movne   r0, #1
        ldrne   r0, =0x12345678
        vmovne.f32 s0, s1
x:      movne   r0, #1
"""
CODE = ("06bf401811462346002804d1c8bf40181146c8bf401808bf704704bf084610f101008fbf8858486810bd012098bf"
        "012108bf004608bf014638bfd1f800f038bf084618bffff7dcff1ebf01200248b0ee600a18bf0120000078563412")  # fmt: skip


def made(text: str) -> str:
    """The code, with blocks made where they are left out."""
    image = assemble([Source("it.s", text)], target("armv7ve"), Layout(), Reading(has_implicit_blocks=True))
    return image.sections[0].data.hex()


def test_blocks_are_made_where_a_source_leaves_them_out() -> None:
    """A block goes on while conditions are the first one or its contrary; labels, branches and other code end it."""
    assert made(TEXT) == CODE
    assert made(".syntax unified\n.arm\nmoveq r0, r1") == "0100a001"


def test_without_the_option_the_first_instruction_is_refused() -> None:
    """As GNU as does by default."""
    with pytest.raises(AssemblyErrors, match="must stand in a conditional block"):
        assemble([Source("it.s", TEXT)], target("armv7ve"), Layout())


@pytest.mark.oracle
def test_gnu_as_makes_the_same_blocks() -> None:
    """-mimplicit-it=always."""
    arm = FLAVOURS["arm"]
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "it.s")
        source.write_text(TEXT)
        gnu = assemble_by_gnu(source, replace(arm, as_options=(*arm.as_options, "-mimplicit-it=always")))
    assert gnu.sections[".text"].data.hex() == CODE
