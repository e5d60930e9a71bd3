"""Claims about agent expressions."""

import contextlib
import operator
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trapline.server.rsp.agent import AgentError, Surroundings, command, condition

WORDS = st.integers(0, (1 << 64) - 1)


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value


def _const(value: int) -> bytes:
    return b"\x25" + value.to_bytes(8, "big")


def _memory(address: int, size: int) -> int:
    return int.from_bytes(bytes((address + i) % 251 for i in range(size)), "big")


def evaluate(code: bytes, told: Callable[[str], None] = lambda text: None) -> bool:
    """With register n holding n * 16 and the byte at address a holding a % 251."""
    around = Surroundings(lambda number: lambda: number * 16, _memory, lambda address, most: "text"[:most], told)
    return condition(code).bind(around)() != 0


def equals(code: bytes, expected: int) -> bool:
    """Whether `code` leaves `expected` on the stack."""
    return evaluate(code + _const(expected & ((1 << 64) - 1)) + b"\x13\x27")


@pytest.mark.parametrize(
    ("opcode", "operation"),
    [
        (0x02, operator.add),
        (0x03, operator.sub),
        (0x04, operator.mul),
        (0x0F, operator.and_),
        (0x10, operator.or_),
        (0x11, operator.xor),
        (0x13, lambda a, b: int(a == b)),
        (0x14, lambda a, b: int(_signed(a) < _signed(b))),
        (0x15, lambda a, b: int(a < b)),
    ],
)
@given(a=WORDS, b=WORDS)
@settings(max_examples=25)
def test_binary_operators_work_on_64_bits(opcode: int, operation: Callable[[int, int], int], a: int, b: int) -> None:
    """The deeper entry is the left operand, and results wrap."""
    assert equals(_const(a) + _const(b) + bytes((opcode,)), operation(a, b))


@pytest.mark.parametrize(
    ("a", "b", "opcode", "expected"),
    [
        (-7, 2, 0x05, -3),
        (-7, 2, 0x07, -1),
        (7, 2, 0x06, 3),
        (7, 2, 0x08, 1),
        (1, 63, 0x09, 1 << 63),
        (1, 64, 0x09, 0),
        (-8, 1, 0x0A, -4),
        (-8, 1, 0x0B, (1 << 63) - 4),
        (1, 1 << 60, 0x09, 0),
    ],
)
def test_division_rounds_to_zero_and_shifts_are_bounded(a: int, b: int, opcode: int, expected: int) -> None:
    """As in C; a shift by more than the width is no way to use up memory."""
    mask = (1 << 64) - 1
    assert equals(_const(a & mask) + _const(b) + bytes((opcode,)), expected)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("260003", 48),
        ("220a17", 10),
        ("220a18", 0x0A0B),
        ("220a19", 0x0A0B0C0D),
        ("2304d2", 1234),
        ("22ff1608", -1),
        ("23ffff2a08", 0xFF),
        ("22000e", 1),
        ("220012", -1),
        ("2201222803", 1 - 40),
        ("2201222b032b", None),
        ("22072802", 14),
        ("220122022903", None),
        ("2205220622073202", 5),
        ("22012202220333", 2),
        ("2101052299220a", None),
        ("2205220a0c2207", 7),
        ("220a0d04", 10),
        ("220a300004", 10),
        ("2205220a0f", 0),
        ("22092d0003292c0003", 9),
        ("2c0007", 0),
        ("2207220a2f2207", 7),
        ("22072e0001", 7),
        ("22031e22041e01021f", 7),
        ("22031e22041e0114", 1),
        ("22071e22021e01051f", 3),
        ("22ff16081e1f", -1),
    ],
)
def test_each_kind_of_instruction_does_what_the_manual_says(code: str, expected: int | None) -> None:
    """Registers, references, constants, extensions, and the stack; None: the stack runs empty."""
    if expected is None:
        with pytest.raises(AgentError):
            equals(bytes.fromhex(code), 0)
    else:
        assert equals(bytes.fromhex(code), expected)


def _printed(text: bytes, *values: int) -> str:
    """What the opcode printf shows."""
    code = b"".join(map(_const, reversed(values))) + b"\x22\x00\x22\x00\x34" + bytes((len(values),))
    told: list[str] = []
    around = Surroundings(lambda number: lambda: 0, _memory, lambda address, most: "text"[:most], told.append)
    command(code + (len(text) + 1).to_bytes(2, "big") + text + b"\0\x27").bind(around)()
    return "".join(told)


@pytest.mark.parametrize(
    ("text", "values", "shown"),
    [
        (rb"\ta %d\n", (-7 & (1 << 64) - 1,), "\ta -7\n"),
        (rb"%u %x %#x %o", (1 << 32, 255, 255, 8), "0 ff 0xff 10"),
        (rb"%ld|%5lu|%-5ld|%05lx", (-1 & (1 << 64) - 1, 7, 7, 255), "-1|    7|7    |000ff"),
        (rb"%s %.2s %c%% %p", (0, 0, 65, 16), "text te A% 0x10"),
        (rb"%g", (0x3FF8000000000000,), "1.5"),
        (rb"\101\x42\\", (), "AB\\"),
        (rb"%hhd %hu", (255, 65537), "-1 1"),
    ],
)
def test_printf_prints_as_c_does(text: bytes, values: tuple[int, ...], shown: str) -> None:
    """The value on top of the stack is the first one; a long has 64 bits here."""
    assert _printed(text, *values) == shown


@pytest.mark.parametrize(("text", "values"), [(b"%d", ()), (b"", (1,)), (b"%y", (1,)), (b"%n", (1,)), (b"%d%", (1,))])
def test_a_format_that_does_not_fit_is_refused(text: bytes, values: tuple[int, ...]) -> None:
    """Before anything is printed."""
    with pytest.raises(AgentError):
        _printed(text, *values)


def test_jumps_choose_a_branch() -> None:
    """``if_goto`` takes its target when the top is not zero."""
    for value, expected in ((0, 0x11), (1, 0x22)):
        # const8 value; if_goto 10; const8 0x11; goto 12; pad; 10: const8 0x22; 12: …
        code = bytes((0x22, value, 0x20, 0, 10, 0x22, 0x11, 0x21, 0, 12, 0x22, 0x22))
        assert equals(code, expected)


@pytest.mark.parametrize("code", ["", "22", "23ff", "01", "0c27", "34", "ff", "220127220b2d"])
def test_check_refuses_what_could_not_be_evaluated(code: str) -> None:
    """Unknown opcodes, tracing, and instructions that are cut off."""
    with pytest.raises(AgentError):
        condition(bytes.fromhex(code))


@pytest.mark.parametrize("code", ["210000", "27", "2201", "2201220005 27", "28 27", "21000a", "220028210002"])
def test_a_condition_that_goes_wrong_ends_with_an_error(code: str) -> None:
    """Endless loops, empty stacks, division by zero, jumps to nowhere, a stack that grows."""
    with pytest.raises(AgentError):
        evaluate(bytes.fromhex(code))


@given(st.binary(max_size=40))
def test_random_bytecode_ends(code: bytes) -> None:
    """With a value or with AgentError."""
    with contextlib.suppress(AgentError):
        evaluate(code)
