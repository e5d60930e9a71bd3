"""The suites that come with Trapline: each makes tests about what it is named for, and native code passes them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from trapline.firmware.suites.catalogue import find_suite, shipped_suites
from trapline.firmware.suites.making.build import MadeTest, Maker, Wanted, cases_of
from trapline.firmware.suites.making.case import Case
from trapline.firmware.suites.running.specs import parse_target
from trapline.firmware.suites.running.targets import open_target

SLICES: dict[str, tuple[tuple[str, ...], set[int]]] = {
    "absent-hpte-mmio": (
        ("access-lhbrx", "access-stwu", "entry-secondary", "call-remove"),
        {0, 0x300, 0xC00},
    ),
    "interrupts": (("cause-trap", "masked-rfid", "points-decrementer-1", "priority-3"), {0x700, 0x900, 0xD00}),
    "translation": (("pages-001", "pages-002", "pages-003"), {0, 0x300, 0xC00}),
    "translation-ppc970": (("pages-002",), {0x300}),
    "vpa": (("registrations-001", "count-H_CEDE"), {0}),
    "tce": (("put-003", "filled-001"), set()),
    "vrma-rma": (("edge-std", "fetch-4"), {0, 0x300}),
    "smt-cede": (("ring-001",), {0}),
    "book3s-exits": (("exits-001", "exits-002"), {0}),
    "stage2": (("tables-002", "tables-003"), {0, 0x114}),
    "translation-armv7ve": (("tables-001", "tables-003"), {0, 0xC, 0x10}),
    "world-switch": (("guest-cp15-00", "bit-hcr-tsc", "bit-hstr-t9"), {0, 4, 0x114}),
    "vfp-lazy": (("vadd.f32-closed", "given-vmov-core"), {0, 4, 0x114}),
    "hvc-abi": (("PSCI_AFFINITY_INFO-001", "unassigned-00000000", "way-hvc-user", "way-smc-0"), {0, 4}),
    "kvm-arm": (
        ("register-cp15-00", "condition-l2ctlr", "port-loads-fiq", "nowhere-fetch", "misaligned", "interrupt-taken"),
        {0, 4, 0xC, 0x10, 0x18},
    ),
    "gic": (("registers-00", "registers-16", "priorities-01", "lists-01"), {0}),
    "psci": (("PSCI_FEATURES-001", "start-PSCI_CPU_ON-t32", "way-smc-0"), {0}),
}
"""Cases of each suite, and vectors in which steps of theirs end (0: none)."""


def made(name: str, cases: tuple[str, ...]) -> list[MadeTest]:
    """Tests out of a suite."""
    wanted = Wanted(find_suite(name), seed=1, only=cases)
    maker = Maker(wanted)
    found = [maker.make(one) for one in cases_of(wanted) if isinstance(one, Case)]
    assert len(found) == len(cases)
    return [one for one in found if isinstance(one, MadeTest)]


@pytest.mark.parametrize("name", SLICES)
def test_a_suite_is_about_its_subject_and_passes_on_the_other_engine(name: str, tmp_path: Path) -> None:
    """Steps end in the vectors that the subject has, as the reference engine says; native code does the same."""
    cases, vectors = SLICES[name]
    tests = made(name, cases)
    assert len(tests) == len(cases)
    traps = Counter(one.value for test in tests for step in test.expected for one in step if one.word == "trap")
    assert vectors <= set(traps), traps
    suite = find_suite(name)
    target = open_target(parse_target("trapline", suite.machine, suite.limits))
    for test in tests:
        elf = tmp_path / f"{test.case.name}.elf"
        elf.write_bytes(test.elf)
        ran = target.run(elf)
        assert ran.passed, f"{test.case.name}: {ran.reason}\n{ran.console[-2000:]}"
    target.close()


def test_what_is_privileged_is_executed_in_problem_state() -> None:
    """Problem state is translated: without a page of its own a test there ends at its first fetch (0x480), whatever the
    instruction does. It ends in a program interrupt, and what is allowed at the system call behind it."""
    cases = cases_of(Wanted(find_suite("isa-power7"), seed=1))
    (test,) = made("isa-power7", (next(one.name for one in cases if isinstance(one, Case) and "spr" in one.tags),))
    traps = {
        step.title.split(" in ")[0]: checks[0].value
        for step, checks in zip(test.case.steps, test.expected, strict=True)
    }
    assert traps["mfspr r3, 8 (LR)"] == traps["mtspr 8, r4 (LR)"] == 0xC00, traps
    assert set(traps.values()) == {0xC00, 0x700}


@pytest.mark.parametrize("name", sorted(one.name for one in shipped_suites()))
def test_every_suite_makes_its_cases(name: str) -> None:
    """Whatever has become of the description that they are made from: none of them is found broken by a user."""
    assert any(isinstance(one, Case) for one in cases_of(Wanted(find_suite(name), seed=1)))


def test_every_suite_of_the_list_is_there() -> None:
    """What the documentation promises, by name; each has cases, all of different names (checked as they are made)."""
    names = {one.name for one in shipped_suites()}
    assert names >= SLICES.keys()
    text = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "suites.md").read_text()
    assert all(f"`{name}`" in text for name in names), [name for name in names if f"`{name}`" not in text]
