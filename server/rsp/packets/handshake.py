"""What client and server agree on: qSupported, QStartNoAckMode, QEnableErrorStrings, extended mode.

Source: Debugging with GDB, "General Query Packets", qSupported. The answer is derived from what the
target can do; a feature that is not there is not mentioned.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..replies import OK, UNSUPPORTED
from ..session import Session
from .kind import PacketKind, no_arguments


@dataclass(frozen=True, slots=True)
class QuerySupported:
    """``qSupported:feature;…``: `features` are those that the client has (``name+`` or ``name=…``)."""

    features: frozenset[str]


@dataclass(frozen=True, slots=True)
class StartNoAckMode:
    """``QStartNoAckMode``"""


@dataclass(frozen=True, slots=True)
class EnableErrorStrings:
    """``QEnableErrorStrings``, LLDB's way of asking for texts with errors."""


@dataclass(frozen=True, slots=True)
class EnableExtendedMode:
    """``!``: the client may attach to more partitions, and restart the target."""


@dataclass(frozen=True, slots=True)
class MustReplyEmpty:
    """``vMustReplyEmpty``: a probe for servers that answer what they do not know."""


def _parse_supported(rest: bytes) -> QuerySupported:
    words = rest.removeprefix(b":").decode("ascii", "replace").split(";")
    present = (word for word in words if word.endswith("+") or "=" in word)
    return QuerySupported(frozenset(word.partition("=")[0].removesuffix("+") for word in present))


def supported_features(session: Session) -> list[str]:
    """The server's side of qSupported, from the abilities of the target."""
    abilities = session.abilities
    features = [
        f"PacketSize={session.packet_size:x}",
        "QStartNoAckMode+",
        "multiprocess+",
        "vContSupported+",
        "QNonStop+",
        "no-resumed+",
        "qXfer:features:read+",
        "qXfer:threads:read+",
        "qXfer:osdata:read+",
        "binary-upload+",
        "error-message+",
    ]
    if abilities.breakpoints is not None:
        features += ["swbreak+", "hwbreak+", "ConditionalBreakpoints+"]
    if abilities.thread_events is not None:
        features.append("QThreadEvents+")
    if abilities.breakpoint_programs is not None:
        features.append("BreakpointCommands+")
    if abilities.syscalls is not None:
        features.append("QCatchSyscalls+")
    if abilities.reverse is not None:
        features += ["ReverseStep+", "ReverseContinue+"]
    if abilities.exec_files is not None:
        features.append("qXfer:exec-file:read+")
    if abilities.memory_map is not None:
        features.append("qXfer:memory-map:read+")
    return features


def _supported(session: Session, packet: QuerySupported) -> bytes:
    session.client_features = packet.features
    return ";".join(supported_features(session)).encode("ascii")


def _start_no_ack_mode(session: Session, packet: StartNoAckMode) -> bytes:
    session.wire.disable_acknowledgements()
    return OK


def _enable_error_strings(session: Session, packet: EnableErrorStrings) -> bytes:
    session.lldb_errors = True
    return OK


def _enable_extended_mode(session: Session, packet: EnableExtendedMode) -> bytes:
    return OK


def _must_reply_empty(session: Session, packet: MustReplyEmpty) -> bytes:
    return UNSUPPORTED


PACKETS = (
    PacketKind(b"qSupported", _parse_supported, _supported),
    PacketKind(b"QStartNoAckMode", no_arguments(StartNoAckMode(), "QStartNoAckMode"), _start_no_ack_mode),
    PacketKind(
        b"QEnableErrorStrings",
        no_arguments(EnableErrorStrings(), "QEnableErrorStrings"),
        _enable_error_strings,
    ),
    PacketKind(b"!", no_arguments(EnableExtendedMode(), "!"), _enable_extended_mode),
    PacketKind(b"vMustReplyEmpty", no_arguments(MustReplyEmpty(), "vMustReplyEmpty"), _must_reply_empty),
)
