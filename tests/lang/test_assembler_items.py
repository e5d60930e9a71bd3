"""Claims: what the language says of sources (sequences, parts of addresses, options) is what they get."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from trapline.asmgen import AssemblyErrors, Layout, Source, assemble, target_for
from trapline.asmgen.disassembly import Disassembler
from trapline.asmgen.instructions import DescribedTarget
from trapline.isa.engine.create import create_engine
from trapline.isa.engine.state import State
from trapline.isa.lang.checking import check_files
from trapline.isa.lang.load import load_files
from trapline.isa.model.items import Description
from trapline.server.machine.bus import Bus
from trapline.server.machine.clock import GuestClock
from trapline.server.machine.events import EventStream
from trapline.server.machine.physical import MemorySlot, PhysicalMemory
from trapline.server.machine.ram import GuestRam

from .manual import description


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Description:
    """The manual's description."""
    path = tmp_path_factory.mktemp("manual") / "manual.isa"
    path.write_text(description())
    return load_files([path], "tiny1")


@pytest.fixture(scope="module")
def target(tiny: Description) -> DescribedTarget:
    """It as the assembler sees it."""
    return target_for(tiny)


def _lines(target: DescribedTarget, source: str) -> list[str]:
    """What a source is, disassembled."""
    image = assemble([Source("tiny.s", source)], target, Layout(base=0x8000))
    text = next(one for one in image.sections if one.name == ".text")
    return [one.text for one in Disassembler(target).run(text.data, text.address, target.instruction_sets[0])]


def test_a_sequence_becomes_the_statements_whose_conditions_hold(target: DescribedTarget) -> None:
    """Numbers are written with and without a sign; the halves are such that adding them gives the number."""
    assert _lines(target, "load r3, 5") == ["li r3, 5"]
    assert _lines(target, "load r3, 0xFFFFFFFF") == ["li r3, -1"]
    assert _lines(target, "load r3, 0x1234ABCD") == ["addis r3, 0, 4661", "addi r3, r3, -21555"]
    with pytest.raises(AssemblyErrors, match="does not fit value"):
        _lines(target, "load r3, 0x100000000")
    with pytest.raises(AssemblyErrors, match="has to be known here"):
        _lines(target, "load r3, later\nlater:")


def test_parts_of_addresses_are_the_functions_that_the_description_names(target: DescribedTarget) -> None:
    """By themselves, and in a sequence that passes an expression on."""
    wanted = ["addis r4, 0, 1", "addi r4, r4, -32752", "b 0x8010", "b 0x8010", "b 0x8010"]
    assert _lines(target, "address r4, place + 0\nb place\nb place\nplace: b place") == wanted
    assert _lines(target, "addis r4, 0, %upper(0x18000)") == ["addis r4, 0, 2"]
    with pytest.raises(AssemblyErrors, match="'%uper' is not a part of a value"):
        _lines(target, "addis r4, 0, %uper(0x18000)")


def test_an_operand_that_is_left_out_has_its_usual_value(target: DescribedTarget) -> None:
    """It is printed all the same."""
    assert _lines(target, "lbz r3, (r4)\nlbz r3, 0(r4)\nlbz r3, 8(r4)") == [
        "lbz r3, 0(r4)", "lbz r3, 0(r4)", "lbz r3, 8(r4)",
    ]  # fmt: skip


def test_a_number_stands_where_a_name_could(target: DescribedTarget) -> None:
    """Names are printed where there is one."""
    assert _lines(target, "mfany r3, count\nmfany r3, 9\nmfany r3, 0x2FF") == [
        "mfany r3, count", "mfany r3, count", "mfany r3, 0x2ff",
    ]  # fmt: skip
    with pytest.raises(AssemblyErrors, match="does not fit"):
        _lines(target, "mfany r3, 0x400")


def test_aliases_of_an_option_are_read_while_it_is_on(target: DescribedTarget) -> None:
    """`.option` switches, keeps and takes back; another word is told."""
    assert _lines(target, "plus r3, r4, r5") == ["add r3, r4, r5"]
    kept = ".option push\n.option noshortcuts\n.option pop\nplus r3, r4, r5"
    assert _lines(target, kept) == ["add r3, r4, r5"]
    with pytest.raises(AssemblyErrors, match="there is no instruction 'plus' in T of tiny1"):
        _lines(target, ".option noshortcuts\nplus r3, r4, r5")
    with pytest.raises(AssemblyErrors, match=r"there is no option 'shortcut'(.*\n)+.*did you mean 'shortcuts'"):
        _lines(target, ".option shortcut")
    with pytest.raises(AssemblyErrors, match=r"no \.option push"):
        _lines(target, ".option pop")


def test_the_element_that_is_always_zero_stays_so(tiny: Description, target: DescribedTarget) -> None:
    """Whoever writes it: a body, and a debugger; the others have what was written."""
    memory, state = PhysicalMemory(), State(tiny)
    memory.add(MemorySlot(0, 0, 0x10000, ram := GuestRam(0x10000)))
    engine = create_engine("reference", tiny, state, memory, Bus(EventStream(), GuestClock(Fraction(1))))
    image = assemble([Source("tiny.s", "keep r4, 7\nkeep r5, 8")], target, Layout(base=0x8000))
    code = next(one for one in image.sections if one.name == ".text").data
    # The page's core fetches the least significant byte first: its hook is about data.
    ram.write(0x8000, b"".join(code[at : at + 4][::-1] for at in range(0, len(code), 4)))
    state.pc = 0x8000
    engine.run(1)
    assert [state.read("GPR", number) for number in (3, 4)] == [0, 0]
    engine.run(1)
    assert [state.read("GPR", number) for number in (3, 4)] == [0, 8]
    for number in (0, 1):
        engine.write_external("Z", 9, number)
    assert [state.read("Z", number) for number in (0, 1)] == [0, 9]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("register Y[4] : u32 { zero 4 }", "'Y' has no element 4 that could be 0"),
        ("sequence none { syntax none RT\n}", "sequence 'none' has no `step`"),
        ("sequence odd { syntax odd RT\n step li {RA}, 1\n}", "there is no operand or value of the sequence 'RA'"),
        ("operand SI2 (SI2 : u16) -> u32 = signed { 5 }", "the value of operand 'SI2' is never used"),
        ("instruction_set U = 1 { unit 16  first little }", "the first unit has the `low` or the `high` bits"),
        ("operand odd : u5 = unsigned or unsigned", "`or unsigned` stands behind `names LIST` or `signed`"),
    ],
)
def test_what_is_wrong_with_such_items_is_told_once(text: str, message: str, tmp_path: Path) -> None:
    """With its place."""
    path = tmp_path / "wrong.isa"
    path.write_text(f"{description()}\n{text}\n")
    problems, _ = check_files([path])
    assert [message in one.message for one in problems if one.severity != "warning"] == [True]
