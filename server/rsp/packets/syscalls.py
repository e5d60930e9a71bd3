"""Stops at system calls: QCatchSyscalls, for gdb's `catch syscall`.

Source: Debugging with GDB, "General Query Packets". Which calls a guest's are is the target's to say. gdb offers the
command where it knows an operating system's numbers (`set osabi GNU/Linux`).
"""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import PacketError
from ..fields import number, show
from ..replies import OK, UNSUPPORTED
from ..session import Session
from .kind import PacketKind

_MOST = 4096


@dataclass(frozen=True, slots=True)
class CatchSyscalls:
    """``QCatchSyscalls:1[;NR]…`` or ``:0``: `numbers` None is none of them, empty each."""

    numbers: frozenset[int] | None


def _parse(rest: bytes) -> CatchSyscalls:
    switch, *numbers = rest.removeprefix(b":").split(b";")
    if switch not in (b"0", b"1") or len(numbers) > _MOST:
        raise PacketError(f"QCatchSyscalls: expected :0 or :1 and numbers, got {show(rest)}")
    if switch == b"0":
        return CatchSyscalls(None)
    return CatchSyscalls(frozenset(number("QCatchSyscalls", "a system call", one) for one in numbers))


def _catch(session: Session, packet: CatchSyscalls) -> bytes:
    ability = session.abilities.syscalls
    if ability is None:
        return UNSUPPORTED
    ability.catch_syscalls(packet.numbers)
    if packet.numbers is not None:
        session.endings.append(lambda: ability.catch_syscalls(None))
    return OK


PACKETS = (PacketKind(b"QCatchSyscalls", _parse, _catch),)
