"""A test beside other partitions of its host, which take turns with it: time slices that are drawn at random.

Each partition has a clock of its own, which stands while others run, so that not even guest time may differ. The
neighbours are the test itself once more and a guest that does much to what partitions share: cores, TLBs, native code.
"""

from __future__ import annotations

import random
from functools import cache
from typing import Final

from ....server.boards.arm_kvm import ArmKvmMachine
from ....server.boards.machine import Machine, MachineOptions
from ....server.boards.power.pseries import PseriesMachine
from ....server.machine.elf import LoadedElf, parse_elf
from ...catalogue import build, find_guest
from .program import Program
from .seen import Seen
from .staging import Stage, Staging

HOSTS: Final = {"pseries": PseriesMachine, "arm-kvm": ArmKvmMachine}
"""Machines whose hosts have several partitions."""
_NEIGHBOURS: Final = ("power_hcalls", "power_table", "power_areas", "power_mmio", "power_exits", "power_tce")
_LONGEST_TURN: Final = 1500


def beside(program: Program, staging: Staging, rng: random.Random) -> Seen:
    """What the test sees beside others."""
    options = staging.options()
    first = HOSTS[staging.needs.name](staging.description, program.elf, options)
    stage = Stage(program, first, staging.limits)
    names = ["the test itself"]
    others = [_second(first, program.elf, options)]
    guest = rng.choice(_NEIGHBOURS)
    if isinstance(first, PseriesMachine) and staging.description.core == find_guest(guest).core:
        names.append(guest)
        others.append(_second(first, _guest(guest), options))
    stage.begin()
    try:
        while True:
            for other in others:
                if other.verdict is None:
                    other.run_slice(rng.randrange(1, _LONGEST_TURN))
            ending = stage.run(rng.randrange(1, _LONGEST_TURN))
            if ending is not None:
                return stage.seen(f"beside {' and '.join(names)}", ending)
    finally:
        for other in others:
            for vcpu in other.vcpus:
                vcpu.core.engine.close()
        stage.close()


def _second(first: PseriesMachine | ArmKvmMachine, elf: LoadedElf, options: MachineOptions) -> Machine:
    """Another partition of the same host."""
    if isinstance(first, PseriesMachine):
        return PseriesMachine(first.description, elf, options, host=first.kvm)
    return ArmKvmMachine(first.description, elf, options, host=first.kvm)


@cache
def _guest(name: str) -> LoadedElf:
    return parse_elf(build(find_guest(name)).elf, name)
