"""What exits are called, in statistics and in events."""

from __future__ import annotations

from typing import Final

from ..hv.exits import DebugStop, Exit, Halt, InternalError, Mmio, PaprHcall, SystemEvent, Unknown

_KINDS: Final[dict[type[Exit], str]] = {
    Mmio: "mmio",
    PaprHcall: "papr_hcall",
    Halt: "hlt",
    SystemEvent: "system_event",
    Unknown: "unknown",
    InternalError: "internal_error",
    DebugStop: "debug",
}


KIND_NAMES: Final = (*_KINDS.values(), "intr")


def exit_names(left: Exit) -> tuple[str, str]:
    """A kind of exit for statistics, as KVM names it, and what it was in words."""
    return kind_name(left), _detail(left)


def _detail(left: Exit) -> str:
    match left:
        case Mmio():
            verb = "store" if left.is_write else "load"
            return f"{verb} of {left.size} bytes at {left.address:#x}"
        case PaprHcall():
            return f"{left.number:#x}"
        case SystemEvent():
            return left.kind.value
        case InternalError():
            return left.reason
        case Unknown():
            return f"interrupt {left.trap:#x}"
        case DebugStop():
            return f"{left.address:#x}"
    return ""


def kind_name(left: Exit) -> str:
    """A kind of exit, as KVM names it."""
    return _KINDS.get(type(left), "intr")
