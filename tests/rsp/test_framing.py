"""Claims about bytes on the wire: framing, checksums, escapes, damage."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trapline.server.rsp.framing import (
    Damage,
    Damaged,
    Deframer,
    Sign,
    checksum,
    escape,
    frame,
    unescape,
)

LIMIT = 1000


@given(st.binary(max_size=3000))
def test_the_checksum_is_the_sum_of_all_bytes_modulo_256(payload: bytes) -> None:
    """`checksum` is fast by a detour through Adler-32, and still the sum that the protocol asks for."""
    assert checksum(payload) == sum(payload) % 256


@pytest.mark.parametrize("byte", [0x00, 0x7F, 0x80, 0xFF])
def test_the_checksum_does_not_overflow_its_detour(byte: int) -> None:
    """The largest bytes in the longest pieces do not reach the modulus of Adler-32."""
    assert checksum(bytes((byte,)) * 70_000) == byte * 70_000 % 256


@given(st.binary(max_size=500))
def test_escaped_data_comes_back_and_has_no_byte_with_a_meaning(data: bytes) -> None:
    """No ``#``, ``$`` or ``*`` is left in an escaped payload, and unescaping gives the data back."""
    escaped = escape(data)
    assert unescape(escaped) == data
    assert not set(escaped) & set(b"#$*")


@given(st.binary(max_size=200))
def test_a_client_may_escape_every_byte(data: bytes) -> None:
    """Escaping more than must be, even ``]`` (which becomes ``}}``), is understood."""
    assert unescape(b"".join(b"}" + bytes((byte ^ 0x20,)) for byte in data)) == data


def test_data_that_end_in_the_middle_of_an_escape_are_refused() -> None:
    """A last ``}`` without the byte after it is no data."""
    assert unescape(b"abc}") is None
    assert unescape(b"}}}") is None


@given(st.lists(st.binary(max_size=80).map(escape), max_size=8), st.data())
def test_packets_come_out_whole_however_they_are_cut(payloads: list[bytes], data: st.DataObject) -> None:
    """The pieces in which the network delivers packets make no difference."""
    stream = b"+".join(frame(payload) for payload in payloads)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    deframer = Deframer(LIMIT)
    items = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        items += deframer.feed(stream[start:end])
    assert items == payloads


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_random_bytes_never_raise_and_never_pile_up(pieces: list[bytes]) -> None:
    """Whatever a client sends, the deframer keeps less than a packet and a good packet gets through."""
    deframer = Deframer(100)
    for piece in pieces:
        deframer.feed(piece)
        assert len(deframer._pending) <= 100 + 300 + 3
    deframer.feed(b"#00")
    assert deframer.feed(frame(b"qC"))[-1:] == [b"qC"]


def test_a_wrong_checksum_is_reported() -> None:
    """The packet is not delivered; the report says both sums."""
    (item,) = Deframer(LIMIT).feed(b"$g#00")
    assert isinstance(item, Damaged)
    assert item.damage is Damage.CHECKSUM
    assert "00" in item.detail
    assert "67" in item.detail


@pytest.mark.parametrize("piece", [1, 7, 5000])
def test_an_overlong_packet_is_reported_once_and_not_kept(piece: int) -> None:
    """Its bytes are counted, not stored, and the packet after it is understood."""
    deframer = Deframer(LIMIT)
    stream = b"$" + b"a" * 5000 + b"#00" + frame(b"g")
    items = []
    for start in range(0, len(stream), piece):
        items += deframer.feed(stream[start : start + piece])
        assert len(deframer._pending) <= LIMIT + piece + 3
    assert items == [Damaged(Damage.TOO_LONG, "5000 bytes, at most 1000"), b"g"]


def test_a_packet_that_was_cut_off_does_not_swallow_the_next() -> None:
    """A ``$`` inside a packet begins a new one."""
    assert Deframer(LIMIT).feed(b"$m1000," + frame(b"g")) == [b"g"]


def test_signs_between_packets_are_found_in_order() -> None:
    """Ctrl-C and a request for retransmission are told from line noise."""
    items = Deframer(LIMIT).feed(b"+x-" + frame(b"c") + b"\x03")
    assert items == [Sign.RETRANSMIT, b"c", Sign.INTERRUPT]
