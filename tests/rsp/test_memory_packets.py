"""Claims about m, M, x, X, qSearch:memory and qCRC."""

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trapline.server.rsp.dispatch import answer
from trapline.server.rsp.framing import escape, unescape

from .fake_target import RAM, ROM, FullToyTarget
from .serving import talking_to
from .test_any_packet import session_of
from .toy_arch import POWER


@pytest.mark.parametrize("length", [1, 4, 0x4000, 0x8000])
def test_memory_is_read_as_it_was_written(length: int) -> None:
    """X then m and x, from one byte to 32 KiB in one packet."""
    data = os.urandom(length)
    with talking_to(FullToyTarget(POWER)) as client:
        assert client.write_memory(0x9000, data) == b"OK"
        assert client.ask(b"m9000,%x" % length) == data.hex().encode()
        reply = client.ask(b"x9000,%x" % length)
        assert reply[:1] == b"b"
        assert unescape(reply[1:]) == data


@given(st.binary(min_size=1, max_size=300))
@settings(max_examples=60)
def test_binary_writes_carry_every_byte(data: bytes) -> None:
    """Also ``#``, ``$``, ``}`` and ``*``, which must be escaped."""
    session = session_of(FullToyTarget(POWER))
    assert answer(session, b"X9000,%x:" % len(data) + escape(data)) == b"OK"
    assert answer(session, b"m9000,%x" % len(data)) == data.hex().encode()


def test_hexadecimal_writes_work_too() -> None:
    """M is what clients without binary use."""
    with talking_to(FullToyTarget(POWER)) as client:
        assert client.ask(b"M9000,4:01020304") == b"OK"
        assert client.ask(b"m9000,4") == b"01020304"


@pytest.mark.parametrize("address", [0, RAM.start - 1, RAM.stop, 1 << 63, (1 << 64) - 1])
def test_unmapped_memory_is_neither_read_as_zero_nor_written_with_ok(address: int) -> None:
    """m and x answer E0e (EFAULT), M and X say which address is unmapped."""
    with talking_to(FullToyTarget(POWER)) as client:
        assert client.ask(b"m%x,1" % address) == b"E0e"
        assert client.ask(b"x%x,1" % address) == b"E0e"
        for packet in (b"M%x,1:00", b"X%x,1:a"):
            reply = client.ask(packet % address)
            assert reply.startswith(b"E.cannot access memory at")
            assert b"unmapped" in reply


def test_a_read_that_runs_off_the_end_gives_what_there_is() -> None:
    """The protocol lets a read be short, and GDB asks for the rest and learns of the fault."""
    with talking_to(FullToyTarget(POWER)) as client:
        assert client.ask(b"m%x,100" % (RAM.stop - 4)) == b"0" * 8


def test_a_write_that_runs_off_the_end_writes_nothing() -> None:
    """All or nothing: the bytes before the end are as they were."""
    with talking_to(FullToyTarget(POWER)) as client:
        assert client.ask(b"M%x,8:ffffffffffffffff" % (RAM.stop - 4)).startswith(b"E.")
        assert client.ask(b"m%x,4" % (RAM.stop - 4)) == b"00000000"


def test_rom_refuses_writes_with_the_reason() -> None:
    """The text of the fault gets to the user."""
    with talking_to(FullToyTarget(POWER)) as client:
        assert b"read-only ROM" in client.ask(b"X%x,1:a" % ROM.start)


def test_an_empty_binary_write_is_a_question_and_touches_nothing() -> None:
    """GDB asks ``X0,0:`` to learn whether X is known; address 0 may well be unmapped."""
    with talking_to(FullToyTarget(POWER)) as client:
        assert client.ask(b"X0,0:") == b"OK"


def test_a_read_longer_than_a_packet_is_cut_to_fit() -> None:
    """The reply stays within PacketSize even when every byte takes two characters."""
    with talking_to(FullToyTarget(POWER), packet_size=0x400) as client:
        assert len(client.ask(b"m1000,ffffffff")) <= 0x400
        assert len(client.ask(b"x1000,ffffffff")) <= 0x400


@pytest.mark.parametrize(
    "payload",
    [
        b"m",
        b"m1000",
        b"mzz,4",
        b"m1000,",
        b"m-1,4",
        b"m10000000000000000,4",
        b"m1000,0",
        b"m1000,4,4",
        b"M1000,4",
        b"M1000,4:00",
        b"M1000,1:0",
        b"M1000,1:zz",
        b"X1000,4:abc",
        b"X1000,1:}",
        b"X:",
        b"Xfffffffffffffffe,4:abcd",
        b"qSearch:memory:0",
        b"qSearch:disk:1;2;3",
        b"qCRC:1000",
    ],
)
def test_a_bad_memory_packet_is_refused_and_survived(payload: bytes) -> None:
    """Truncated, not hexadecimal, wrapping around: an E reply, and memory is still there."""
    with talking_to(FullToyTarget(POWER)) as client:
        assert client.ask(payload)[:1] == b"E"
        assert client.ask(b"m1000,4") == b"38630001"


@pytest.mark.parametrize("place", [0x9000, 0x9000 + 65536 - 2, 0x9000 + 65536, 0x9000 + 3 * 65536 + 17])
def test_a_search_finds_the_first_match_wherever_it_lies(place: int) -> None:
    """Also across the borders of the pieces in which memory is read."""
    target = FullToyTarget(POWER)
    target.ram[place - RAM.start : place - RAM.start + 4] = b"#$}*"
    with talking_to(target) as client:
        assert client.ask(b"qSearch:memory:9000;80000;" + escape(b"#$}*")) == b"1,%x" % place


def test_a_search_keeps_within_its_range() -> None:
    """A match that reaches beyond the end does not count."""
    target = FullToyTarget(POWER)
    target.ram[0x9000 - RAM.start : 0x9004 - RAM.start] = b"abcd"
    with talking_to(target) as client:
        assert client.ask(b"qSearch:memory:8000;1003;abcd") == b"0"
        assert client.ask(b"qSearch:memory:8000;1004;abcd") == b"1,9000"


def test_a_search_in_unmapped_memory_is_an_error() -> None:
    """Not "not found"."""
    with talking_to(FullToyTarget(POWER)) as client:
        assert client.ask(b"qSearch:memory:0;10;abcd").startswith(b"E.")


def _slow_crc(data: bytes) -> int:
    """The definition: polynomial 0x04c11db7, bit by bit."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = ((crc << 1) & 0xFFFFFFFF) ^ (0x04C11DB7 if crc >> 31 else 0)
    return crc


@given(st.binary(min_size=1, max_size=100))
@settings(max_examples=50)
def test_the_crc_is_gdbs(data: bytes) -> None:
    """Most significant bit first and not inverted, unlike zlib's."""
    session = session_of(FullToyTarget(POWER))
    answer(session, b"X9000,%x:" % len(data) + escape(data))
    assert answer(session, b"qCRC:9000,%x" % len(data)) == b"C%x" % _slow_crc(data)
