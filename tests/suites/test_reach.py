"""What tests execute is known statement by statement, and steers what is made; a library is read once for all tests."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace

import pytest

from trapline.asmgen.linking.modules import Module
from trapline.asmgen.linking.objects import read_object
from trapline.asmgen.target.traits import ElfTraits
from trapline.firmware.suites.making.build import MadeTest, Maker, Wanted, cases_of
from trapline.firmware.suites.making.case import Case
from trapline.firmware.suites.reach.collecting import Reach, kept_reach, reach_of
from trapline.firmware.suites.reach.parts import parts
from trapline.firmware.suites.reach.steering import weights
from trapline.firmware.suites.reach.told import covered, told
from trapline.firmware.suites.running.runner import BuiltSuite
from trapline.isa.lang.load import load_core
from trapline.isa.model.items import Description
from trapline.tools.mutate.breakages import all_breakages
from trapline.tools.mutate.suites import Slice, chosen


@pytest.fixture(scope="module")
def power7() -> Description:
    """The description of the small suite's core."""
    return load_core("power7")


@pytest.fixture(scope="module")
def built(built: BuiltSuite, tmp_path_factory: pytest.TempPathFactory) -> BuiltSuite:
    """A copy of the small suite, since what is collected is kept beside it."""
    copy = tmp_path_factory.mktemp("reach") / "small"
    shutil.copytree(built.folder, copy)
    return BuiltSuite.read(copy)


@pytest.fixture(scope="module")
def reach(built: BuiltSuite) -> Reach:
    """Of the small suite."""
    return reach_of(built)


def test_a_test_executes_the_statements_of_its_call(reach: Reach, power7: Description) -> None:
    """H_READ's body by the tests of H_READ; nothing of H_ENTER's but what the library enters itself by."""
    named = {part.name: part for part in parts(power7) if part.kind == "hcall"}
    of_read = named["H_READ"].lines - named["H_REMOVE"].lines
    assert of_read & reach.lines
    tests = {reach.tests[test] for line in of_read & reach.lines for test in reach.described[line]}
    assert any(one.startswith("H_READ") for one in tests)
    assert not (named["H_BULK_REMOVE"].lines - named["H_READ"].lines - named["H_REMOVE"].lines) <= reach.lines


def test_lines_of_the_models_are_known_by_file(reach: Reach) -> None:
    """An area is registered by the model's Python: which tests do it is told by file and line."""
    areas = reach.models["server/hv/book3s/thread/vpa.py"]
    tests = {reach.tests[test] for some in areas.values() for test in some}
    assert {"H_REGISTER_VPA-001", "H_REGISTER_VPA-002"} & tests
    assert all(file.startswith(("server/hv/", "server/boards/power/papr/")) for file in reach.models)


def test_what_was_collected_is_kept_beside_the_suite(built: BuiltSuite, reach: Reach) -> None:
    """Read back as it was; another description's is not believed."""
    assert kept_reach(built) == reach
    assert reach_of(built) == reach


def test_what_is_not_reached_gets_more_weight(
    built: BuiltSuite, wanted: Wanted, reach: Reach, power7: Description
) -> None:
    """A call of which statements or codes are missing has more rows; one that is whole has not; the same each time."""
    found = dict(weights(built, reach, power7))
    assert found == dict(weights(built, reach, power7))
    assert found["H_BULK_REMOVE"] > 1
    assert all(1 < weight <= 4 for weight in found.values())
    whole = Reach(reach.description, reach.tests, {line: [0] for part in parts(power7) for line in part.lines}, {})
    assert "H_BULK_REMOVE" not in dict(weights(built, whole, power7))

    def count(wanted: Wanted) -> int:
        return sum(one.name.startswith("H_BULK_REMOVE-0") for one in cases_of(wanted))

    every = replace(wanted, only=())
    assert count(replace(every, weights=(("H_BULK_REMOVE", 2.0),))) > count(every)


def test_it_is_told_with_the_places_of_what_is_missing(reach: Reach, power7: Description) -> None:
    """How many statements of how many, then parts with file and lines."""
    lines = list(told(reach, power7))
    assert "statements of power7 are executed" in lines[0]
    assert any("hcall" in line and "power/hypervisor/hcalls_hpt.isa:" in line for line in lines)
    for one in covered(reach, power7):
        assert sum(len(some) for some in one.missing.values()) == one.all - one.run


def test_a_breakage_is_judged_by_tests_that_execute_its_line(
    built: BuiltSuite, reach: Reach, power7: Description
) -> None:
    """Of a model, of a description, and of neither: then by some of all."""
    slices = [Slice(built, reach, tuple(power7.files), "power")]
    breakages = {f"{one.file} {one.line}": one for one in all_breakages()}
    area = next(one for name, one in breakages.items() if "vpa.py" in name and "log_index" not in name)
    names = [path.rsplit("/", 1)[1] for path in chosen(area, slices, 3)]
    assert names
    assert len(names) <= 8
    arm = next(one for name, one in breakages.items() if name.startswith("isa/arch/arm"))
    assert chosen(arm, slices, 3) == []


def test_the_guest_library_is_read_once_for_all_tests(wanted: Wanted, monkeypatch: pytest.MonkeyPatch) -> None:
    """The objects of the library, then one for each test; and each test is what it is by itself."""
    names: list[str] = []

    def counted(name: str, data: bytes, traits: ElfTraits, big_endian: bool, relocations: Mapping[int, str]) -> Module:
        names.append(name)
        return read_object(name, data, traits, big_endian, relocations)

    monkeypatch.setattr("trapline.asmgen.link_files.read_object", counted)
    maker = Maker(wanted)
    cases = [one for one in cases_of(wanted) if isinstance(one, Case)][:3]
    made = [maker.make(one) for one in cases]
    assert names == [
        "suite_power.s",
        "suite_power_vectors.s",
        "suite_power_console.s",
        "suite_power_alone.s",
        *(f"{one.name}.s" for one in cases),
    ]
    again = Maker(wanted).make(cases[2])
    assert isinstance(again, MadeTest)
    assert isinstance(made[2], MadeTest)
    assert again.elf == made[2].elf
