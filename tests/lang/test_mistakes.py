"""Planted mistakes: each is found, once, on its line, with a hint that leads out."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from trapline.isa.lang.checking import check_files
from trapline.tests.lang.manual import description

from ..patience import HANGS


@dataclass(frozen=True)
class Planted:
    """Text added to the manual's description; the offending line carries the mark `//!`."""

    name: str
    text: str
    message: str
    hint: str = ""


FUNCTION = "function f(x : u32) -> u32 {{ {body} //!\n}}"

PLANTED = [
    Planted(
        "unknown item",
        "instrction foo : D(OPCD = 1) { } //!",
        "'instrction' cannot stand here",
        "did you mean 'instruction'",
    ),
    Planted("unclosed block", "function f() -> u1 { //!", "the file ends in the middle of an item", "'}'"),
    Planted("string over lines", 'feature F "never ends //!\n', "cannot stand here", "a string ends on its line"),
    Planted(
        "unknown function",
        FUNCTION.format(body="recrod(x) x"),
        "there is no function 'recrod'",
        "did you mean 'record'",
    ),
    Planted(
        "unknown register field",
        FUNCTION.format(body="zero_extend(STATUS.LTT)"),
        "there is no part of status 'LTT'",
        "did you mean 'LT'",
    ),
    Planted("unknown type", "function f(x : u33x) { } //!", "there is no type 'u33x'"),
    Planted("width too large", "function f(x : u129) { } //!", "'u129' is not a width", ""),
    Planted("literal does not fit", FUNCTION.format(body="let y : u4 = 16  x"), "the number 16 does not fit u4"),
    Planted(
        "width of a literal unknown",
        FUNCTION.format(body="let y = 1  x"),
        "nothing here says how wide the number 1 is",
        "u32(1)",
    ),
    Planted(
        "assignment width",
        "function f(x : u16) { GPR[1] = x } //!",
        "is u16 (16 bits), and u32 (32 bits) is needed",
        "zero_extend",
    ),
    Planted("argument width", "function f(x : u16) { record(x) } //!", "argument 1 of record is u16"),
    Planted("argument count", "function f() { record() } //!", "record takes 1 argument, not 0"),
    Planted("result missing", "function f(x : u1) -> u32 { if x { 1 } } //!", "it needs an `else`"),
    Planted("result width", "function f(x : u16) -> u32 { x } //!", "the result is u16"),
    Planted("let assigned again", FUNCTION.format(body="let y = x  y = x  x"), "'y' cannot be assigned again", "var"),
    Planted(
        "field assigned",
        "instruction i : D(OPCD = 60) { syntax i RT, RA, SI\n RT = 1 //!\n }",
        "'RT' cannot be assigned to",
    ),
    Planted("slice outside", FUNCTION.format(body="zero_extend(x[30:32])"), "bits 30:32 are not a range", ""),
    Planted("slice reversed", FUNCTION.format(body="zero_extend(x[8:4])"), "bits 8:4 are not a range", ""),
    Planted(
        "match not exhaustive",
        "function f(x : u2) -> u1 { match x { 0 => 1, 1 => 0 } } //!",
        "has none for 0x2",
        "_ =>",
    ),
    Planted(
        "match arm unreachable",
        "function f(x : u2) -> u1 { match x { _ => 1, 1 => 0 } } //!",
        "an earlier arm matches all of this",
    ),
    Planted("recursion", "function f(x : u2) -> u2 { f(x) } //!", "function 'f' calls itself"),
    Planted(
        "unknown interrupt",
        "function f() { raise progam(1) } //!",
        "there is no interrupt 'progam'",
        "did you mean 'program'",
    ),
    Planted("unknown exit", "function f() { leave gone() } //!", "there is no exit 'gone'"),
    Planted("unused value", FUNCTION.format(body="x + 1  x"), "this value is not used"),
    Planted("unknown feature", "register Q : u8 requires VECC //!", "there is no feature 'VECC'", "did you mean 'VEC'"),
    Planted("declared twice", "register COUNT : u8 //!", "register 'COUNT' is declared twice", "replace"),
    Planted("extend of nothing", "extend core tiny9 { VERSION = 3 } //!", "which no file declares", "did you mean"),
    Planted(
        "spr number taken", "register Q : u32 { at SPR(9) read anyone } //!", "SPR number 9 belongs to COUNT already"
    ),
    Planted(
        "unknown right",
        "register Q : u32 { at SPR(99) read anyonee } //!",
        "there is no right",
        "did you mean 'anyone'",
    ),
    Planted("unknown format", "instruction i : DX(OPCD = 60) { syntax i } //!", "there is no format 'DX'"),
    Planted(
        "unknown field in encoding",
        "instruction i : D(OPC = 60) { syntax i } //!",
        "there is no field of format 'D' 'OPC'",
        "did you mean 'OPCD'",
    ),
    Planted(
        "field value too wide",
        "instruction i : D(OPCD = 64) { syntax i } //!",
        "64 does not fit field 'OPCD' of 6 bits",
    ),
    Planted("pieces leave bits out", "format P in T { OPCD:6 x[0:4] x[6:10] y:16 } //!", "leave bits out"),
    Planted(
        "unknown operand in syntax",
        "instruction i : D(OPCD = 60) {\n syntax i RT, RAA, SI //!\n }",
        "there is no operand or field 'RAA'",
        "did you mean",
    ),
    Planted("no syntax", "instruction i : D(OPCD = 60) { } //!", "has no `syntax` template"),
    Planted(
        "alias of nothing",
        "alias x : adi(RA = 0) { syntax x RT, SI } //!",
        "there is no instruction 'adi'",
        "did you mean 'addi'",
    ),
    Planted(
        "hypercall number taken",
        "hypercall T_TWO = 8 in tiny_calls user { returns T_SUCCESS } //!",
        "belongs to T_READ already",
    ),
    Planted(
        "hypercall returns another code",
        "hypercall T_TWO = 9 in tiny_calls real_mode { returns T_SUCCESS body { return T_PARAMETER } } //!",
        "there is no return code of this call 'T_PARAMETER'",
    ),
    Planted(
        "device registers overlap",
        "device d size 8 { register A : u32 at 0 register B : u32 at 2 } //!",
        "both stand at 0x2",
    ),
    Planted("device register outside", "device d size 4 { register A : u32 at 4 } //!", "lies outside"),
]


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.name)
def test_a_planted_mistake_gets_one_message_on_its_line(planted: Planted, tmp_path: Path) -> None:
    """The message names the reason, the line is the marked one, and the hint (where claimed) leads out."""
    path = tmp_path / "planted.isa"
    whole = description() + "\n" + planted.text + "\n"
    path.write_text(whole)
    problems, _ = check_files([path])
    assert len(problems) == 1, [problem.message for problem in problems]
    marked = next(number for number, line in enumerate(whole.splitlines(), 1) if "//!" in line)
    assert planted.message in problems[0].message
    assert planted.hint in problems[0].hint
    if planted.name != "unclosed block":
        assert problems[0].span.line == marked


def test_all_overlaps_are_reported_and_both_sides_are_named(tmp_path: Path) -> None:
    """Two overlapping pairs give two messages, each with a note at the other instruction."""
    path = tmp_path / "planted.isa"
    extra = "\n".join(
        f"instruction extra{opcode} : D(OPCD = {opcode}, RA = 3) {{\n"
        f" syntax extra{opcode} RT, SI\n GPR[RT] = sign_extend(SI) }}"
        for opcode in (14, 32)
    )
    path.write_text(description() + "\n" + extra)
    problems, _ = check_files([path])
    assert [problem.code for problem in problems] == ["overlap", "overlap"]
    assert [
        ("addi" in p.message and "extra14" in p.message, "lwz" in p.message and "extra32" in p.message)
        for p in problems
    ] == [
        (True, False),
        (False, True),
    ]
    assert all(problem.notes for problem in problems)


def test_an_except_clause_makes_an_overlap_legal(tmp_path: Path) -> None:
    """The more general encoding may exclude what the special one is."""
    path = tmp_path / "planted.isa"
    text = description().replace(
        'instruction addi "Add Immediate" : D(OPCD = 14) {',
        'instruction addi "Add Immediate" : D(OPCD = 14) except RA = 3 {',
    )
    path.write_text(
        text + "\ninstruction extra : D(OPCD = 14, RA = 3) { syntax extra RT, SI\n GPR[RT] = sign_extend(SI) }\n"
    )
    problems, _ = check_files([path])
    assert [problem.message for problem in problems] == []


def test_several_mistakes_are_all_reported_in_order(tmp_path: Path) -> None:
    """A mistake does not hide the next one, and none is said twice."""
    path = tmp_path / "planted.isa"
    path.write_text(
        description()
        + "\nfunction f(x : u16) -> u32 {\n let a = nope\n let b = a + 1\n GPR[1] = x\n GPR[99999999999] = y\n 1 }\n"
    )
    problems, _ = check_files([path])
    assert [problem.message.split(",")[0] for problem in problems] == [
        "there is no name 'nope'",
        "what is assigned is u16 (16 bits)",
        "there is no name 'y'",
    ]


def test_the_command_prints_carets_and_json_and_ends_with_its_status(tmp_path: Path) -> None:
    """`trapline isa check` shows the line with a caret; `--json` is data; the status tells."""
    good, bad = tmp_path / "good.isa", tmp_path / "bad.isa"
    good.write_text(description())
    bad.write_text(description() + "\nfunction f() { recrod(1) }\n")

    def check(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "trapline", "isa", "check", *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=HANGS,
        )

    assert check(str(good)).returncode == 0
    shown = check(str(bad))
    assert shown.returncode == 1
    assert "there is no function 'recrod'" in shown.stdout
    assert "^^^^^^" in shown.stdout
    data = json.loads(check("--json", str(bad)).stdout)
    assert [entry["code"] for entry in data] == ["unknown-name"]
    assert data[0]["hint"].startswith("did you mean 'record'")


def test_a_file_that_cannot_be_read_is_one_clear_problem(tmp_path: Path) -> None:
    """A missing file, a `use` of one, and bytes that are no text."""
    missing, user, binary = tmp_path / "missing.isa", tmp_path / "user.isa", tmp_path / "binary.isa"
    user.write_text('use "gone.isa"\n')
    binary.write_bytes(b"\xff\xfe\x00")
    for path, wanted in ((missing, "No such file"), (user, "gone.isa"), (binary, "not UTF-8")):
        problems, _ = check_files([path])
        assert len(problems) == 1
        assert wanted in problems[0].message
