"""Records a session as JSON lines, and plays the client's side of it again.

One line an event: ``{"from": "client", "packet": "qSupported:…"}``, with `from` "client", "server",
"notification" (of the server's), or "interrupt" (Ctrl-C, without a packet). Bytes that are no printable ASCII are
written as ``\\xNN``, so a transcript can be read, searched and compared as text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Protocol, TextIO, get_args

Speaker = Literal["client", "server", "interrupt", "notification"]


class TranscriptError(ValueError):
    """A transcript cannot be read, or a session does not go as it says."""


@dataclass(frozen=True, slots=True)
class Event:
    """One packet of a session, or an interrupt (whose payload is empty)."""

    speaker: Speaker
    payload: bytes = b""


def encode(event: Event) -> str:
    """An event as a line of JSON, without the newline."""
    text = "".join(chr(b) if 32 <= b < 127 and b != 92 else f"\\x{b:02x}" for b in event.payload)
    return json.dumps({"from": event.speaker, "packet": text})


def decode(line: str, place: str) -> Event:
    """Read a line that `encode` wrote. Raises TranscriptError naming `place`."""
    try:
        document = json.loads(line)
        speaker, text = document["from"], document["packet"]
        payload = text.encode("ascii").decode("unicode_escape").encode("latin-1")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise TranscriptError(f"{place}: not an event of a transcript: {error}") from error
    if speaker not in get_args(Speaker):
        raise TranscriptError(f"{place}: from {speaker!r}; it is {', '.join(get_args(Speaker))}")
    return Event(speaker, payload)


def load(path: Path) -> list[Event]:
    """All events of a transcript. Raises TranscriptError, or OSError when it cannot be opened."""
    with path.open(encoding="ascii") as lines:
        return [decode(line, f"{path}:{count}") for count, line in enumerate(lines, 1) if line.strip()]


class Recorder:
    """Writes events to a file as they happen; a context manager."""

    def __init__(self, path: Path) -> None:
        self._file: TextIO = path.open("w", encoding="ascii", buffering=1)

    def received(self, payload: bytes) -> None:
        """The client has sent a packet."""
        self._write(Event("client", payload))

    def sent(self, payload: bytes) -> None:
        """The server has sent a packet."""
        self._write(Event("server", payload))

    def notified(self, text: bytes) -> None:
        """The server has sent a notification."""
        self._write(Event("notification", text))

    def interrupted(self) -> None:
        """The client has sent Ctrl-C while the target ran."""
        self._write(Event("interrupt"))

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _write(self, event: Event) -> None:
        self._file.write(encode(event) + "\n")

    def __enter__(self) -> Recorder:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class Peer(Protocol):
    """What playback needs of a client (`RspClient` has it)."""

    def send(self, payload: bytes) -> None:
        """Send a packet."""

    def receive(self) -> bytes:
        """Wait for the next packet."""

    def interrupt(self) -> None:
        """Send Ctrl-C."""


def playback(events: Iterable[Event], peer: Peer) -> Iterator[tuple[Event, bytes]]:
    """Play the client's side; yields each recorded server packet with the one that came this time."""
    for event in events:
        if event.speaker == "client":
            peer.send(event.payload)
        elif event.speaker == "interrupt":
            peer.interrupt()
        elif event.speaker == "server":
            yield event, peer.receive()
