"""Running: vCont, vCont?, and the older c, C, s, S.

Source: Debugging with GDB, "vCont packet". ``vCont?`` must list both s and S, or GDB puts breakpoints
where it could step. A thread takes the leftmost action that names it; a thread that none names stays.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import PacketError, TargetError
from ..execution import Action, Continue, RangeStep, Step, ThreadId
from ..fields import EVERY_THREAD, ThreadPattern, number, show, split, thread_pattern
from ..replies import OK
from ..running import all_stop, non_stop
from ..session import Session
from .kind import PacketKind, no_arguments


@dataclass(frozen=True, slots=True)
class QueryActions:
    """``vCont?``"""


@dataclass(frozen=True, slots=True)
class ResumeThreads:
    """``vCont;action[:thread-id]…``; None is ``t``, a thread that stays stopped."""

    actions: tuple[tuple[Action | None, ThreadPattern], ...]


@dataclass(frozen=True, slots=True)
class ResumeControlled:
    """``c``, ``C``, ``s`` or ``S``, for the thread that ``Hc`` chose."""

    action: Action


_PLAIN: dict[bytes, Action | None] = {b"c": Continue(), b"s": Step(), b"t": None}


def _parse_vcont(rest: bytes) -> ResumeThreads:
    if not rest.startswith(b";"):
        raise PacketError(f"vCont: expected ;action[:thread-id], got {show(rest)}")
    return ResumeThreads(tuple(_parse_action(part) for part in rest[1:].split(b";")))


def _parse_action(part: bytes) -> tuple[Action | None, ThreadPattern]:
    text, separator, thread = part.partition(b":")
    pattern = thread_pattern("vCont", thread) if separator else EVERY_THREAD
    letter, operand = text[:1], text[1:]
    if letter in (b"C", b"S"):
        signal = number("vCont", "the signal", operand)
        return (Continue(signal) if letter == b"C" else Step(signal)), pattern
    if letter == b"r":
        start, end = split("vCont", ("start", "end"), operand, b",")
        return (
            RangeStep(
                number("vCont", "the start of the range", start),
                number("vCont", "the end of the range", end),
            ),
            pattern,
        )
    if text in _PLAIN:
        return _PLAIN[text], pattern
    raise PacketError(f"vCont: {show(text)} is no action; there are c, C, s, S, t and r")


def _plain(letter: str, action: Action) -> PacketKind[ResumeControlled]:
    def parse(rest: bytes) -> ResumeControlled:
        if rest:
            raise PacketError(f"{letter}: an address to resume at is not supported; set pc first")
        return ResumeControlled(action)

    return PacketKind(letter.encode("ascii"), parse, _resume_controlled, changes_state=True)


def _signalled(letter: str, make: type[Continue] | type[Step]) -> PacketKind[ResumeControlled]:
    def parse(rest: bytes) -> ResumeControlled:
        return ResumeControlled(make(number(letter, "the signal", rest)))

    return PacketKind(letter.encode("ascii"), parse, _resume_controlled, changes_state=True)


def _query_actions(session: Session, packet: QueryActions) -> bytes:
    return b"vCont;c;C;s;S;t;r"


def _resume_threads(session: Session, packet: ResumeThreads) -> bytes | None:
    if session.run_state.non_stop:
        non_stop.resume(session, packet.actions)
        return OK
    plan: dict[ThreadId, Action] = {}
    for info in session.threads():
        for action, pattern in packet.actions:
            if pattern.matches(info.id):
                if action is not None:
                    plan[info.id] = action
                break
    _resume(session, plan)
    return None


def _resume_controlled(session: Session, packet: ResumeControlled) -> bytes | None:
    """``c`` runs all threads that ``Hc`` names; ``s`` steps one of them, the others stay stopped."""
    threads = [info.id for info in session.threads()]
    chosen = [thread for thread in threads if session.control.matches(thread)]
    if isinstance(packet.action, Step) and chosen:
        stepped = session.thread if session.thread in chosen else chosen[0]
        chosen = [stepped]
    if session.run_state.non_stop:
        non_stop.resume(session, [(packet.action, ThreadPattern(*thread)) for thread in chosen])
        return OK
    _resume(session, dict.fromkeys(chosen, packet.action))
    return None


def _resume(session: Session, plan: dict[ThreadId, Action]) -> None:
    if not plan:
        raise TargetError("no thread would run: none of those that the packet names exists")
    all_stop.resume(session, plan)


PACKETS = (
    PacketKind(b"vCont?", no_arguments(QueryActions(), "vCont?"), _query_actions),
    PacketKind(b"vCont", _parse_vcont, _resume_threads, changes_state=True),
    _plain("c", Continue()),
    _plain("s", Step()),
    _signalled("C", Continue),
    _signalled("S", Step),
)
