"""What a packet is: a name, a parser that makes a frozen dataclass, and a handler that answers it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from ..errors import PacketError
from ..fields import show
from ..session import Session

P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class PacketKind(Generic[P]):
    """One kind of packet.

    `name` is what it begins with, as `packets.name_of` cuts it off; `parse` gets the rest and may raise
    PacketError; `handle` answers with a reply payload, `UNSUPPORTED`, or None for no reply at all.

    `text_errors`: GDB understands ``E.text`` for it even when it has not announced that for all packets.
    `changes_state`: what was read from the target before it may be stale after it.
    """

    name: bytes
    parse: Callable[[bytes], P]
    handle: Callable[[Session, P], bytes | None]
    text_errors: bool = True
    changes_state: bool = False


def no_arguments(packet: P, name: str) -> Callable[[bytes], P]:
    """A parser for a packet that has nothing after its name."""

    def parse(rest: bytes) -> P:
        if rest:
            raise PacketError(f"{name}: takes no arguments, got {show(rest)}")
        return packet

    return parse
