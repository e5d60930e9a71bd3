"""Suites of instructions: each encoding has a test that passes on the engine that did not make its expectations."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest

from trapline.firmware.suites.catalogue import find_suite
from trapline.firmware.suites.making.build import MadeTest, Maker, Wanted, cases_of
from trapline.firmware.suites.making.case import Case
from trapline.isa.lang.load import load_core
from trapline.server.api import Machine
from trapline.server.verdict import Outcome

SLICE = 8
"""Tests of each suite; the whole suites are run as such."""
ALWAYS = {
    "isa-power7": ("add", "lwzu", "stmw", "xvadddp", "bc", "slbmte", "vaddubm"),
    "isa-ppc970": ("lwarx", "fadd"),
    "isa-armv7ve": ("add.register", "t32_add_register.plain", "stm"),
}


@cache
def _cases(name: str) -> list[Case]:
    return [one for one in cases_of(Wanted(find_suite(name), 1)) if isinstance(one, Case)]


def _some(name: str) -> Iterator[tuple[Maker, Case]]:
    wanted = Wanted(find_suite(name), 1)
    context = wanted.context()
    drawn = random.Random(name).sample([one.name for one in context.catalog.instructions if not one.spaces], SLICE)
    some = replace(wanted, only=(*ALWAYS[name], *drawn))
    maker = Maker(some)
    for case in cases_of(some):
        assert isinstance(case, Case)
        yield maker, case


@pytest.mark.parametrize("name", ["isa-power7", "isa-ppc970", "isa-armv7ve"])
def test_instructions_agree_on_both_engines(name: str) -> None:
    """Expectations are the reference engine's; the native one meets them, in a machine that is reset in place."""
    needs = find_suite(name).machine
    done = set()
    with Machine(machine=needs.name, core=needs.core, memory=needs.memory) as machine:
        for maker, case in _some(name):
            made = maker.make(case)
            assert isinstance(made, MadeTest), made
            machine.load(made.elf)
            result = machine.run(max_instructions=200_000)
            assert result.outcome is Outcome.PASSED, (case.name, result.console.decode())
            done.add(case.name)
    assert done.issuperset(ALWAYS[name])
    assert len(done) > len(ALWAYS[name])


def test_nearly_every_instruction_of_power_has_its_test() -> None:
    """What has none is named in the suite's own file, or is a move of special registers, which has tests of its own."""
    covered = {
        what.partition(" ")[2]
        for case in _cases("isa-power7")
        for step in case.steps
        for what in step.covers
        if what.startswith("instruction ")
    }
    every = {form.instruction for form in load_core("power7").forms.values() if form.templates}
    left_out = {"sc", "bca", "mfspr", "mtspr", "mftb"}
    assert every - covered - left_out == set()


def test_each_special_purpose_register_is_moved_from_problem_state() -> None:
    """Both ways; which interrupt comes is the description's."""
    titles = [step.title for case in _cases("isa-power7") for step in case.steps]
    for register in ("LPCR", "SDR1", "XER", "DSCR"):
        assert sum(f"({register}) in problem state" in title for title in titles) >= 2
