"""Claims about expressions.  The expected values are what GNU as 2.40 puts into the file."""

from __future__ import annotations

import pytest

from .fake_architecture import contents, errors


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1+2*3", 7),
        ("1+2|4", 7),
        ("7==7", -1),
        ("3<4", -1),
        ("2 && 3", 1),
        ("1<<4-1", 15),
        ("-7/2", -3),
        ("-7%2", -1),
        ("~0 >> 60", 15),
        ("5-2-1", 2),
        ("!5", 0),
        ("0 || 5", 1),
        ("3 > 2 + 5", 0),
        ("1 == 1 == 1", 0),
        ("6 & 3 + 1", 3),
        ("2 * 3 ^ 1", 7),
        ("'A", 65),
        ("'\\n'", 10),
        ("0b101 + 0x_ff + 010", 268),
        ("-(3 - 5)", 2),
        ("0x12348765@ha", 0x1235),
        ("0x12348765@h", 0x1234),
        ("0x12348765@l", 0x8765 - 0),
        (":upper16:0x12348765", 0x1234),
    ],
)
def test_values_are_those_of_gnu_as(text: str, value: int) -> None:
    """Each expression, put with .long, gives the bytes that GNU as gives."""
    assert contents(f".long {text}") == (value & 0xFFFFFFFF).to_bytes(4, "big")


def test_highest_parts_of_a_64_bit_address() -> None:
    """The five instructions that load an address take these parts of it."""
    value = 0x8123_9876_5432_9ABC
    parts = contents(".set x, 0x8123987654329abc\n.2byte x@highest, x@higher, x@highesta, x@highera, x@ha, x@l")
    expected = [value >> 48, value >> 32, value + 0x8000 >> 48, value + 0x8000 >> 32, value + 0x8000 >> 16, value]
    assert [parts[i : i + 2] for i in range(0, 12, 2)] == [(e & 0xFFFF).to_bytes(2, "big") for e in expected]


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        ("1 +", "expected a value, found nothing", 10),
        ("(1 + 2", "expected ')' to close this parenthesis", 7),
        ("1 2", "'2' does not belong to this expression", 9),
        ("4 / 0", "division by zero", 7),
        ("1 << 5000", "cannot shift by 5000", 7),
        ("089", "'089' is not an octal number", 7),
        ("x@hi", "'hi' is not a part of a value", 9),
        ("3f + 1", "there is no label 3: below this line", 7),
        ("3b", "there is no label 3: above this line", 7),
        ("(" * 200 + "1" + ")" * 200, "the expression nests deeper than 100", None),
    ],
)
def test_a_bad_expression_gets_one_error_where_it_stands(text: str, message: str, column: int | None) -> None:
    """The column of the error is that of the culprit."""
    (error,) = errors(f".text\n.long {text}\n")
    assert error.message == message
    assert error.place is not None
    assert error.place.line == 2
    if column is not None:
        assert error.place.column == column


def test_a_number_too_large_for_its_place_names_the_range() -> None:
    """.byte takes what one byte can hold, with or without a sign."""
    assert contents(".byte 255, -128") == b"\xff\x80"
    (error,) = errors(".byte 256")
    assert (error.message, error.hint) == ("256 does not fit 1 byte", "the range is -128..255")


def test_huge_values_are_refused_quickly() -> None:
    """A short text cannot make a number of a million bits."""
    text = "1" + "<<250" * 2 + "*" + "*".join(["0xffffffffffffffff"] * 40)
    (error,) = errors(f".quad {text}")
    assert "bits" in error.message


def test_the_dot_is_the_address_of_each_value() -> None:
    """In a list, `.` moves on with the values, as in GNU as."""
    assert contents("start: .byte . - start, . - start\n.byte . - start") == b"\0\1\2"
