"""Every hypervisor call answers with a return code that its description declares, whatever it is asked."""

from __future__ import annotations

import itertools
import random

import pytest

from trapline.isa.model.items import ArgumentClass, Hypercall
from trapline.server.boards.machine import Machine, MachineOptions
from trapline.server.boards.power.pseries import PseriesMachine
from trapline.server.boards.registry import build_machine

from ..server.guests import RAM, description, guest

CALLS = [call for call in description("power7").hypercalls.values() if call.abi == "papr"]
TRIES = 24
_MOST_ELEMENTS = 0x100


def values(one: ArgumentClass, generator: random.Random) -> list[int]:
    """Some that are valid, the borders among them, and those that are not."""
    found = []
    for low, high in one.valid + one.invalid:
        found += [low, high, generator.randint(low, high)]
    return found


@pytest.fixture(scope="module", params=["power7", "ppc970"])
def machine(request: pytest.FixtureRequest) -> Machine:
    """A partition that is about to make a call."""
    code = ".org 0x4000\n_start: sc 1\n1: b 1b\n"
    options = MachineOptions(ram_size=RAM, core=request.param, engine="reference", hpt_order=18)
    return build_machine(guest(code, request.param, 0), "pseries", options)


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_a_call_answers_as_it_declares(machine: Machine, call: Hypercall) -> None:
    """With arguments of each class, valid and not. H_TOO_HARD is never seen."""
    core, generator = machine.vcpus[0].core, random.Random(call.name)
    classes = machine.description.argument_classes
    assert all(parameter.type_name in classes for parameter in call.arguments), "each argument has a class"
    kinds = [values(classes[parameter.type_name], generator) for parameter in call.arguments]
    every = list(itertools.islice(itertools.product(*kinds), 4096))
    generator.shuffle(every)
    declared = {core.return_code("papr", one.code) for one in call.returns} - {core.return_code("papr", "H_TOO_HARD")}
    assert isinstance(machine, PseriesMachine)
    for arguments in every[:TRIES]:
        if call.name == "H_LOGICAL_MEMOP" and arguments[3] > _MOST_ELEMENTS and arguments[3] <= 1 << 24:
            continue
        machine.vm.vcpus[0].prod()  # a cede comes back at once
        core.write("GPR", call.number, 3)
        for n, value in enumerate(arguments):
            core.write("GPR", value, 4 + n)
        core.pc = 0x4000
        machine.run_slice(1)
        answer = core.read("GPR", 3)
        assert answer in declared, (call.name, [hex(one) for one in arguments], hex(answer))
