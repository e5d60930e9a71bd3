"""A client that says anything, in process: packets of a seeded stream, and what must hold of every answer."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Sequence
from typing import Final

from trapline.server.rsp.dispatch import finish, guarded
from trapline.server.rsp.errors import ClientGone
from trapline.server.rsp.execution import NoneResumed
from trapline.server.rsp.loop import reply_to
from trapline.server.rsp.packets import KINDS
from trapline.server.rsp.running import non_stop
from trapline.server.rsp.session import Session
from trapline.server.rsp.target import Target

PACKET_SIZE: Final = 0x1000
_NAMES: Final = sorted(KINDS)
_THREADS: Final = (b"p1.1", b"p1.2", b"p2.1", b"p2.-1", b"p-1.-1", b"p1.-1", b"0", b"-1", b"p3.1", b"p9.9", b"p0.0")
_ADDRESSES: Final = (b"1000", b"1010", b"1014", b"8000", b"400000", b"ffffffffffffffff", b"0")
_SEEDS: Final = (
    b"qSupported:multiprocess+;swbreak+;hwbreak+;no-resumed+;vContSupported+",
    b"qSupported:multiprocess+;memory-tagging+;error-message+",
    b"QNonStop:1",
    b"QNonStop:0",
    b"QThreadEvents:1",
    b"QThreadEvents:0",
    b"vStopped",
    b"vCtrlC",
    b"?",
    b"g",
    b"G00",
    b"p0",
    b"P0=0000000000000001",
    b"T%T",
    b"Hg%T",
    b"Hc%T",
    b"vCont;c",
    b"vCont;c:%T",
    b"vCont;s:%T",
    b"vCont;s:%T;c",
    b"vCont;t:%T",
    b"vCont;t",
    b"vCont;r%A,%A:%T",
    b"vCont?",
    b"c",
    b"s",
    b"bs",
    b"bc",
    b"Z0,%A,4",
    b"Z1,%A,4",
    b"Z2,%A,4",
    b"Z0,%A,4;X3,220127",
    b"z0,%A,4",
    b"z1,%A,4",
    b"z2,%A,4",
    b"m%A,40",
    b"x%A,40",
    b"M%A,4:38630001",
    b"X%A,2:ab",
    b"qSearch:memory:%A;100;ab",
    b"qCRC:%A,40",
    b"qC",
    b"qfThreadInfo",
    b"qsThreadInfo",
    b"qThreadExtraInfo,%T",
    b"qXfer:threads:read::0,ff",
    b"qXfer:osdata:read:processes:0,fff",
    b"qXfer:features:read:target.xml:0,ff",
    b"qXfer:exec-file:read:1:0,ff",
    b"qAttached:1",
    b"vAttach;1",
    b"vAttach;2",
    b"vAttach;3",
    b"D;1",
    b"D;2",
    b"vKill;2",
    b"vRun;",
    b"R00",
    b"!",
    b"qRcmd,636f756e746572",
    b"qRcmd,706f776572206f6666",
    b"qRcmd,706f776572206f6e",
    b"qRcmd,657869742033",
    b"vFile:setfs:0",
    b"vFile:open:2f706172746974696f6e312f746f792e656c66,0,0",
    b"vFile:pread:0,40,0",
    b"vFile:close:0",
    b"QStartNoAckMode",
    b"qHostInfo",
    b"jThreadsInfo",
    b"QThreadSuffixSupported",
)


class Wire:
    """A wire whose client presses Ctrl-C all the time, so that no run lasts; it may be gone after so many packets."""

    def __init__(self) -> None:
        self.told: list[bytes] = []
        """Notifications."""
        self.leaves_after: int | None = None

    def _say(self) -> None:
        if self.leaves_after is not None:
            self.leaves_after -= 1
            if self.leaves_after < 0:
                raise ClientGone("the client has closed the connection")

    def send(self, payload: bytes) -> None:
        assert payload.startswith(b"O"), payload
        assert len(payload) <= PACKET_SIZE
        self._say()

    def notify(self, text: bytes) -> None:
        self.told.append(text)
        self._say()

    def acknowledge(self) -> None:
        self._say()

    def watching(self, stop: Callable[[], None]) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()

    def interrupt_requested(self) -> bool:
        self._say()
        return True

    def disable_acknowledgements(self) -> None:
        self._say()


class Client:
    """A session with `target`, driven as the loop does."""

    def __init__(self, target: Target) -> None:
        self.wire = Wire()
        self.session = Session(target, self.wire, PACKET_SIZE)
        self.unseen = 0
        """Notifications whose sequence the client has not ended by vStopped."""

    def say(self, payload: bytes, slices: int = 2) -> bytes | None:
        """Sends a packet, and lets what runs do so for a few slices; the reply. Raises ClientGone."""
        session = self.session
        reply = reply_to(session, payload)
        if session.run_state.non_stop:
            non_stop.tell_later(session)
            for _ in range(slices):
                if non_stop.is_live(session):
                    guarded(session, non_stop.turn, non_stop.fail)
        self._check(payload, reply)
        return reply

    def _check(self, payload: bytes, reply: bytes | None) -> None:
        if reply is not None:
            assert len(reply) <= PACKET_SIZE, payload
            assert b"internal error" not in reply, (payload, reply)
            assert not set(reply) & set(b"#$"), (payload, reply)
        state = self.session.run_state
        assert state.pending is None
        assert len(state.stops) <= 64
        assert all(text.startswith(b"Stop:") for text in self.wire.told)
        if not state.non_stop:
            assert not state.running
            self.wire.told.clear()
            return
        # A notification is sent only when the client has seen all others.
        self.wire.told.clear()
        for event in state.stops:
            assert isinstance(event.reason, NoneResumed) or event.thread not in state.running, (payload, event)

    def close(self) -> None:
        """The client goes, politely or not."""
        finish(self.session)


def packets(rng: random.Random) -> bytes:
    """One packet: a sensible one, one with a part changed, or nonsense."""
    kind = rng.random()
    if kind < 0.05:
        return rng.choice(_NAMES) + rng.randbytes(rng.randrange(12))
    packet = rng.choice(_SEEDS)
    packet = packet.replace(b"%T", rng.choice(_THREADS)).replace(b"%A", rng.choice(_ADDRESSES))
    return packet if kind < 0.75 else mutated(packet, rng)


def mutated(packet: bytes, rng: random.Random) -> bytes:
    """A packet with a byte changed, cut, doubled, or joined with another."""
    at = rng.randrange(len(packet) + 1)
    match rng.randrange(5):
        case 0:
            return packet[:at]
        case 1:
            return packet[:at] + rng.randbytes(1) + packet[at + 1 :]
        case 2:
            return packet[:at] + packet[at:] * 2
        case 3:
            return packet[:at] + rng.choice(_SEEDS)[at:]
        case _:
            return packet[:at] + rng.choice(b"0123456789abcdef;:,.-").to_bytes(1, "big") + packet[at:]


def replay(target: Target, seed: int, count: int, after: Callable[[Client, bytes], None]) -> Sequence[int]:
    """Sends `count` packets in sessions of random lengths, some of which end in the middle of an answer.

    `after` is called behind each packet. How many sessions there were, and how many were cut off.
    """
    rng = random.Random(seed)
    client, sessions, cut = Client(target), 1, 0
    for _ in range(count):
        packet = packets(rng)
        if rng.random() < 0.01:
            client.wire.leaves_after = rng.randrange(4)
        try:
            client.say(packet, rng.randrange(3))
            after(client, packet)
        except ClientGone:
            cut += 1
            client.session.finished = True
        if client.session.finished or rng.random() < 0.005:
            client.close()
            client, sessions = Client(target), sessions + 1
    client.close()
    return sessions, cut
