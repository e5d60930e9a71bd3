"""Claims about macros, repetitions, conditions and includes."""

from __future__ import annotations

from pathlib import Path

import pytest

from trapline.asmgen import AssemblyErrors, Source, assemble
from trapline.asmgen.expansion import expander

from .fake_architecture import FakeTarget, contents, errors, program


def test_macro_arguments_defaults_keywords_and_varargs() -> None:
    """Arguments come by place or by name; what is left out has its default; :vararg takes the rest."""
    text = ".macro m a, b=7, rest:vararg\n.byte \\a, \\b\n.ifnb \\rest\n.byte \\rest\n.endif\n.endm\n"
    assert contents(text + "m 1\nm 1, 2\nm b=3, a=4\nm 5, 6, 8, 9") == bytes([1, 7, 1, 2, 4, 3, 5, 6, 8, 9])


def test_each_macro_call_has_its_own_number() -> None:
    """\\@ makes labels that differ from call to call."""
    assert contents(".macro m\n.L\\@: .byte .L\\@ - s\n.endm\ns: m\nm\nm") == bytes([0, 1, 2])


def test_names_are_separated_by_an_empty_pair_of_parentheses() -> None:
    """\\name\\() ends a name where a letter follows."""
    assert contents(".macro m n\n\\n\\()_end: .byte 1\n.endm\nm foo\n.byte foo_end - foo_end") == bytes([1, 0])


def test_repetitions() -> None:
    """.rept, .irp and .irpc nest."""
    assert contents(".rept 2\n.irp x, 1, 2\n.byte \\x\n.endr\n.endr\n.irpc c, 345\n.byte \\c\n.endr") == bytes(
        [1, 2, 1, 2, 3, 4, 5]
    )


def test_conditions() -> None:
    """One branch is assembled; the others may hold anything, also further conditions."""
    text = ".set x, 2\n.if x == 1\nnonsense\n.if 1\n.endif\n.elseif x == 2\n.byte 2\n.else\nnonsense\n.endif\n"
    text += ".ifdef x\n.byte 3\n.endif\n.ifndef x\n.byte 4\n.endif\n.ifc a, a\n.byte 5\n.endif"
    assert contents(text) == bytes([2, 3, 5])


def test_exitm_leaves_the_macro() -> None:
    """What stands behind .exitm is not assembled, and the condition around it is closed."""
    assert contents(".macro m n\n.byte 1\n.if \\n\n.exitm\n.endif\n.byte 2\n.endm\nm 1\nm 0") == bytes([1, 1, 2])


def test_several_statements_on_a_line_and_comments() -> None:
    """`;` separates, `#` and /* */ are comments, none of them inside strings."""
    text = '.byte 1; .byte 2 # ; .byte 3\n/* .byte 4\n ; */ .byte 5\n.ascii "#;/*"'
    assert contents(text) == bytes([1, 2, 5]) + b"#;/*"


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        (".if 1\nnop\n", "this condition is never closed", 1),
        ("nop\n.endif\n", ".endif without .if", 2),
        (".if 0\n.else\n.else\n.endif\n", ".else after .else", 3),
        (".macro m\nnop\n", "this .macro is never closed", 1),
        (".rept 3\nnop\n", "this .rept is never closed", 1),
        ("nop\n.endm\n", ".endm without its opening directive", 2),
        (".macro m a\n.if \\a\n.endm\nm 1\n", "this condition is never closed", 2),
        ("nop /* what\n", "this block comment is never closed", 1),
        (".macro m a\n.endm\nm 1, 2\n", "macro 'm' takes 1 argument", 3),
        (".macro m a:req\n.endm\nm\n", "macro 'm' needs a value for 'a'", 3),
    ],
)
def test_what_is_not_closed_is_one_error_at_its_opening(text: str, message: str, line: int) -> None:
    """One error, at the line that a person has to look at."""
    (error,) = errors(text)
    assert error.message == message
    assert error.place is not None
    assert error.place.line == line


def test_endless_recursion_ends_with_one_error() -> None:
    """A macro that calls itself is stopped at a depth."""
    (error,) = errors(".macro m\nm\n.endm\nm\n")
    assert error.message == "macros and includes nest deeper than 100 here"
    assert "does 'm' call itself" in error.hint


def test_exponential_expansion_ends_with_one_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nested repetitions cannot fill the memory."""
    monkeypatch.setattr(expander, "MAX_STATEMENTS", 1000)
    (error,) = errors(".rept 1000\n.rept 1000\n.rept 1000\n.endr\n.endr\n.endr\n")
    assert "more than 1000 statements" in error.message


def test_an_error_in_a_macro_shows_both_places() -> None:
    """The line of the body with its arguments, and the call that put them there."""
    (error,) = errors(".macro m a\n  .byte \\a\n.endm\n.data\nm 300\n")
    assert str(error.place) == "test.s:2:9"
    assert "  .byte 300" in error.render()
    assert "macro 'm' called at test.s:5" in error.render()


def test_a_misspelt_macro_gets_a_near_one() -> None:
    """A word that is no instruction may have been meant for a macro."""
    (error,) = errors(".macro save_all\nnop\n.endm\nsave_al\n")
    assert error.hint == "did you mean 'save_all'?"


def test_include_looks_beside_the_file(tmp_path: Path) -> None:
    """.include and .incbin take files from the directory of the source; without one they are refused."""
    (tmp_path / "part.s").write_text(".byte 2\n")
    (tmp_path / "blob").write_bytes(b"abc")
    source = Source("main.s", '.data\n.byte 1\n.include "part.s"\n.incbin "blob", 1, 1\n', tmp_path)
    assert assemble([source], FakeTarget()).segments[0][1] == b"\1\2b"
    assert errors('.include "part.s"')[0].message == "this source may not read files"
    with pytest.raises(AssemblyErrors, match=r"cannot read 'none\.s'"):
        assemble([Source("main.s", '.include "none.s"', tmp_path)], FakeTarget())


def test_labels_in_front_of_a_macro_call_stand_at_its_first_byte() -> None:
    """`label: macro` defines the label before the macro's text."""
    assert program(".macro m\nnop\n.endm\nnop\nhere: m\n").symbols["here"] == 4
