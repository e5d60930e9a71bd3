"""Kinds of mistakes that a first user of the language made: each gets one message, with its place and a way out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from trapline.isa.lang.checking import check_files, checked_files
from trapline.isa.lang.load import load_files
from trapline.isa.lang.tree.diagnostics import Diagnostic
from trapline.tests.lang.manual import description


@dataclass(frozen=True)
class Kind:
    """Text put behind the manual's description. `old` and `new` change the description itself instead."""

    name: str
    message: str
    text: str = ""
    hint: str = ""
    old: str = ""
    new: str = ""


LWZ = "{ syntax  lwz RT, SI(RA|0)\n    GPR[RT] = mem[RA|0 + sign_extend(SI), 4] }"
ERRORS = [
    Kind(
        "operand cycle",
        "operand 'oa' needs itself: oa → ob → oa",
        "operand oa (SI : u16) -> u32 = unsigned { ob }\noperand ob (SI : u16) -> u32 = unsigned { oa }\n"
        "instruction cyc : D(OPCD = 60) { syntax  cyc RT, oa, RA\n GPR[RT] = ob }",
    ),
    Kind(
        "operand without a declaration",
        "there is no operand 'SI2': nothing says how that field is written",
        "format D2 in T { OPCD:6 RT:5 RA:5 SI2:16 }\ninstruction two : D2(OPCD = 60) { syntax  two RT, RA, SI2\n }",
        "operand SI2 : u16 = unsigned",
    ),
    Kind(
        "alias that loses a field",
        "alias 'lone' says nothing of field 'SI' of 'stw'",
        "alias lone : stw(RA = 0) { syntax  lone RT\n }",
        "give it a value: stw(SI = …)",
    ),
    Kind(
        "codec that is not inverse",
        "'encode_odd' is not the inverse of 'decode_odd': field value 0x1 is written as 2",
        "function decode_odd(field : u5) -> u8 { zero_extend(field) << 1 }\n"
        "function encode_odd(value : u8) -> (u1, u5) { (1, value[3:7]) }\n"
        "format C in T { OPCD:6 ODD:5 (0):21 }\noperand ODD : u5 = coded decode_odd, encode_odd\n"
        "instruction odd : C(OPCD = 60) { syntax  odd ODD\n }",
        "decode(y) has to be what decode(x) is",
    ),
    Kind(
        "codec that needs a core",
        "function 'decode_odd' uses registers, memory or interrupts",
        "function decode_odd(field : u5) -> u8 { truncate(GPR[field]) }\n"
        "function encode_odd(value : u8) -> (u1, u5) { (1, value[3:7]) }\n"
        "format C in T { OPCD:6 ODD:5 (0):21 }\noperand ODD : u5 = coded decode_odd, encode_odd\n"
        "instruction odd : C(OPCD = 60) { syntax  odd ODD\n }",
    ),
    Kind(
        "overlapping names lists",
        "'lw r0, r1' can be 'first' and 'second'",
        "instruction first : D(OPCD = 60) { syntax  lw RT, RA, SI\n }\n"
        "instruction second : D(OPCD = 61) { syntax  lw RT, RA|0, SI\n }",
    ),
    Kind(
        "unknown annotation",
        "nothing knows an annotation @gbd of a register",
        'register Q : u8 @gbd(name = "q")',
        "gdb",
    ),
    Kind(
        "annotation elsewhere",
        "nothing knows an annotation @elf of a register",
        "register Q : u8 @elf(machine = 1)",
        "it stands behind: architecture",
    ),
    Kind(
        "unknown key", "@gdb of a register has no key 'nmae'", 'register Q : u8 @gdb(nmae = "q")', "did you mean 'name'"
    ),
    Kind(
        "key of the wrong kind",
        "'number' of @gdb is a number, not 'q'",
        'register Q : u8 @gdb(name = "q", number = "q")',
    ),
    Kind("needed key", "@gdb of a register needs 'name'", "register Q : u8 @gdb(number = 200)"),
    Kind("gdb's name twice", "another register has the name 'lr' in gdb", 'register Q : u8 @gdb(name = "lr")'),
    Kind(
        "gdb's number twice",
        "another register has the number '3' in gdb",
        'register Q : u8 @gdb(name = "q", number = 3)',
    ),
    Kind("one name for all", "all 4 elements of 'Q' would be called 'q'", 'register Q[4] : u8 @gdb(name = "q")', "r{}"),
    Kind("unreachable code", "this is never reached: a `return` stands before it", "function f() -> u8 { return 1 2 }"),
    Kind(
        "unreachable behind raise", "this is never reached: a `raise`", "function f() { raise program(1) GPR[1] = 2 }"
    ),
    Kind("absurd size", "'BIG' would have 1600000000 bytes; registers have 1048576", "register BIG[100000000] : u128"),
    Kind("no elements", "'ZERO' would have no elements", "register ZERO[0] : u8"),
    Kind(
        "misspelt format told once",
        "there is no format 'DD'",
        hint="did you mean 'D'",
        old=": D(OPCD =",
        new=": DD(OPCD =",
    ),
    Kind(
        "constant before its definition is fine until it is circular",
        "'ONE' needs itself",
        "const ONE : u8 = TWO\nconst TWO : u8 = ONE",
    ),
    Kind("semicolon", "';' cannot stand here", "function f() { GPR[1] = 2; }", "nothing separates statements"),
    Kind("question mark", "'?' cannot stand here", "function f(a : u1) -> u8 { a ? 1 : 2 }", "`if condition { this }"),
    Kind("elif", "cannot stand here", "function f(a : u1) { if a { } elif !a { } }", "write `else if`"),
    Kind("capital 0X", "'0X300' is no number", "const C : u32 = 0X300", "write 0x"),
    Kind(
        "comma in except",
        "',' cannot stand here",
        "instruction i : D(OPCD = 60) except RT = 0, RA = 1 { }",
        "separated by '|'",
    ),
    Kind(
        "call with a space",
        "'sign_extend' is a function",
        "function f(a : u8) -> u32 { let b = sign_extend (a) 1 }",
        "'(' stands directly behind the name",
    ),
    Kind("comment without end", "this comment does not end", "/* never\n", "end it with */"),
    Kind(
        "unclosed block",
        "'instruction' cannot stand here: the item above has not ended",
        "function f(a : u1) { if a { \ninstruction x : D(OPCD = 60) { }",
        "is a closing '}' missing?",
    ),
    Kind("digits", "is no number", f"const C : u32 = {'9' * 5000}", "128 bits at most"),
    Kind("a lonely 0x", "cannot stand here", "const C : u32 = 0x"),
    Kind("leading zero", "'007' is no number", "const C : u32 = 007", "write 12, 0x2F or 0b1010"),
    Kind("parentheses", "more than 100 levels", f"const C : u32 = {'(' * 3000}1{')' * 3000}", "`let`"),
    Kind("operators", "more than 100 levels", f"const C : u32 = {'~' * 20000}1"),
    Kind("sums", "more than 100 levels", f"const C : u32 = 1{' + 1' * 20000}"),
    Kind("nested ifs", "more than 100 levels", f"function f(a : u1) {{ {'if a { ' * 800}{'}' * 800} }}"),
]


def _checked(tmp_path: Path, kind: Kind) -> list[Diagnostic]:
    path = tmp_path / "kind.isa"
    text = description()
    if kind.old:
        assert kind.old in text
        text = text.replace(kind.old, kind.new)
    path.write_text(f"{text}\n{kind.text}\n")
    return check_files([path])[0]


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.name)
def test_one_mistake_gets_one_message(kind: Kind, tmp_path: Path) -> None:
    """No traceback, no cascade, nothing of the loader's own names; the hint (where claimed) leads out."""
    problems = _checked(tmp_path, kind)
    assert [kind.message in problem.message for problem in problems] == [True], [p.message for p in problems]
    assert kind.hint in problems[0].hint
    assert "__" not in problems[0].hint
    lines = (tmp_path / "kind.isa").read_text().count("\n") + 1
    assert 1 <= problems[0].span.line <= lines


def test_constants_may_stand_in_any_order(tmp_path: Path) -> None:
    """One that another needs may stand behind it, also in another file."""
    path = tmp_path / "later.isa"
    path.write_text(f"{description()}\nconst FIRST : u32 = SECOND + 1\nconst SECOND : u32 = 41\n")
    assert check_files([path])[0] == []


def test_an_unclosed_block_names_where_it_was_opened(tmp_path: Path) -> None:
    """With a note at the brace."""
    (problem,) = _checked(tmp_path, next(kind for kind in ERRORS if kind.name == "unclosed block"))
    text = (tmp_path / "kind.isa").read_text().splitlines()
    assert ["function f" in text[note.span.line - 1] for note in problem.notes] == [True, True]
    assert all(note.message == "this block is open" for note in problem.notes)


@pytest.mark.parametrize(
    ("raw", "message", "place"),
    [
        (b"\xef\xbb\xbfconst A : u8 = 1\n", "the file begins with a byte order mark", (1, 1)),
        (b"// fine\nconst A : u8 = 1 // caf\xe9\n", "byte 0xe9 cannot stand here", (2, 24)),
        ("const A : u8 = 1".encode("utf-16"), "byte 0xff cannot stand here", (1, 1)),
        (b"", "the file is empty", (1, 1)),
    ],
)
def test_what_an_editor_may_have_done_to_a_file_is_told(
    raw: bytes, message: str, place: tuple[int, int], tmp_path: Path
) -> None:
    """A byte order mark, another encoding (with the place of the byte), nothing at all (with the name of the file)."""
    path = tmp_path / "file.isa"
    path.write_bytes(raw)
    (problem,) = check_files([path])[0]
    assert message in problem.message
    assert (problem.span.line, problem.span.column) == place
    assert problem.span.file == str(path)


def test_lints_are_warnings(tmp_path: Path) -> None:
    """Dead functions, formats, operands and names lists; parts that overlap; they do not make a description wrong."""
    path = tmp_path / "lint.isa"
    path.write_text(
        description()
        + "\nfunction dead() { }\nformat DEAD in T { OPCD:6 RT:5 (0):21 }\noperand dead_operand (RT : u5) = unsigned\n"
        "names dead_names : u1 { off on }\nbitfield crossed : u8 { A = 0:3  B = 2:5 }\n"
        "register CROSSED : crossed\n"
    )
    problems, _ = checked_files([path])
    assert {problem.severity for problem in problems} == {"warning"}
    told = [problem.message for problem in problems]
    for wanted in ("function 'dead'", "format 'DEAD'", "operand 'dead_operand'", "names list 'dead_names'"):
        assert f"nothing names {wanted}" in told
    assert "parts 'A' and 'B' of crossed share some of their bits" in told
    assert check_files([path])[0] == []


def test_a_register_written_before_an_access_that_may_fault_is_a_warning(tmp_path: Path) -> None:
    """The handler would find it changed; reading memory first, or writing memory last before the register, is fine."""
    path = tmp_path / "order.isa"
    path.write_text(
        description()
        + "\ninstruction early : D(OPCD = 60) { syntax  early RT, SI(RA|0)\n GPR[RT] = 1\n GPR[1] = mem[GPR[2], 4] }\n"
        "instruction late : D(OPCD = 61) { syntax  late RT, SI(RA|0)\n let x = mem[GPR[2], 4]\n GPR[RT] = x }\n"
    )
    problems, _ = checked_files([path])
    assert [problem.message for problem in problems if problem.code == "order"] == [
        "'early' has written GPR when this access to memory may fault"
    ]


def test_a_register_read_behind_a_write_that_may_be_to_it_is_a_warning(tmp_path: Path) -> None:
    """RT may be RA: reading first is fine, and so is reading what was written."""
    path = tmp_path / "alias.isa"
    body = "syntax  {} RT, SI(RA)\n let width = sign_extend(SI, 32)\n"
    path.write_text(
        description()
        + f"\ninstruction late : D(OPCD = 60) {{ {body.format('late')} GPR[RT] = width\n GPR[RT] = GPR[RA] }}\n"
        f"instruction same : D(OPCD = 61) {{ {body.format('same')} GPR[RT] = GPR[RA]\n GPR[RT] = GPR[RT] + width }}\n"
    )
    problems, _ = checked_files([path])
    assert [problem.message for problem in problems if problem.code == "order"] == [
        "'late' reads GPR[RA] when it has written GPR[RT], which may be the same one"
    ]


def test_aliases_that_hide_or_never_print_are_warnings(tmp_path: Path) -> None:
    """One without a condition, one behind a wider one, one of words that the instruction has not; others are fine."""
    path = tmp_path / "alias.isa"
    path.write_text(
        description()
        + "\ninstruction own : D(OPCD = 60) except RT = 9 { syntax  own RT, SI(RA)\n GPR[RT] = GPR[RA] }\n"
        "alias narrow : own(RT = 3, RA = 1) { syntax  narrow SI }\n"
        "alias wide : own(RT = 3) { syntax  wide SI(RA) }\n"
        "alias never : own(RT = 3, RA = 2) { syntax  never SI }\n"
        "alias none : own(RT = 9) { syntax  none SI(RA) }\n"
        "alias all : own { syntax  all RT, SI(RA) }\n"
        "alias quiet : own input_only { syntax  quiet RT, SI(RA) }\n"
    )
    problems, _ = checked_files([path])
    assert [problem.message for problem in problems if problem.code == "alias"] == [
        "alias 'never' can never print: 'wide' stands before it and has all its words",
        "alias 'none' can never print: 'own' has no such words",
        "alias 'all' hides 'own': every word of that prints as the alias",
    ]


def test_a_wrong_width_of_a_declaration_is_told_a_few_times(tmp_path: Path) -> None:
    """Wherever the name is used it is met: three messages, the other places are notes of the last one."""
    path = tmp_path / "width.isa"
    calls = "".join(f"function caller{n}(x : u32) {{ one(x) }}\n" for n in range(8))
    path.write_text(description() + "\nfunction one(x : u7) { }\n" + calls)
    problems = check_files([path])[0]
    assert len(problems) == 3
    assert len(problems[-1].notes) == 5


def test_an_extension_can_give_a_device_more_room(tmp_path: Path) -> None:
    """`extend device` adds registers, and says a larger size."""
    path = tmp_path / "larger.isa"
    path.write_text(f"{description()}\nextend device uart size 0x20 {{ register MORE : u32 at 0x18 }}\n")
    assert check_files([path])[0] == []
    assert load_files([path], "tiny1").devices["uart"].size == 0x20
