"""Families and functions with compile-time parameters: what they come to, and what is told where they are wrong."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from trapline.isa.lang.checking import check_files
from trapline.isa.lang.load import load_files
from trapline.isa.lang.text.families import MOST_ITEMS
from trapline.isa.lang.tree.diagnostics import Diagnostic
from trapline.isa.model.items import Description
from trapline.tests.lang.manual import description


def _load(tmp_path: Path, text: str) -> Description:
    path = tmp_path / "families.isa"
    path.write_text(f"{description()}\n{text}")
    return load_files([path], "tiny2")


def _problems(tmp_path: Path, text: str) -> list[Diagnostic]:
    path = tmp_path / "families.isa"
    path.write_text(f"{description()}\n{text}")
    return check_files([path])[0]


def test_a_family_is_what_its_members_written_one_by_one_would_be(tmp_path: Path) -> None:
    """Encoding, text and body of each member are those of a plain instruction; its line is that of its row."""
    one_by_one = """
instruction pvand "Vector logical" : V(OPCD = 5, XO = 1028) requires VEC { syntax pvand VT, VA, VB
  VR[VT] = VR[VA] & VR[VB] }
instruction pvaddb "Vector Add Bytes" : V(OPCD = 5, XO = 0) requires VEC { syntax pvaddb VT, VA, VB
  VR[VT] = elements[8, sum](VR[VA], VR[VB]) }
"""
    family = """
family (name, title, XO, value) requires VEC {
    | pvand  "logical"   1028 (VR[VA] & VR[VB])
    | pvaddb "Add Bytes"    0 (elements[W, sum](VR[VA], VR[VB]))
} each {
    instruction {name} "Vector {title}" : V(OPCD = 5, XO = XO) { syntax {name} VT, VA, VB
      VR[VT] = value }
}
const W : u8 = 8
"""
    plain, made = _load(tmp_path, one_by_one), _load(tmp_path, family)
    first = description().count("\n") + 3
    for number, name in enumerate(("pvand", "pvaddb")):
        expected, form = plain.forms[name], made.forms[name]
        assert (form.mask, form.match, form.title) == (expected.mask, expected.match, expected.title)
        written = [(one.mnemonic, one.operands) for one in form.templates]
        assert written == [(one.mnemonic, one.operands) for one in expected.templates]
        assert form.requires == expected.requires == ("VEC",)
        assert form.line & 0xFFFFF == first + 1 + number
    body, expected_body = made.forms["pvaddb"].body[0], plain.forms["pvaddb"].body[0]
    assert getattr(body, "value") == getattr(expected_body, "value")  # noqa: B009


def test_each_set_of_compile_time_arguments_is_a_function_of_its_own(tmp_path: Path) -> None:
    """Widths of parameters and results follow from the arguments, also computed ones; equal calls share a function."""
    made = _load(
        tmp_path,
        """
function twice(x : u16, y : u32) -> u64 { doubled[32](sign_extend(doubled[16](x))) + doubled[32](y) }
function wide(y : u64) -> u128 { doubled[64](y) }
""",
    )
    instances = {name: function for name, function in made.functions.items() if name.startswith("doubled[")}
    widths = {name: (function.parameters[0].width, function.results) for name, function in instances.items()}
    assert widths == {"doubled[16]": (16, (32,)), "doubled[32]": (32, (64,)), "doubled[64]": (64, (128,))}
    assert {name for name in made.functions if name.startswith("elements[")} == {
        "elements[8, sum]",
        "elements[32, sum]",
        "elements[8, larger]",
        "elements[32, larger]",
    }


def test_families_stand_in_families(tmp_path: Path) -> None:
    """Rows of an inner table are made for each row of the outer one, and may use its cells; members are any items."""
    made = _load(
        tmp_path,
        """
family (sign, S, less) {
    | s 1 smaller_signed
    | u 0 smaller_unsigned
} each {
    family (letter, W, XO) {
        | b  8  (32 * S + 2)
        | w 32  (32 * S + 3)
    } each {
        instruction qmin{sign}{letter} "Minimum {sign}{W}" requires VEC : V(OPCD = 5, XO = XO) {
            syntax qmin{sign}{letter} VT, VA, VB
            VR[VT] = elements[W, less](VR[VA], VR[VB])
        }
        alias qneg{sign}{letter} : qmin{sign}{letter}(VB = VA) requires VEC { syntax qneg{sign}{letter} VT, VA }
        const WIDTH_{sign}{letter} : u8 = W
    }
}
function smaller_signed[W](a : u(W), b : u(W)) -> u(W) { if a <s b { a } else { b } }
function smaller_unsigned[W](a : u(W), b : u(W)) -> u(W) { if a < b { a } else { b } }
""",
    )
    members = {name: made.forms[name].match & 0x7FF for name in made.forms if name.startswith("qmin")}
    assert members == {"qminsb": 34, "qminsw": 35, "qminub": 2, "qminuw": 3}
    assert made.forms["qminsw"].title == "Minimum s32"
    assert {name for name in made.aliases if name.startswith("qneg")} == {"qnegsb", "qnegsw", "qnegub", "qneguw"}
    assert made.constants["WIDTH_uw"].value == 32


def test_a_member_can_be_replaced(tmp_path: Path) -> None:
    """`replace` names a member like any instruction; the other members stay."""
    made = _load(
        tmp_path,
        'replace instruction vaddb "Mine" requires VEC : V(OPCD = 4, XO = 0) { syntax vaddb VT, VA, VB\n }',
    )
    assert made.forms["vaddb"].title == "Mine"
    assert made.forms["vaddw"].title == "Vector Add Words"


@dataclass(frozen=True)
class Planted:
    """`text` behind the manual's description; the message stands on the line with the mark `//!`, a note at `//?`."""

    name: str
    text: str
    message: str
    note: str = ""


MEMBER = """ each {{
    instruction {{name}} "It" : V(OPCD = 5, XO = XO) requires VEC {{
        syntax {{name}} VT, VA, VB
        {body}
    }}
}}"""
ROWS = "family (name, XO, W) {\n | pa 1 8\n | pb 2 16 //?\n }"

PLANTED = [
    Planted(
        "cells missing",
        "family (name, XO) {\n | pa //!\n }" + MEMBER.format(body="VR[VT] = 0"),
        "this row has 1 cell, and the family has 2 columns: name, XO",
    ),
    Planted(
        "column twice",
        "family (name, XO, XO) { //!\n | pa 1 1 }" + MEMBER.format(body="VR[VT] = 0"),
        "column 'XO' stands there twice",
    ),
    Planted(
        "column unused",
        "family (name, XO, W) { //!\n | pa 1 8 }" + MEMBER.format(body="VR[VT] = 0"),
        "no item of the family uses column 'W'",
    ),
    Planted(
        "mistake in one member",
        ROWS + MEMBER.format(body="VR[VT] = zero_extend(u8(1) + VR[VA][0 +: W]) //!"),
        "'+' has 8 bits (u8) on its left and 16 bits (u16) on its right",
        "in instruction 'pb' of this row",
    ),
    Planted(
        "unknown name in a cell",
        "family (name, XO, value) {\n | pa 1 (VR[VA] & mistyped) //!\n }" + MEMBER.format(body="VR[VT] = value"),
        "there is no name 'mistyped'",
    ),
    Planted(
        "woven of no column",
        "family (nam) {\n | pa\n } each {\n instruction {name} : V(OPCD = 5) { //!\n syntax {nam} VT, VA, VB\n } }",
        "the name '{name}' is woven of a column 'name', and no family around it has one",
    ),
    Planted(
        "woven outside",
        'instruction p{name} "It" : V(OPCD = 5, XO = 1) { //!\n syntax p VT, VA, VB\n }',
        "the name 'p{name}' is woven of a column 'name', and no family around it has one",
    ),
    Planted(
        "a local hides a column",
        ROWS + MEMBER.format(body="let W = 5 //!\n VR[VT] = zero_extend(u8(W))"),
        "'W' is a column already",
    ),
    Planted(
        "two rows of one encoding",
        "family (name, XO) {\n | pa 1 //?\n | pb 1 //!\n }" + MEMBER.format(body="VR[VT] = 0"),
        "encodings of 'pa' and 'pb' overlap",
        "'pa' is here",
    ),
    Planted(
        "two rows of one name",
        "family (name, XO) {\n | pa 1 //?\n | pa 2 //!\n }" + MEMBER.format(body="VR[VT] = 0"),
        "instruction 'pa' is declared twice for core 'tiny2'",
        "first declared here",
    ),
    Planted(
        "an expression in text",
        "family (name, XO, W) {\n | pa 1 (1 + 2) } each {\n instruction {name} : V(OPCD = 5, XO = XO) requires VEC {\n"
        " syntax {name}{W} VT, VA, VB //!\n VR[VT] = 0 } }",
        "'{W}' stands in text, and its cell is an expression",
    ),
    Planted(
        "a number where a format stands",
        "family (name, form) {\n | pa 1 //?\n } each {\n instruction {name} : form(XO = 5) { //!\n syntax {name}\n } }",
        "the format of an encoding is a name",
        "in instruction 'pa' of this row",
    ),
    Planted(
        "compile-time arguments missing",
        "function f(x : u32) -> u64 { doubled(x) } //!",
        "doubled has compile-time parameters, and none are given",
    ),
    Planted(
        "compile-time arguments too many",
        "function f(x : u32) -> u64 { doubled[32, 1](x) } //!",
        "doubled has 1 compile-time parameter (W), not 2",
    ),
    Planted(
        "compile-time argument at run time",
        "function f(x : u32) -> u64 { doubled[x](x) } //!",
        "a compile-time argument is a constant number or a function's name",
    ),
    Planted(
        "brackets behind a plain function",
        "function f(x : u32) { record[8](x) } //!",
        "record has no compile-time parameters",
    ),
    Planted(
        "unknown generic function",
        "function f(x : u32) -> u64 { dubled[32](x) } //!",
        "there is no function with compile-time parameters 'dubled'",
    ),
    Planted(
        "mistake for one set of arguments",
        "function g[W](x : u(W)) -> u8 { x } //!\nfunction f(x : u16) -> u8 { g[8](5) + g[16](x) } //?",
        "the result is u16",
        "in g[16], called here",
    ),
    Planted(
        "instances without end",
        "function g[N](x : u8) -> u8 { g[N + 1](x) } //!\nfunction f(x : u8) -> u8 { g[1](x) }",
        "g[25] is needed at the end of 24 instances that need each other",
    ),
    Planted(
        "a type too wide",
        "function g[W](x : u(2 * W)) { } //!\nfunction f() { g[65](0) } //?",
        "u(130) is not a width",
        "in g[65], called here",
    ),
    Planted("a type of nothing", "function f(x : v(8)) { } //!", "'v(…)' is no type"),
    Planted("a type of no constant", "function f(x : u8, y : u(x)) { } //!", "a type's width must be a constant"),
]


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.name)
def test_a_mistake_is_told_once_where_it_is_with_the_member(planted: Planted, tmp_path: Path) -> None:
    """One message on its line; where only one row or one set of arguments is wrong, a note leads to that."""
    problems = _problems(tmp_path, planted.text)
    lines = f"{description()}\n{planted.text}".splitlines()
    assert [planted.message in problem.message for problem in problems] == [True], problems
    assert problems[0].span.line == next(number for number, line in enumerate(lines, 1) if "//!" in line)
    if planted.note:
        marked = next(number for number, line in enumerate(lines, 1) if "//?" in line)
        assert (planted.note, marked) in [(note.message, note.span.line) for note in problems[0].notes]


def test_families_cannot_fill_the_memory(tmp_path: Path) -> None:
    """Four nested tables of thirty rows are 810,000 items: refused at a bound, with one message."""
    rows = "".join(f"| a{number}\n" for number in range(30))
    text = "const X_{c0}{c1}{c2}{c3} : u8 = 1"
    for depth in (3, 2, 1, 0):
        text = f"family (c{depth}) {{ {rows} }} each {{ {text} }}"
    problems = _problems(tmp_path, text)
    assert [problem.message for problem in problems] == [f"families come to more than {MOST_ITEMS} items"]


def test_a_template_s_own_groups_stay_and_carets_are_where_it_was_written(tmp_path: Path) -> None:
    """Woven text moves what stands behind it; a problem there still points at the column of the source."""
    text = """family (name, XO) {
    | a_long_name 1
} each {
    instruction {name} : V(OPCD = 5, XO = XO) requires VEC {
        syntax {name} VT, VA, VX
        VR[VT] = VR[VA]
    }
}"""
    (problem,) = _problems(tmp_path, text)
    line = text.splitlines()[4]
    assert "there is no operand or field 'VX'" in problem.message
    assert problem.span.column == line.index("VX") + 1
