"""Claims that hold for whatever clients say, in whatever order: all-stop and non-stop, several processes, cut off."""

import gc
import tracemalloc

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from .fake_target import FullToyTarget
from .fuzzing import Client, replay
from .toy_arch import ARM, POWER, STORE


def _limited(target: FullToyTarget) -> None:
    """The toy's history has no bound of its own; and one that has ended begins anew."""
    del target.history[:-50]
    if not target.cpus:
        target.restart_all()


def _fuzz(seed: int, count: int) -> None:
    target = FullToyTarget(POWER if seed % 2 else ARM, partitions=2, vcpus=2)
    target.slice = 6
    sessions, cut = replay(target, seed, count, lambda client, packet: _limited(target))
    assert sessions > count / 1000
    assert cut
    assert not target.breakpoints
    assert not target.watchpoints


@pytest.mark.parametrize("seed", range(4))
def test_five_thousand_packets_are_answered(seed: int) -> None:
    """None is a defect, none is answered with what cannot be sent, and the last session leaves nothing behind."""
    _fuzz(seed, 5000)


@pytest.mark.soak
def test_a_million_packets_leave_memory_flat() -> None:
    """The second half million needs no more memory than the first."""
    tracemalloc.start()
    held = []
    for half in range(2):
        for seed in range(50):
            _fuzz(1000 * half + seed, 10_000)
        gc.collect()
        held.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert held[1] < held[0] + (1 << 20)


class NonStopClient(RuleBasedStateMachine):
    """A client that keeps its own account of who runs, by what it asked for and what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.target = FullToyTarget(POWER, partitions=2, vcpus=2)
        self.target.slice = 6
        self.client = Client(self.target)
        self._say(b"qSupported:multiprocess+;swbreak+;hwbreak+")
        self._say(b"QNonStop:1")
        self.running: set[bytes] = set()
        self.known = {b"p1.1", b"p1.2"}
        reply = self._say(b"?")
        while reply != b"OK":
            reply = self._say(b"vStopped")

    def _say(self, packet: bytes) -> bytes | None:
        return self.client.say(packet, slices=0)

    thread = st.sampled_from([b"p1.1", b"p1.2", b"p2.1", b"p2.2"])

    @rule(thread=thread, action=st.sampled_from([b"c", b"s", b"r0,0"]))
    def resume(self, thread: bytes, action: bytes) -> None:
        reply = self._say(b"vCont;" + action + b":" + thread)
        assert (reply == b"OK") == (thread in self.known)

    @rule(thread=thread)
    def stop(self, thread: bytes) -> None:
        """Whatever it does, it is stopped afterwards, and the client hears of it once."""
        reply = self._say(b"vCont;t:" + thread)
        assert (reply == b"OK") == (thread in self.known)
        if thread in self.known:
            assert self._is_stopped(thread)

    @rule()
    def take_stops(self) -> None:
        """vStopped until OK: nobody who was told as stopped runs."""
        while (reply := self._say(b"vStopped")) != b"OK":
            assert reply is not None
        assert not self.client.session.run_state.stops

    @rule(slices=st.integers(1, 3))
    def time_passes(self, slices: int) -> None:
        self.client.say(b"qC", slices)

    @rule(on=st.booleans())
    def breakpoint(self, on: bool) -> None:
        assert self._say(b"%bh" % b"Z0,") != b"OK"
        assert self._say((b"Z" if on else b"z") + b"0,%x,4" % STORE) in (b"OK", b"E.there is no thread left")

    @rule(pid=st.sampled_from([1, 2]))
    def attach(self, pid: int) -> None:
        threads = {b"p%x.1" % pid, b"p%x.2" % pid}
        reply = self._say(b"vAttach;%x" % pid)
        assert (reply == b"OK") == (not threads & self.known)
        self.known |= threads

    @rule()
    def detach_the_second(self) -> None:
        reply = self._say(b"D;2")
        assert (reply == b"OK") == (b"p2.1" in self.known)
        self.known -= {b"p2.1", b"p2.2"}

    @rule(thread=thread)
    def look(self, thread: bytes) -> None:
        """Registers are shown of the stopped, and refused of the running."""
        if thread not in self.known:
            return
        assert self._say(b"Hg" + thread) == b"OK"
        reply = self._say(b"p0")
        assert reply is not None
        assert reply.startswith(b"E") != self._is_stopped(thread)

    def _is_stopped(self, thread: bytes) -> bool:
        return not any(b"p%x.%x" % one == thread for one in self.client.session.run_state.running)

    @invariant()
    def no_thread_is_both(self) -> None:
        """Only attached threads have a state, and memory is bounded."""
        state = self.client.session.run_state
        assert {b"p%x.%x" % one for one in state.running} <= self.known
        del self.target.history[:-50]

    def teardown(self) -> None:
        self.client.close()
        assert not self.target.breakpoints


TestNonStopClient = NonStopClient.TestCase
TestNonStopClient.settings = settings(max_examples=30, stateful_step_count=40, deadline=None)
