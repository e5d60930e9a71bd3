"""Claims that hold for every packet: none brings the session down, none is answered wrongly."""

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trapline.server.rsp.dispatch import answer
from trapline.server.rsp.errors import PacketError
from trapline.server.rsp.loop import reply_to
from trapline.server.rsp.packets import KINDS, name_of
from trapline.server.rsp.session import Session

from .fake_target import FullToyTarget, ToyTarget
from .toy_arch import ARM, POWER

NAMES = sorted(KINDS)
HEXISH = st.text("0123456789abcdefp-.,:;=xX+", max_size=40).map(str.encode)


class ImpatientWire:
    """A wire whose client presses Ctrl-C all the time, so that nothing runs for long."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def send(self, payload: bytes) -> None:
        self.sent.append(payload)

    def notify(self, text: bytes) -> None:
        self.sent.append(text)

    def acknowledge(self) -> None:
        pass

    def watching(self, stop: Callable[[], None]) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()

    def interrupt_requested(self) -> bool:
        return True

    def disable_acknowledgements(self) -> None:
        pass


def session_of(target: ToyTarget) -> Session:
    return Session(target, ImpatientWire(), 0x1000)


@pytest.mark.parametrize("name", NAMES)
@given(rest=st.one_of(st.binary(max_size=60), HEXISH))
@settings(max_examples=40)
def test_a_parser_accepts_or_raises_packet_error(name: bytes, rest: bytes) -> None:
    """Each parser makes a packet of its input or raises PacketError; nothing else."""
    with contextlib.suppress(PacketError):
        KINDS[name].parse(rest)


@given(st.lists(st.tuples(st.sampled_from(NAMES), HEXISH), max_size=12), st.sampled_from([POWER, ARM]))
@settings(max_examples=150)
def test_no_sequence_of_packets_is_a_defect(packets: list[tuple[bytes, bytes]], arch: object) -> None:
    """Whatever comes in whatever order, replies fit into a packet and none is an internal error."""
    assert arch in (POWER, ARM)
    session = session_of(FullToyTarget(POWER if arch is POWER else ARM, partitions=2))
    for name, rest in packets:
        reply = reply_to(session, name + rest)
        assert reply is None or (b"internal error" not in reply and len(reply) <= 0x1000)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"qHostInfo",
        b"qProcessInfo",
        b"jThreadsInfo",
        b"QThreadSuffixSupported",
        b"vMustReplyEmpty",
        b"QListThreadsInStopReply",
        b"qSymbol::",
        b"qTStatus",
        b"qOffsets",
        b"\xff\xfe",
        b"_M1",
        b"qVAttachOrWaitSupported",
        b"QProgramSignals:1",
        b"qRegisterInfo0",
        b"qMemoryRegionInfo:0",
        b"b",
        b"~",
    ],
)
def test_an_unknown_packet_gets_an_empty_reply(payload: bytes) -> None:
    """Empty is right, silence is not: also for what LLDB sends without being asked."""
    assert answer(session_of(FullToyTarget(POWER)), payload) == b""


@pytest.mark.parametrize(
    "payload",
    [
        b"bs",
        b"bc",
        b"qRcmd,68",
        b"Z0,1000,4",
        b"z0,1000,4",
        b"Z2,8000,4",
        b"vRun;",
        b"R00",
        b"vFile:open:2f,0,0",
        b"qXfer:exec-file:read:1:0,10",
        b"qXfer:memory-map:read::0,10",
    ],
)
def test_a_target_without_the_ability_does_not_know_the_packet(payload: bytes) -> None:
    """A stray ``bs`` on a target that has no history is as unknown as any other packet."""
    target = ToyTarget(POWER)
    before = dict(target.cpus)
    assert answer(session_of(target), payload) == b""
    assert target.cpus == before


@pytest.mark.parametrize(
    ("payload", "name"),
    [
        (b"vCont;c", b"vCont"),
        (b"vCont?", b"vCont?"),
        (b"qC", b"qC"),
        (b"qCRC:0,4", b"qCRC"),
        (b"qXfer:features:read::0,1", b"qXfer"),
        (b"bs", b"bs"),
        (b"m0,4", b"m"),
        (b"?", b"?"),
        (b"", b""),
    ],
)
def test_a_packet_is_known_by_its_whole_name(payload: bytes, name: bytes) -> None:
    """qC is not the beginning of qCRC, nor vCont of vCont?."""
    assert name_of(payload) == name


def test_a_defect_of_the_target_is_told_and_survived(caplog: pytest.LogCaptureFixture) -> None:
    """The client gets an error, the log the traceback, and the session goes on."""
    target = FullToyTarget(POWER)
    session = session_of(target)
    target.defect = True
    assert answer(session, b"m1000,4") == b"E05"
    assert "a defect in the toy" in caplog.text
    target.defect = False
    assert answer(session, b"m1000,4") == b"38630001"
