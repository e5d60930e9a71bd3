"""Why a vcpu left its guest, and what it does between two runs."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

import msgspec


class Mmio(NamedTuple):
    """KVM_EXIT_MMIO: an access to guest physical `address` that no slot holds; `data` is what a store stores.

    A load is answered with `Vcpu.complete_mmio` before the next `run`. The byte at the lowest address comes first.
    """

    address: int
    size: int
    is_write: bool
    data: bytes = b""


class PaprHcall(NamedTuple):
    """KVM_EXIT_PAPR_HCALL: the call's number and its nine arguments; answered with `Vcpu.complete_hcall`."""

    number: int
    arguments: tuple[int, ...]


class Interrupted(msgspec.Struct, frozen=True):
    """KVM_EXIT_INTR, with which a run that a signal ended fails with EINTR.

    The budget is used up; or (`yielded`) the guest gave its turn to another vcpu; or (`kicked`) somebody called `kick`.
    """

    yielded: bool = False
    kicked: bool = False


INTERRUPTED = Interrupted()
"""The usual end of a run."""


class Halt(msgspec.Struct, frozen=True):
    """KVM_EXIT_HLT: nothing to do until an interrupt, a prod or a timer comes.

    `sibling`: the vcpu of the same core, busy in the host, that this one waits for; it has to be run first.
    """

    sibling: int | None = None


class SystemEventKind(Enum):
    """What the guest asks of the whole machine."""

    SHUTDOWN = "shutdown"
    RESET = "reset"


class SystemEvent(msgspec.Struct, frozen=True):
    """KVM_EXIT_SYSTEM_EVENT, or KVM_EXIT_SHUTDOWN: the guest switches the machine off, or resets it."""

    kind: SystemEventKind


class Unknown(msgspec.Struct, frozen=True):
    """KVM_EXIT_UNKNOWN: an interrupt (`trap`, its vector) that the model has no answer to. `dump` shows the vcpu."""

    trap: int
    dump: str = ""


class InternalError(msgspec.Struct, frozen=True):
    """KVM_EXIT_INTERNAL_ERROR: the model cannot go on with this vcpu; `reason` says why."""

    reason: str


class DebugStop(msgspec.Struct, frozen=True):
    """KVM_EXIT_DEBUG: a breakpoint at pc, or a watchpoint (`address` is then the data address)."""

    address: int
    is_watchpoint: bool = False
    is_write: bool = False


class RanWild(msgspec.Struct, frozen=True):
    """No exit of KVM's: the vcpu would go on for ever, but nothing that it does leads anywhere.

    `row`: the row of interrupts that the engine's log tells of; 0: it fetches from where no memory is.
    """

    row: int = 0


Exit = Mmio | PaprHcall | Interrupted | Halt | SystemEvent | Unknown | InternalError | DebugStop | RanWild

OF_USER_SPACE = (Mmio, PaprHcall)
"""Exits that user space answers."""
OnExit = Callable[[Exit], bool]
"""Answers an exit for user space while the vcpu runs, and says whether it runs on; else `run` returns the exit."""


class MpState(Enum):
    """KVM_GET_MP_STATE: what a vcpu is doing between two runs."""

    RUNNABLE = "runnable"
    HALTED = "halted"
    """Ceded, or in WFI: an event makes it runnable again."""
    STOPPED = "stopped"
    """Not started yet, or stopped by the guest: another vcpu starts it."""
