"""Claims about plans of lines: what comes out is what comes out without them, errors and their places included."""

from __future__ import annotations

import random
import re
from functools import lru_cache
from pathlib import Path

import pytest

from trapline.asmgen import AssemblyErrors, DescribedTarget, Disassembler, Layout, Source, target_for
from trapline.asmgen.assembler import assemble
from trapline.asmgen.instructions.templates.conditional_blocks import ANNOTATION as OPENS_BLOCK
from trapline.asmgen.layout.options import Reading
from trapline.asmgen.object_assembler import assemble_object
from trapline.asmgen.target.byte_order import byte_order
from trapline.asmgen.text.file_lines import FileLines
from trapline.asmgen.text.source import Statement
from trapline.isa.lang.load import load_core

from .described import target

SETS = [("power7", "PPC"), ("armv7ve", "A32"), ("armv7ve", "T32")]
STATEMENTS = 700
NUMBERS = (0, 1, 2, 3, 4, 7, 8, 12, 15, 16, 31, 32, 63, 64, 255, 256, 1020, 4095, 4096, 32767, 32768, 65535, 65536,
           0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 1 << 40)
NUMBER = re.compile(r"0x[0-9a-f]+|[0-9]+")
OTHER_SETS = {"A32": (".thumb", ".arm"), "T32": (".arm", ".thumb")}
SYMBOLS = ("other_1", "other_2", "label_3", "label_40", "above_7", "elsewhere_2", ".Lown_5", "1f", "1b", "2f", "r7",
           "defined_later")
PARTS = {"PPC": ("", "@ha", "@l", "+4"), "A32": ("", "+8"), "T32": ("", "-2")}

FAR = ("elsewhere_2 = 0x2000", "r7 = 0x3000", "defined_later = 0x1234")
"""What a program has to define itself."""


@lru_cache(maxsize=4)
def texts_of(core: str, instruction_set: str) -> tuple[str, ...]:
    """A text or two of every form, but of what makes a conditional block: in that most others would be wrong."""
    disassembler = Disassembler(target(core))
    chosen = disassembler.instruction_set(instruction_set)
    writer = target(core).writer(instruction_set)
    draw = random.Random(f"texts {core}")
    found = []
    for form in target(core).description.forms.values():
        if form.instruction_set == instruction_set and OPENS_BLOCK not in form.annotations:
            for _ in range(2):
                word = draw.getrandbits(form.length) & ~form.mask & ~form.should_mask | form.match | form.should_be
                one = next(disassembler.run(writer.bytes_of(word, form.length // 8), 0x40, chosen))
                if not one.reason:
                    found.append(one.text)
    return tuple(found)


def lines_of(core: str, instruction_set: str, seed: int, statements: int, wrong: float) -> list[str]:
    """Statements of all forms, each a few times with other numbers; labels, data, and symbols of all kinds.

    `wrong` is how many numbers are drawn without a look at what may stand there.
    """
    draw = random.Random(f"{seed} {core} {instruction_set}")
    texts = texts_of(core, instruction_set)
    mark = target(core).comments.anywhere[0]

    def number(found: re.Match[str]) -> str:
        if draw.random() > wrong:
            return found.group() if draw.random() < 0.5 else str(draw.randrange(16))
        value = draw.choice(NUMBERS) if draw.random() < 0.5 else draw.randrange(1 << draw.randrange(1, 17))
        return draw.choice(("{}", "{}", "{:#x}", "{:#X}", "0{:o}", "-{}")).format(value)

    def symbol(_: re.Match[str]) -> str:
        return draw.choice(SYMBOLS) + draw.choice(PARTS[instruction_set])

    lines = ["above_7 = 0x40", ".text", "1: nop", ".Lown_5: nop"]
    while len(lines) < statements:
        text = draw.choice(texts)
        for _ in range(draw.randrange(3, 7)):
            one = NUMBER.sub(number, text)
            if draw.random() < 0.3:
                one = re.sub(r"(?<=[ #])(\.?[-+]?0x[0-9a-f]+|-?[0-9]+)(?=$|\()", symbol, one)
            kind = draw.random()
            if kind < 0.01 and instruction_set in OTHER_SETS:
                there, back = OTHER_SETS[instruction_set]
                lines += [there, draw.choice((".type other_1, %function", "")), "nop", back]
            if kind < 0.08:
                one = f"label_{draw.randrange(41, 99)}: {one}"
            elif kind < 0.16:
                one = f"{draw.randrange(1, 4)}: {one}"
            elif kind < 0.2:
                one = f".long {draw.choice(NUMBERS)}, -{draw.choice(NUMBERS)}"
            elif kind < 0.22:
                # Two of them, so that what follows is aligned where a word has two bytes.
                one = f".word {draw.choice(SYMBOLS[:6])}, {draw.choice(SYMBOLS[:6])}"
            elif kind < 0.24:
                one = f"{one} {mark} said {draw.randrange(9)}"
            elif kind < 0.25:
                one = f".global label_{draw.randrange(41, 99)}"
            elif kind < 0.255:
                one = draw.choice((".data", ".text", ".text 1", ".balign 4", "defined_later = 5"))
            lines += [one] if kind > 0.001 else [".bss", one, ".text"]
    there = OTHER_SETS.get(instruction_set, ("",))[0]
    return [*lines, ".text", "1:", "2:", "3:", "label_3:", "label_40:", there, "other_1: nop", "other_2: nop"]


def begun(core: str, instruction_set: str) -> list[str]:
    """How a source says what it is in."""
    chosen = next(s for s in target(core).instruction_sets if s.name == instruction_set)
    return [".syntax unified", *chosen.directives[:1]] if chosen.directives else []


def outcome(core: str, text: str, is_object: bool, is_quick: bool) -> object:
    """The file, or what is wrong with its source."""
    reading = Reading(max_errors=100_000, is_quick=is_quick)
    try:
        if is_object:
            return assemble_object(Source("t.s", text), target(core), None, reading).elf
        return assemble([Source("t.s", text)], target(core), Layout(base=0x1000), reading).elf
    except AssemblyErrors as errors:
        return errors.diagnostics


def compare(core: str, text: str, is_object: bool) -> object:
    """What comes out both ways."""
    quick, slow = (outcome(core, text, is_object, is_quick) for is_quick in (True, False))
    assert quick == slow
    return quick


@pytest.mark.parametrize(("core", "instruction_set"), SETS)
def test_errors_are_those_of_the_long_way(core: str, instruction_set: str) -> None:
    """Generated lines, a large part of them wrong: every diagnostic is the same, in the same order."""
    lines = [*begun(core, instruction_set), *lines_of(core, instruction_set, 1, STATEMENTS, 0.4)]
    told = compare(core, "\n".join(lines), is_object=True)
    assert isinstance(told, tuple)
    assert len(told) > STATEMENTS // 10


@pytest.mark.parametrize(("core", "instruction_set"), SETS)
@pytest.mark.parametrize("is_object", [True, False])
def test_files_are_those_of_the_long_way(core: str, instruction_set: str, is_object: bool) -> None:
    """The lines without those that are wrong: the files are the same, byte for byte."""
    lines = [*begun(core, instruction_set), *lines_of(core, instruction_set, 2, STATEMENTS, 0.05),
             *([] if is_object else FAR)]
    # What is wrong is left out by one way; what is left has to be right both ways.
    for _ in range(9):
        told = outcome(core, "\n".join(lines), is_object, is_quick=True)
        if isinstance(told, bytes):
            break
        assert isinstance(told, tuple)
        wrong = {one.place.line - 1 for one in told if one.place is not None}
        lines = ["" if number in wrong else line for number, line in enumerate(lines)]
    assert isinstance(compare(core, "\n".join(lines), is_object), bytes)
    assert sum(map(bool, lines)) > STATEMENTS // 3


def test_lines_of_a_known_shape_are_no_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a thousand lines of few shapes all but some are taken by plan, with the bytes that the long way gives."""
    draw = random.Random("shapes")
    lines = ["start_0:"]
    for number in range(300):
        lines += [f"addi r{draw.randrange(32)}, r{draw.randrange(1, 32)}, {draw.randrange(-900, 900)}",
                  f"start_{number + 1}: lwz r{draw.randrange(32)}, {draw.randrange(900)}(r{draw.randrange(1, 32)})",
                  f"bl start_{draw.randrange(300)}", f".long {draw.randrange(1 << 32):#x}"]
    made = compare("power7", "\n".join(lines), is_object=True)
    assert isinstance(made, bytes)
    taken: list[Statement] = []

    def noted(lines: FileLines) -> Statement:
        taken.append(original(lines))
        return taken[-1]

    original = FileLines.__next__
    monkeypatch.setattr(FileLines, "__next__", noted)
    assert outcome("power7", "\n".join(lines), True, True) == made
    assert len(taken) < 20


def test_a_macro_goes_before_a_plan() -> None:
    """A macro called as an instruction that has been read before is the macro."""
    lines = ["addi r3, r3, 1", "addi r4, r4, 2", "addi r5, r5, 3", ".macro addi a, b, c", "nop", ".endm",
             "addi r6, r6, 4", ".purgem addi", "addi r7, r7, 5"]
    compare("power7", "\n".join(lines), is_object=True)
    data = assemble([Source("t.s", "\n".join(lines))], target("power7"), Layout(base=0)).sections[0].data
    assert [data[at : at + 2].hex() for at in range(0, len(data), 4)] == ["3863", "3884", "38a5", "6000", "38e7"]


def test_names_of_registers_go_before_a_plan() -> None:
    """`.req` gives a word another meaning from there on, and takes it back."""
    lines = [".syntax unified", ".arm", *["mov r1, r2"] * 3, "r1 .req r9", "mov r1, r2", ".unreq r1", "mov r1, r2"]
    compare("armv7ve", "\n".join(lines), is_object=True)
    data = assemble([Source("t.s", "\n".join(lines))], target("armv7ve"), Layout(base=0)).sections[0].data
    order = byte_order(target("armv7ve").elf.big_endian)
    words = [int.from_bytes(data[at : at + 4], order) for at in range(0, len(data), 4)]
    assert [word >> 12 & 15 for word in words] == [1, 1, 1, 9, 1]


def test_conditional_blocks_go_before_a_plan() -> None:
    """What stands in an IT block has its condition, whatever has been read outside of one."""
    lines = [".syntax unified", ".thumb", *["adds r1, r2, r3"] * 3, "it eq", "addeq r1, r2, r3", "it ne",
             "addne r1, r2, r3", "adds r1, r2, r3", "add r1, r2, r3", "add r1, r2, r3", "it eq", "adds r1, r2, r3"]
    told = compare("armv7ve", "\n".join(lines), is_object=True)
    assert isinstance(told, tuple)
    assert [one.place.line for one in told if one.place is not None] == [14]


def test_line_markers_hold_for_planned_lines() -> None:
    """Places and the line table follow a preprocessor's markers between lines that are taken by plan."""
    lines = ["nop", "nop", "nop", '# 70 "first.c"', "nop", "nop", '# 7 "second.c"', "nop", "addi r3, r4, 99999", "nop"]
    told = compare("power7", "\n".join(lines), is_object=True)
    assert isinstance(told, tuple)
    assert str(told[0].place) == "second.c:8:14"
    compare("power7", "\n".join(lines).replace("99999", "9"), is_object=True)


EDITED = """
replace instruction xori "XOR Immediate, with another opcode" : D_RS_UI(OPCD = 6) {
    syntax  xori RA, RS, UI
    GPR[RA] = GPR[RS] ^ zero_extend(UI)
}
"""


def test_a_changed_description_has_plans_of_its_own(tmp_path: Path) -> None:
    """Lines that were read by plan have the new opcode under a changed description, and the old one under the shipped.

    So have words that were written by plan, and templates that were found by the index.
    """
    (tmp_path / "change.isa").write_text(EDITED)
    changed = target_for(load_core("power7", None, [tmp_path / "change.isa"]))
    lines = "\n".join(f"xori r{number}, r{number + 1}, {number}" for number in range(3, 13))

    def opcodes(core: DescribedTarget) -> set[int]:
        data = assemble([Source("t.s", lines)], core, Layout(base=0)).sections[0].data
        texts = [one.text for one in Disassembler(core).run(data, 0, core.instruction_sets[0])]
        assert texts == lines.split("\n")
        return {byte >> 2 for byte in data[::4]}

    assert [opcodes(one) for one in (target("power7"), changed, target("power7"), changed)] == [{26}, {6}, {26}, {6}]
