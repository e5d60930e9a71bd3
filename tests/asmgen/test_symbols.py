"""Claims about labels, assigned symbols and what several files share."""

from __future__ import annotations

from trapline.asmgen import Layout

from .fake_architecture import contents, errors, program


def test_numeric_labels_are_found_in_both_directions() -> None:
    """1b is the last 1: above, 1f the next below, even between two definitions of the same number."""
    assert contents("s: 1: .byte 1b-s, 1f-s\n1: .byte 1b-s, 1f-s\n1:") == bytes([0, 2, 2, 4])


def test_a_local_symbol_belongs_to_its_file() -> None:
    """Two files may use one name; a global name reaches across."""
    image = program(".data\n.globl a\na: .long x\nx:", ".data\nx: .long a, x", layout=Layout(base=0x100))
    assert [s.data.hex() for s in image.sections if s.size] == ["000001040000010000000104"]


def test_a_global_symbol_defined_twice_names_both_places() -> None:
    """The error stands at the second definition and names the first."""
    (error,) = errors(".globl a\na: nop", ".globl a\n  a: nop")
    assert error.message == "global symbol 'a' is already defined at test.s:2:1"
    assert str(error.place) == "file1.s:2:3"


def test_a_label_defined_twice_is_one_error() -> None:
    """The second definition is the culprit; what uses the name says nothing more."""
    (error,) = errors("a: nop\n b: a: nop\n jump a")
    assert error.message == "label 'a' is already defined at test.s:1:1"
    assert str(error.place) == "test.s:2:5"


def test_an_undefined_symbol_is_reported_once() -> None:
    """The first use is shown, with a name that is close."""
    (error,) = errors("count: .long cuont, cuont\n.long cuont+1")
    assert error.message == "nothing defines 'cuont'"
    assert error.hint == "did you mean 'count'?"
    assert str(error.place) == "test.s:1:14"


def test_weak_symbols_give_way_and_may_be_missing() -> None:
    """A weak symbol that nothing defines is 0; a global one takes a weak one's place."""
    assert program(".weak w\n.data\n.long w").segments[0][1] == bytes(4)
    image = program(".weak f\n.data\nf: .byte 1", ".data\n.globl f\nf: .byte 2\n.byte f - 1", layout=Layout(base=1))
    assert image.symbols["f"] == 2


def test_set_takes_the_value_at_its_line() -> None:
    """A symbol that .set changes has at each use the value that it had there."""
    assert contents(".set x, 1\n.byte x\n.set x, x+1\n.byte x\nx = x*5\n.byte x") == bytes([1, 2, 10])


def test_equiv_refuses_a_second_value() -> None:
    """.equiv is .set for a name that has no value yet."""
    (error,) = errors(".equiv x, 1\n.equiv x, 2")
    assert "already defined at test.s:1:8" in error.message


def test_a_symbol_defined_by_itself_is_an_error() -> None:
    """A circle of .set ends with one message, whatever uses its symbols."""
    (found,) = errors(".set a, b + 1\n.set b, a + 1\n.data\n.long a, b, c\n.set c, a")
    assert found.message == "'a' is defined by itself"
    assert found.hint == "'a' needs 'b' (test.s:2:6), which needs 'a'"


def test_two_loops_are_two_errors_and_one_of_a_hundred_is_one() -> None:
    """A loop is found where it is longer than definitions may be deep, and where another leads to it."""
    long = "".join(f"x{n} = x{(n + 1) % 100}\n" for n in range(100))
    found = errors(f"out = x5\n{long}alone = alone + 1\n.data\n.long out, alone")
    assert [one.message for one in found] == ["'x5' is defined by itself", "'alone' is defined by itself"]
    assert found[1].hint == "give it a value that does not need its own"


def test_what_a_variable_was_before_is_no_loop() -> None:
    """Each value is made of the one before it; the last name is used before all of them."""
    assert contents("end = x\nx = 1\nx = x + 1\ny = x\nx = y + x\n.byte end, y") == bytes([4, 2])


def test_set_keeps_the_place_that_the_dot_had() -> None:
    """`.set end, .` is a label, also when code before it grows."""
    image = program("jump far\n.set end, .\n.skip 300\nfar: ret")
    assert image.symbols["end"] == 4
