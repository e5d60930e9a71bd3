"""A machine that moves: saved between two slices of a run, it goes on as another one, perhaps in another process.

What a hypervisor model holds goes into a file of the model's own (`save_vm`), and comes back as its `restore_vm` has
it. What user space holds goes with it: guest time and whose turn it is, devices, interrupt presentation, RTAS. A bare
board has no hypervisor that could move it; its cores and memory are carried over as they are.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Final

import msgspec

from ...isa.errors import TraplineError, reason_of
from ..hv.exits import MpState
from ..hv.saved_file import fill_pages, pages_of
from ..tree.shares import Position
from .arm_kvm import ArmKvmMachine
from .bare import BareVcpu
from .machine import Machine
from .power.pseries import PseriesMachine
from .registry import MACHINES

MOVERS: Final = ("pseries", "arm-kvm", "arm-virt")
"""Machines that can move."""
_VM: Final = "vm"
_REST: Final = "machine"


class SavedCore(msgspec.Struct, frozen=True):
    """A bare core, and what its board knows of it."""

    registers: bytes
    mp_state: str
    waits_for_event: bool


class SavedMachine(msgspec.Struct, frozen=True):
    """Beside the model's file. `clock` is guest time; `turns` and `times` are the schedule's own."""

    clock: int
    turns: tuple[int, int, int, int]
    times: tuple[tuple[int, int], ...]
    parts: dict[str, bytes]
    """Devices and the like, by the names that the board gives them."""
    cores: tuple[SavedCore, ...] = ()
    pages: dict[int, bytes] = {}
    """Memory of a bare board that is not zero."""
    shares: tuple[Position, ...] = ()
    """Of each vcpu whose core others share."""


def save(machine: Machine, folder: Path) -> None:
    """Writes a machine that does not run. Raises TraplineError where that cannot be (KvmError: the VM's)."""
    if machine.NAME not in MOVERS:
        raise TraplineError(f"machine '{machine.NAME}' cannot be moved", f"machines that can: {', '.join(MOVERS)}")
    if machine.guest.flash or machine.guest.firmware is not None:
        raise TraplineError("a machine with firmware or flash memory cannot be moved", "start it with a program")
    turns = machine.turns
    if isinstance(machine, PseriesMachine):
        machine.vm.save(folder / _VM)
    elif isinstance(machine, ArmKvmMachine):
        machine.kvm.save_vm(machine.vm, folder / _VM)
    bare = [vcpu for vcpu in machine.vcpus if isinstance(vcpu, BareVcpu)]
    saved = SavedMachine(
        machine.clock.now,
        turns.position(),
        tuple(turns.times.of[vcpu].position() for vcpu in machine.vcpus),
        {name: part.snapshot() for name, part in machine.parts.items()},
        tuple(SavedCore(one.core.snapshot(), one.mp_state.value, one.waits_for_event) for one in bare),
        pages_of(machine.ram, 0, machine.ram.size) if bare else {},
        tuple(shares.position() for shares in turns.times.shares.values()),
    )
    try:
        (folder / _REST).write_bytes(msgspec.msgpack.encode(saved))
    except OSError as error:
        raise TraplineError(f"cannot write {folder}: {reason_of(error)}", "name another folder") from error


def arrive(like: Machine, folder: Path) -> Machine:
    """A machine of the same make as `like`, as `save` has left it. Its console goes where that of `like` goes.

    Raises TraplineError for a folder that holds no machine like it.
    """
    try:
        saved = msgspec.msgpack.decode((folder / _REST).read_bytes(), type=SavedMachine)
    except (OSError, msgspec.MsgspecError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else str(error)
        raise TraplineError(f"{folder} holds no saved machine: {reason}", "`save` writes one") from error
    made = _made(like, folder / _VM)
    made.said = copy.deepcopy(like.said)
    made.console.take_sinks(like.console, {like.said.feed: made.said.feed})
    made.exits.update(like.exits)
    if saved.cores:
        made.ram.clear()
        fill_pages(made.ram, saved.pages)
    for vcpu, one in zip(made.vcpus, saved.cores, strict=False):
        assert isinstance(vcpu, BareVcpu)
        vcpu.core.restore(one.registers)
        vcpu.mp_state, vcpu.waits_for_event = MpState(one.mp_state), one.waits_for_event
    made.clock.skip_to(saved.clock)
    made.turns.take_position(saved.turns)
    for vcpu, position in zip(made.vcpus, saved.times, strict=True):
        made.turns.times.of[vcpu].take_position(position)
    for shares, share in zip(made.turns.times.shares.values(), saved.shares, strict=True):
        shares.take_position(share)
    for name, part in made.parts.items():
        part.restore(saved.parts[name])
    return made


def _made(like: Machine, vm: Path) -> Machine:
    if isinstance(like, PseriesMachine | ArmKvmMachine):
        return type(like)(like.description, like.guest, like.options, arriving=vm)
    return MACHINES[like.NAME](like.description, like.guest, like.options)
