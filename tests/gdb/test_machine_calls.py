"""Claims about calling a guest's functions from gdb, returning from them early and finishing them, on real machines."""

import re

import pytest

from ..rsp.serving import serving
from .compiled import compiled_target, line_of
from .conftest import RunGdb
from .machines import ARM_VIRT, EVERY, Board, serve, target

pytestmark = pytest.mark.gdb

CALLS = {
    "add(3,4)": "7",
    "multiply(1234567890123ll, -10)": "-12345678901230",
    "scale(2.0, 4.0)": "8.5",
    "half(3.0f)": "1.5",
    "swap(5, 6)": "{first = 6, second = 5}",
    "mirror(1.5, -2)": "{x = -1.5, y = 2}",
    "fill(7)": "{values = {7, 8, 9, 10, 11, 12, 13, 14}}",
    "sum(&made)": "44",
}
"""Expressions with what C makes of them: results in one register, in two, in floating-point ones, in memory."""

MOVING = frozenset({"tb", "dec", "hdec", "purr", "spurr", "cfar"}) | {
    f"cnt{name}" for name in ("pct", "vct", "p_tval", "v_tval", "hp_tval")
}
"""Registers that say when it is, or where the core came from."""
OF_HYP = frozenset({"elr_hyp", "spsr_hyp", "hsr", "hdfar", "hifar", "hpfar"})
"""What each trap of a guest under KVM/Arm leaves in Hyp mode, where the guest cannot see it."""

STOPPED = ("break count", "continue", "delete")


@EVERY
def test_a_function_is_called_and_gives_its_result(run_gdb: RunGdb, board: Board) -> None:
    """Of any type that a person's program has; `call` of a void function says nothing."""
    with serving(compiled_target(board)) as server:
        output = run_gdb(server, *STOPPED, *(f"print {call}" for call in CALLS), "call (void)add(1,2)")
    assert output.errors == []
    assert re.findall(r"^\$\d+ = (.*)$", output.text, re.MULTILINE) == list(CALLS.values())


@EVERY
def test_a_call_leaves_all_registers_as_they_were(run_gdb: RunGdb, board: Board) -> None:
    """Those that gdb knows, all of them; of the others those that neither a clock nor the guest's traps move on."""
    show = "info all-registers"
    with serving(compiled_target(board)) as server:
        output = run_gdb(
            server, *STOPPED, show, "echo ----\\n", "print scale(2.0, 4.0)", "print fill(3)", "echo ----\\n", show
        )
    assert output.errors == []
    shown = output.text.split("----\n")
    before, after = _registers(shown[0]), _registers(shown[2])
    assert len(after) > 100
    moving = MOVING | OF_HYP if board.name == "arm-kvm" else MOVING
    assert {name for name in after if before[name] != after[name]} <= moving


def _registers(text: str) -> dict[str, str]:
    found = re.findall(r"^(\w+) +(\S.*)$", text, re.MULTILINE)
    return dict(found)


@EVERY
def test_return_comes_back_early_with_a_value(run_gdb: RunGdb, board: Board) -> None:
    """`return` pops the frame; the caller goes on with the value that was given."""
    with serving(compiled_target(board)) as server:
        output = run_gdb(
            server,
            f"break {line_of('int add(')}",
            "continue",
            "delete",
            "return (int)1000",
            "next",
            "print total",
        )
    assert output.errors == []
    assert "$1 = 1000" in output.text


@EVERY
@pytest.mark.parametrize(
    ("function", "value"),
    [("add", "1"), ("scale", "8.5"), ("swap", "{first = 2, second = 1}")],
)
def test_finish_shows_the_value(run_gdb: RunGdb, board: Board, function: str, value: str) -> None:
    """An int, a double and a struct, each by the rules of the architecture's calling convention.

    Power's first ABI returns every struct in memory of the caller's, and gdb knows no more where that was.
    """
    options = ("-O0", "-mabi=elfv2") if board.is_power and function == "swap" else ("-O0",)
    with serving(compiled_target(board, options=options)) as server:
        output = run_gdb(server, f"break {function}", "continue", "delete", "finish")
    assert output.errors == []
    assert f"Value returned is $1 = {value}" in output.text


@EVERY
def test_only_what_gdb_knows_and_may_write_is_saved_around_a_call(board: Board) -> None:
    """Everything of our own features, and everything that is read-only, says save-restore="no"."""
    described = target(board).describe()
    for feature in described.features:
        for register in feature.registers:
            assert not (register.save_restore and feature.name.startswith("org.trapline.")), register.name
    kept = {register.name for feature in described.features for register in feature.registers if register.save_restore}
    assert {"pc", "r0", "r1"} <= kept
    assert not {"pvr", "fpsid", "mvfr0"} & kept


def test_the_assembled_guest_is_called_too(run_gdb: RunGdb) -> None:
    """A function without debug information needs its type said, as everywhere with gdb."""
    with serve(ARM_VIRT) as server:
        output = run_gdb(server, "break store", "continue", "delete", "print ((int (*)(int))inner)(2)")
    assert output.errors == []
    assert "$1 = 2" in output.text
