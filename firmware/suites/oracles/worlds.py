"""The worlds that a test can live in: on a core of its own, under a hypervisor model, under a host stub's code.

A test of `arm-virt` drops to Supervisor mode by itself where it begins in Hyp mode, and one of `pseries` out of
hypervisor state, so that the same file runs in all three; what calls a hypervisor has two. The host stub is KVM in
small, as guest code in hypervisor state (`firmware/hoststubs`).
"""

from __future__ import annotations

from functools import cache
from typing import Final

from msgspec.structs import replace

from ....asmgen import Image, Layout, Source, assemble, target_for
from ....asmgen.layout.options import Reading
from ....isa.errors import TraplineError
from ....isa.lang.load import load_core
from ....server.boards.arm_kvm import ArmKvmMachine
from ....server.boards.arm_virt import ArmVirtMachine
from ....server.boards.power.power_bare import PowerBareMachine
from ....server.boards.power.pseries import PseriesMachine
from ....server.machine.elf import parse_elf
from ...catalogue import ARM_HOST, FOLDER, POWER_STUBS
from .program import Program
from .staging import Stage, Staging

BARE: Final = "bare"
MODEL: Final = "model"
STUB: Final = "stub"
_ARM_STUB_AT: Final = 0x4401_0000
"""Behind the memory that it gives its guest (hoststubs/arm/run_suite.s)."""
_ARM_SUITE_HOST: Final = ("hoststubs/arm/run_suite.s", "hoststubs/arm/spoil.s")
_LONGEST_TEST: Final = 1 << 20
"""Bytes that a Power stub leaves for the file of its partition."""
_STUB_STEPS: Final = 40
"""Instructions of a world switch and what the host does then, for one of a test's: a bound of the run."""


def worlds_of(staging: Staging) -> tuple[str, ...]:
    """Those that tests of a suite can live in, the first of them being what others are compared with."""
    needs = staging.needs
    if needs.name == "arm-virt" and "VE" in staging.description.features:
        return (BARE, MODEL, STUB) if needs.vcpus == 1 else (BARE, MODEL)
    if needs.name == "arm-kvm":
        return (MODEL, STUB) if needs.vcpus == 1 else (MODEL,)
    if needs.name == "pseries":
        return (BARE, MODEL, STUB) if needs.vcpus == 1 else (MODEL, STUB)
    return (BARE,)


def staged(world: str, program: Program, staging: Staging) -> Stage:
    """The test in a world, about to run.  Raises TraplineError where it does not fit in."""
    options = staging.options()
    description = staging.description
    if world == STUB:
        stage = (
            _under_power_stub(program, staging) if description.name == "power" else _under_arm_stub(program, staging)
        )
    elif description.name == "power" and world == BARE:
        stage = Stage(program, PowerBareMachine(description, program.elf, options), staging.limits)
    elif description.name == "power":
        # The stub's partition has the smallest page table: its model's has one like it.
        machine = PseriesMachine(description, program.elf, replace(options, hpt_order=_stub_order(staging)))
        stage = Stage(program, machine, staging.limits)
    else:
        made = ArmVirtMachine if world == BARE else ArmKvmMachine
        stage = Stage(program, made(description, program.elf, options), staging.limits)
    stage.knows_all = False
    stage.begin()
    return stage


def _under_power_stub(program: Program, staging: Staging) -> Stage:
    core = staging.description.core
    image = _power_stub(core, staging.needs.vcpus)
    if len(program.elf.raw) > _LONGEST_TEST:
        raise TraplineError(f"{program.name} has more bytes than the host stub can load", "make it smaller")
    needs = staging.needs
    options = replace(
        staging.options(),
        ram_size=(POWER_STUBS[core].memory or 0) << 20,
        vcpus=needs.vcpus,
        threads=needs.threads,
        core=core,
    )
    machine = PowerBareMachine(staging.description, parse_elf(image.elf, f"{core} host"), options)
    machine.memory.write(image.symbols["payload"], program.elf.raw)
    limits = staging.limits
    stage = Stage(program, machine, type(limits)(limits.instructions * _STUB_STEPS, limits.seconds))
    stage.moved_by = image.symbols["PARTITION"]
    return stage


def _under_arm_stub(program: Program, staging: Staging) -> Stage:
    image = _arm_stub(staging.description.core)
    machine = ArmVirtMachine(staging.description, parse_elf(image.elf, "arm host"), staging.options())
    for one in program.elf.segments:
        machine.memory.write(one.physical, one.data)
    limits = staging.limits
    return Stage(program, machine, type(limits)(limits.instructions * _STUB_STEPS, limits.seconds))


@cache
def _power_stub(core: str, vcpus: int) -> Image:
    """With room for the file of a partition, which has so many vcpus."""
    stub = POWER_STUBS[core]
    room = Source("payload.s", f'.section .payload, "aw"\n.balign 8\n.global payload\npayload: .skip {_LONGEST_TEST}\n')
    sources = [*(Source.read(FOLDER / one) for one in stub.sources), room]
    return assemble(sources, target_for(load_core(core)), Layout(base=stub.base), Reading(definitions={"VCPUS": vcpus}))


def _stub_order(staging: Staging) -> int:
    return _power_stub(staging.description.core, staging.needs.vcpus).symbols["TABLE_ORDER"]


@cache
def _arm_stub(core: str) -> Image:
    sources = [Source.read(FOLDER / one) for one in (*ARM_HOST, *_ARM_SUITE_HOST)]
    reading = Reading(definitions={"T32": 0})
    return assemble(sources, target_for(load_core(core)), Layout(base=_ARM_STUB_AT), reading)
