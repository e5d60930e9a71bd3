"""Claims about the Python builder: what it writes is what the assembler makes of the same text."""

from __future__ import annotations

import pytest

from trapline.asmgen import AssemblyErrors, Builder, Layout

from .described import build, target


def test_any_mnemonic_is_a_method() -> None:
    """Operands may be texts or numbers; `_` behind a keyword and `__` for a dot are taken off."""
    b = Builder(target("power7"))
    b.label("_start", is_global=True, kind="function")
    b.add("r3", "r4", "r5").add__("r3", "r4", "r5").and_("r3", "r4", "r5").li("r3", -1)
    b.emit("lwz r3, 8(r1)").emit("bl", "done").label("done").blr()
    text = "add r3,r4,r5\nadd. r3,r4,r5\nand r3,r4,r5\nli r3,-1\nlwz r3,8(r1)\nbl x\nx: blr"
    image = b.link(Layout(base=0x1000))
    assert image.sections[0].data == build("power7", text).sections[0].data
    assert (image.entry, image.symbols["done"]) == (0x1000, 0x1018)


def test_data_sections_and_alignment() -> None:
    """Numbers may be expressions; sections may have an address; bytes are kept as they are."""
    b = Builder(target("power7")).section(".data", address=0x8000)
    b.set("four", 4).byte(1).align(4).short("four").long("here - 2").label("here").quad(5).space(2, fill=0xFF)
    b.string('a"\\').data(bytes(range(20)))
    (section,) = (s for s in b.link().sections if s.size)
    assert section.address == 0x8000
    assert section.data == (
        bytes([1, 0, 0, 0, 0, 4]) + (0x8008).to_bytes(4, "big") + (5).to_bytes(8, "big") + b'\xff\xffa"\\\0'
        + bytes(range(20))
    )  # fmt: skip


def test_fresh_labels_stay_out_of_the_symbol_table() -> None:
    """Labels made for loops do not meet those of the user."""
    b = Builder(target("armv7ve"))
    first, second = b.fresh_label("loop"), b.fresh_label("loop")
    assert first != second
    b.label(first).label(second).b(first)
    assert b.link().symbols == {}


def test_errors_point_into_the_written_source() -> None:
    """A mistake is shown with the line that the builder wrote."""
    b = Builder(target("power7"), name="suite.s").comment("why").addi("r3", "r4", 70000)
    with pytest.raises(AssemblyErrors, match="70000 does not fit SI") as caught:
        b.link()
    place = caught.value.diagnostics[0].place
    assert place is not None
    assert str(place) == "suite.s:2:18"
    assert b.source.text.splitlines()[1].strip() == "addi r3, r4, 70000"
