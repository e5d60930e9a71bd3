"""Claims: an instruction with several encodings is one block with forms in several instruction sets."""

from pathlib import Path

import pytest

from trapline.asmgen import Disassembler, target_for
from trapline.isa.errors import TraplineError
from trapline.isa.lang.load import load_files
from trapline.isa.model.items import Description

TEXT = """
architecture both "Two instruction sets" @elf(machine = 40, class = 32) @assembler(comment = "@", condition = "cond") {
    numbering right
    byte_order little
    address u32
    program_counter PC next NEXT
    instruction_set_state STATE
}
instruction_set LONG = 0 { unit 32  guard passed(cond) }
instruction_set SHORT = 1 { unit 16  long unit_bits[15:12] == 0xF }
register STATE : u1 "Which set"
register R[8] : u32 "Registers"
function passed(cond : u4) -> u1 { cond == 14 }

names reg : u3 "register" { r0..r7 }
names reg_twice : u6 "register" { r0 = 0  r1 = 9  r2 = 18 }
names condition : u4 "condition" { eq  "" = 14 }
names no_condition : u1 "no condition" { eq "" }
operand nothing () = ambient names no_condition
operand cond : u4 = names condition else nothing
operand Rd, Rn : u3 = names reg
operand Rm_alone (again : u3, Rm : u3) = names reg_twice else Rm
operand Rm : u3 = names reg

format long_form   in LONG { cond:4 0b0000:4 S:1 0b0000000000000:13 op:1 Rd:3 Rn:3 Rm:3 }
format short_form  in SHORT { 0b000:3 op:1 Rd:3 Rn:3 again:3 Rm:3 } except Rd = 7 | again != Rm
format wide_form   in SHORT { 0xF:4 0b000000000000000:15 op:1 Rd:3 Rn:3 again:3 Rm:3 } except again != Rm

instruction sum "Sum" : long_form(op = 0) : short_form(op = 0, S = 1) : wide_form(op = 1, S = 0) except cond = 3 {
    syntax sum{s if S}{cond} Rd, Rn, Rm_alone
    R[Rd] = R[Rn] + R[Rm] + u32(S)
}
alias twice : sum(Rn = Rd) input_only { syntax twice{s if S}{cond} Rd, Rm_alone }
"""


@pytest.fixture
def description(tmp_path: Path) -> Description:
    """The description above."""
    path = tmp_path / "both.isa"
    path.write_text(TEXT)
    return load_files([path])


def test_each_encoding_has_forms_in_the_set_of_its_format(description: Description) -> None:
    """The first is called like the instruction; others by their set, or by their format where the set had one."""
    found = {form.name: (form.instruction, form.instruction_set, form.length) for form in description.forms.values()}
    assert found == {
        "sum": ("sum", "LONG", 32),
        "short_sum": ("sum", "SHORT", 16),
        "sum.wide_form": ("sum", "SHORT", 32),
    }


def test_an_encoding_takes_the_exclusions_of_fields_that_it_has(description: Description) -> None:
    """`except cond = 3` says nothing of a format without conditions."""
    forms = description.forms.items()
    told = {name: {term.left for clause in form.excludes for term in clause} for name, form in forms}
    assert told == {"sum": {"cond"}, "short_sum": {"Rd", "again"}, "sum.wide_form": {"again"}}


@pytest.mark.parametrize(
    ("instruction_set", "word", "size", "text"),
    [
        ("LONG", 0xE080000A, 4, "sums r0, r1, r2"),
        ("LONG", 0x0000000A, 4, "sumeq r0, r1, r2"),
        ("SHORT", 0x0052, 2, "sums r0, r1, r2"),
        ("SHORT", 0xF0001052, 4, "sum r0, r1, r2"),
    ],
)
def test_one_syntax_serves_them_all(
    description: Description, instruction_set: str, word: int, size: int, text: str
) -> None:
    """A condition stands where the format has one, a given field's part as its value says, one register for two."""
    disassembler = Disassembler(target_for(description))
    found = disassembler.word(word, size, 0, disassembler.instruction_set(instruction_set))
    assert (found.text, found.reason) == (text, "")


def test_an_alias_holds_for_every_encoding(description: Description) -> None:
    """It is made for each form that has its fields."""
    assert {alias.form for alias in description.aliases.values()} == {"sum", "short_sum", "sum.wide_form"}


def test_a_given_field_that_no_encoding_has_is_a_mistake(tmp_path: Path) -> None:
    """Only another encoding's field may be given a value."""
    path = tmp_path / "wrong.isa"
    path.write_text(TEXT.replace("S = 0)", "T = 0)"))
    with pytest.raises(TraplineError, match="'T'"):
        load_files([path])
