"""Claims about recording a session and playing it again."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trapline.server.rsp.client import RspClient
from trapline.server.rsp.transcript import (
    Event,
    Recorder,
    TranscriptError,
    decode,
    encode,
    load,
    playback,
)

from .fake_target import FullToyTarget
from .serving import serving
from .toy_arch import POWER


@given(st.binary(max_size=100))
def test_an_event_survives_being_written(payload: bytes) -> None:
    """Every byte, as one line of printable text."""
    line = encode(Event("client", payload))
    assert line.isascii()
    assert line.isprintable()
    assert decode(line, "here") == Event("client", payload)


def test_a_session_played_again_gives_the_same_replies(tmp_path: Path) -> None:
    """Packets, stops and Ctrl-C of one session, against a fresh target."""
    path = tmp_path / "session.jsonl"
    with (
        Recorder(path) as recorder,
        serving(FullToyTarget(POWER), recorder=recorder) as server,
        RspClient(server.address) as client,
    ):
        client.handshake()
        for payload in (b"?", b"g", b"Z0,1010,4", b"vCont;c", b"z0,1010,4", b"x1000,10", b"m0,4"):
            client.ask(payload)
        client.send(b"vCont;c")
        client.interrupt()
        client.receive()

    events = load(path)
    assert next(event.payload for event in events[:3]).startswith(b"qSupported")
    assert Event("interrupt") in events
    before_the_interrupt = events[: events.index(Event("interrupt"))]
    with serving(FullToyTarget(POWER)) as server, RspClient(server.address) as client:
        compared = [(recorded.payload, reply) for recorded, reply in playback(before_the_interrupt[:-1], client)]
    assert len(compared) == 9
    assert all(recorded == reply for recorded, reply in compared)


@pytest.mark.parametrize("line", ["", "{}", "[]", '{"from": "me", "packet": ""}', '{"from": "client", "packet": 3}'])
def test_a_line_that_is_no_event_is_refused_with_its_place(line: str) -> None:
    """File and line."""
    with pytest.raises(TranscriptError, match="session:7"):
        decode(line, "session:7")
