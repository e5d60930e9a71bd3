"""Whether a guest can get anywhere from where it is, if all that happens is what it does itself.

A vcpu is stuck if its registers and memory are, after some instructions, what they were before, with interrupts off all
the time, no device touched, and no clock looked at. A machine is stuck if all its vcpus that run are, and no other one
is going to be woken.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from typing import Final

import msgspec

from ..core import Core
from ..hv.kvm import MpState
from ..tree.vcpu import MachineVcpu
from .report import PAGE, code_at

_LONGEST: Final = 64
"""Instructions of a round that is looked for."""


class Round(msgspec.Struct, frozen=True):
    """A vcpu goes round: the addresses of its instructions, from pc on."""

    vcpu: MachineVcpu
    addresses: tuple[int, ...]


def stuck(vcpus: Iterable[MachineVcpu]) -> list[Round]:
    """The rounds of all vcpus that run, if each is stuck in one and nobody will be woken; else nothing."""
    rounds = []
    for vcpu in vcpus:
        if vcpu.mp_state is MpState.STOPPED:
            continue
        if vcpu.mp_state is MpState.HALTED:
            # A timer may wake it, or what the console brings.
            return []
        found = _round(vcpu)
        if found is None:
            return []
        rounds.append(found)
    return rounds


def _round(vcpu: MachineVcpu) -> Round | None:
    addresses = [vcpu.core.pc]
    with closing(vcpu.core.engine.rehearse(_LONGEST)) as steps:
        for step in steps:
            if not step.interrupts_off:
                return None
            if step.recurs:
                return Round(vcpu, tuple(addresses))
            addresses.append(step.pc)
    return None


def only_zeros(core: Core) -> bool:
    """Whether the core executes in a page that holds nothing but zeros."""
    page = core.pc & -PAGE
    if any(code_at(core, core.pc, 4)[1] or b"1"):
        return False
    return not any(code_at(core, page, PAGE)[1] or b"1")


def zeros_begin(core: Core) -> int:
    """Where the zeros before pc begin, in whole instructions."""
    page = core.pc & -PAGE
    while page:
        data = code_at(core, page - PAGE, PAGE)[1]
        if not data or any(data):
            last = len(data.rstrip(b"\0"))
            return page if not data else page - PAGE + (last + 3 & -4)
        page -= PAGE
    return page
