"""Looking at a client's socket for a moment before sleeping costs a slow client next to nothing."""

from __future__ import annotations

import select
import socket

import pytest

from trapline.server.rsp import eager


class CountedPoll:
    """Looks that found nothing, then `comes`."""

    def __init__(self) -> None:
        self.looks = 0
        self.comes_after: int | None = None

    def register(self, fd: int, signs: int) -> None:
        pass

    def poll(self, timeout: int) -> list[tuple[int, int]]:
        assert timeout == 0, "a look never waits"
        self.looks += 1
        return [(0, select.POLLIN)] if self.comes_after is not None and self.looks > self.comes_after else []


@pytest.fixture
def poll(monkeypatch: pytest.MonkeyPatch) -> CountedPoll:
    counted = CountedPoll()
    monkeypatch.setattr("trapline.server.rsp.eager.select.poll", lambda: counted)
    # A clock that goes on by ten microseconds a look.
    monkeypatch.setattr("trapline.server.rsp.eager.time.perf_counter", lambda: counted.looks * 1e-5)
    return counted


def test_what_comes_soon_is_seen_at_once(poll: CountedPoll) -> None:
    """And the next one is looked for as well."""
    ours, _ = socket.socketpair()
    watching = eager.Eager(ours)
    poll.comes_after = 3
    watching.look()
    assert poll.looks == 4
    watching.look()
    assert poll.looks == 5


def test_a_client_that_takes_its_time_is_waited_for_asleep(poll: CountedPoll) -> None:
    """One moment of looking in 33 packets."""
    ours, _ = socket.socketpair()
    watching = eager.Eager(ours)
    watching.look()
    once = poll.looks
    assert once <= 8
    for _ in range(32):
        watching.look()
    assert poll.looks == once
    watching.look()
    assert poll.looks > once
