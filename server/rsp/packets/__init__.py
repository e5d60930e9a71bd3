"""The packets, grouped by the ability that they need; each module ends with its `PACKETS`.

`name_of` says what a payload is called, `KINDS` finds its kind by that name. What is not listed there
is answered with an empty reply, as the protocol demands of unknown packets.
"""

from __future__ import annotations

import re
from typing import Any

from . import (
    breakpoints,
    handshake,
    lifecycle,
    lldb,
    memory,
    monitor,
    non_stop,
    registers,
    resume,
    reverse,
    search,
    syscalls,
    threads,
    transfer,
    vfile,
)
from .kind import PacketKind

KINDS: dict[bytes, PacketKind[Any]] = {
    kind.name: kind
    for group in (
        handshake,
        registers,
        memory,
        search,
        resume,
        reverse,
        non_stop,
        threads,
        breakpoints,
        syscalls,
        transfer,
        vfile,
        monitor,
        lifecycle,
        lldb,
    )
    for kind in group.PACKETS
}

_NAME = re.compile(rb"[qQvj][A-Za-z0-9-]*\??|b[cs](?![0-9A-Za-z])|.", re.DOTALL)


def name_of(payload: bytes) -> bytes:
    """The name of a packet: a word after q, Q, v or j, otherwise a single letter."""
    found = _NAME.match(payload)
    return found.group() if found else b""
