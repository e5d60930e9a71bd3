"""Claims about the Python builder: what it writes is what the assembler makes of the same text."""

from __future__ import annotations

import pytest

from trapline.asmgen import AssemblyErrors, Builder, Layout
from trapline.asmgen.catalog import Memory
from trapline.isa.errors import TraplineError

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


def test_errors_point_at_the_python_that_wrote_the_line() -> None:
    """File, line and text are those of the call; the assembly text stands in the trail."""
    b = Builder(target("power7"), name="suite.s").comment("why")
    b.nop()
    b.addi("r3", "r4", 70000)  # the mistake
    with pytest.raises(AssemblyErrors, match="70000 does not fit SI") as caught:
        b.link()
    place = caught.value.diagnostics[0].place
    assert place is not None
    assert place.file == __file__
    assert place.text.strip() == 'b.addi("r3", "r4", 70000)  # the mistake'
    assert place.trail == ("'addi r3, r4, 70000', written at suite.s:3:18",)


def test_each_of_several_mistakes_has_its_line() -> None:
    """Also where one call wrote several lines, and in a function of the caller's."""
    b = Builder(target("armv7ve"))

    def helper() -> None:
        b.mov("r0", 0x12345678)

    helper()
    b.emit("nop\nbogus r1")
    with pytest.raises(AssemblyErrors) as caught:
        b.link()
    places = [one.place for one in caught.value.diagnostics]
    assert [place.text.strip() for place in places if place] == [
        'b.mov("r0", 0x12345678)', r'b.emit("nop\nbogus r1")']


@pytest.mark.parametrize("operand", ["r5; sc", "r5\nsc", "r5 /* x", "r5, r6", "r5 // x", '"open', "r5\r\nsc"])
def test_an_operand_cannot_inject_a_statement(operand: str) -> None:
    """It is refused where it is given, and nothing is written."""
    b = Builder(target("power7"))
    before = b.source.text
    with pytest.raises(TraplineError, match=r"operand 3 of 'add'"):
        b.add("r3", "r4", operand)
    assert b.source.text == before


@pytest.mark.parametrize("name", ["x: sc", "x\nsc", "x; sc"])
def test_a_label_or_a_section_cannot_either(name: str) -> None:
    """Their names are checked in the same way, or by the assembler."""
    with pytest.raises(TraplineError):
        Builder(target("power7")).label(name).link()
    with pytest.raises(TraplineError):
        Builder(target("power7")).section(name).link()
    with pytest.raises(TraplineError, match="no mnemonic"):
        Builder(target("power7")).emit("nop; sc", 1)


def test_memory_operands_are_written_as_the_architecture_does() -> None:
    """The same value on both; with an index, a shift, and the base written back."""
    power = Builder(target("power7")).lwz("r3", Memory("r4", 8)).std("r3", Memory("r1", "2 * 8"))
    assert power.source.text.split("\n")[:2] == ["    lwz r3, 8(r4)", "    std r3, 2 * 8(r1)"]
    arm = Builder(target("armv7ve")).ldr("r0", Memory("r1", 8)).ldr("r0", Memory("r1", index="r2", shift="lsl #2"))
    arm.str("r0", Memory("sp", -4, write_back=True)).strex("r0", "r1", Memory("r2"))
    assert [line.strip() for line in arm.source.text.split("\n")[:4]] == [
        "ldr r0, [r1, #8]", "ldr r0, [r1, r2, lsl #2]", "str r0, [sp, #-4]!", "strex r0, r1, [r2]"]
    assert len(arm.link().sections[0].data) == 16
    with pytest.raises(TraplineError, match="no operand 3 of the shape"):
        arm.add("r0", "r1", Memory("r2"))
