"""Claims about g, G, p and P."""

import pytest

from trapline.server.rsp.execution import ThreadId

from .fake_target import FullToyTarget
from .serving import talking_to
from .toy_arch import ARM, HIDDEN, POWER, PVR, ToyArch

FIRST = ThreadId(1, 1)


@pytest.mark.parametrize("arch", [POWER, ARM], ids=lambda arch: arch.name)
def test_g_has_every_register_in_number_order_without_padding(arch: ToyArch) -> None:
    """On Arm cpsr (25) follows pc (15) at once: the numbers between them take no room."""
    target = FullToyTarget(arch)
    target.set(FIRST, arch.counter, 0x1234)
    numbers = sorted(r.number for r in arch.description.general)
    expected = b"".join(target.cpus[FIRST].registers[number] for number in numbers)
    with talking_to(target) as client:
        assert bytes.fromhex(client.ask(b"g").decode()) == expected


@pytest.mark.parametrize("arch", [POWER, ARM], ids=lambda arch: arch.name)
def test_g_ends_after_a_whole_register(arch: ToyArch) -> None:
    """Its length is the sum of the sizes of the registers up to `last_general`."""
    sizes = [r.size for r in arch.description.by_number.values() if r.number < PVR]
    with talking_to(FullToyTarget(arch)) as client:
        assert len(client.ask(b"g")) == 2 * sum(sizes)


def test_a_register_is_written_and_read_back_in_target_order() -> None:
    """P and p carry the bytes as the target keeps them, most significant first on Power."""
    with talking_to(FullToyTarget(POWER)) as client:
        assert client.ask(b"P3=00000000deadbeef") == b"OK"
        assert client.ask(b"p3") == b"00000000deadbeef"


def test_g_shows_a_write_at_once() -> None:
    """The kept reply is thrown away by P, G, M, X, stepping and monitor commands."""
    with talking_to(FullToyTarget(ARM)) as client:
        before = client.ask(b"g")
        assert client.ask(b"P0=01020304") == b"OK"
        after = client.ask(b"g")
        assert after == b"01020304" + before[8:]
        client.ask(b"vCont;s:p1.1")
        assert client.ask(b"g") != after


def test_g_is_read_once_while_nothing_happens() -> None:
    """Reads of memory and registers in between do not make the server ask the target again."""
    target = FullToyTarget(POWER)
    with talking_to(target) as client:
        for payload in (b"g", b"m1000,4", b"g", b"p3", b"g"):
            client.ask(payload)
    assert target.calls.count("read_registers") == 1


def test_G_writes_all_registers() -> None:
    """What G wrote, g reads."""
    with talking_to(FullToyTarget(ARM)) as client:
        values = bytes(range(68)).hex().encode()
        assert client.ask(b"G" + values) == b"OK"
        assert client.ask(b"g") == values


def test_a_read_only_register_refuses_a_write() -> None:
    """No OK for a value that is thrown away: the reply says that the register is read-only."""
    with talking_to(FullToyTarget(POWER)) as client:
        before = client.ask(b"p%x" % PVR)
        assert client.ask(b"P%x=0000000000000001" % PVR) == b"E.toypvr is read-only"
        assert client.ask(b"p%x" % PVR) == before


def test_a_register_without_a_value_is_unavailable_not_an_error() -> None:
    """``x`` for each digit: an error would end ``info registers`` in the middle."""
    with talking_to(FullToyTarget(ARM)) as client:
        assert client.ask(b"p%x" % HIDDEN) == b"xxxxxxxx"


@pytest.mark.parametrize(
    ("payload", "part"),
    [
        (b"p3e7", b"no register number 999"),
        (b"P3e7=00", b"no register number 999"),
        (b"pzz", b"not a hexadecimal number"),
        (b"p", b"not a hexadecimal number"),
        (b"P3", b"number=value"),
        (b"P3=0", b"odd number of digits"),
        (b"P3=0g", b"no hex digit"),
        (b"P3=00", b"8 bytes"),
        (b"G00", b"bytes of registers, got 1"),
        (b"g1", b"takes no arguments"),
    ],
)
def test_a_bad_register_packet_is_refused_with_the_reason(payload: bytes, part: bytes) -> None:
    """Out of range, not hexadecimal, too short: the error names it, and the session goes on."""
    with talking_to(FullToyTarget(POWER)) as client:
        reply = client.ask(payload)
        assert reply.startswith(b"E.")
        assert part in reply
        assert client.ask(b"p3") == b"0" * 16


def test_registers_are_those_of_the_selected_thread() -> None:
    """Hg chooses; the kept ``g`` of one thread is not shown for another."""
    target = FullToyTarget(ARM, vcpus=2)
    target.set(ThreadId(1, 2), 0, 0x55)
    with talking_to(target) as client:
        client.ask(b"Hgp1.1")
        first = client.ask(b"g")
        assert client.ask(b"Hgp1.2") == b"OK"
        assert client.ask(b"g") == b"55000000" + first[8:]
