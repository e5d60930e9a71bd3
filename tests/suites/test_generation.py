"""What a built suite is: the same for the same seed, from the description alone, with expectations that can fail."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from trapline.firmware.suites.catalogue import find_suite, generator_of
from trapline.firmware.suites.making.build import MadeTest, Maker, Wanted, build_suite, cases_of, pack
from trapline.firmware.suites.making.case import Case, Check, LeftOut, Step
from trapline.firmware.suites.making.context import Context
from trapline.firmware.suites.making.manifest import CaseManifest, schema
from trapline.firmware.suites.making.rules import Rules
from trapline.firmware.suites.running.runner import BuiltSuite
from trapline.isa.errors import TraplineError
from trapline.isa.lang.load import load_core
from trapline.server.machine.elf import parse_elf

from .conftest import NAMES

NEW_CALL = """argument_class box_number : u64 "Number of a box" { valid 0 .. 9  invalid 10 }
hypercall H_OPEN_BOX = 0x7F00 "Open a box" in papr real_mode {
    arguments  box : box_number
    returns    H_SUCCESS(found : u64) | H_PARAMETER
    body {
        if box > 9 { return H_PARAMETER }
        return H_SUCCESS(box + 1)
    }
}
"""


@pytest.fixture(scope="module")
def maker(wanted: Wanted) -> Maker:
    """Makes single tests."""
    return Maker(wanted)


def _case(*steps: Step) -> Case:
    return Case("one", "a test", steps)


def test_the_same_seed_makes_the_same_bytes(built: BuiltSuite, wanted: Wanted, tmp_path: Path) -> None:
    """Also when another process makes it; another seed makes other values."""
    again = tmp_path / "small"
    build_suite(wanted, again)
    for one in sorted(built.folder.rglob("*")):
        if one.is_file():
            assert one.read_bytes() == (again / one.relative_to(built.folder)).read_bytes(), one
    pack(again, tmp_path / "a.tar.xz")
    pack(built.folder, tmp_path / "b.tar.xz")
    assert (tmp_path / "a.tar.xz").read_bytes() == (tmp_path / "b.tar.xz").read_bytes()
    titles = {one.name: one.title for one in cases_of(wanted)}
    others = {one.name: one.title for one in cases_of(replace(wanted, seed=2))}
    assert titles != others


def test_each_test_is_an_elf_file_with_symbols_and_lines_and_a_manifest(built: BuiltSuite) -> None:
    """Its manifest names seed, description, expectations, book and section; its source is commented."""
    assert [one.name for one in built.manifest.tests] == [name for name in _order() if name in NAMES]
    for one in built.manifest.tests:
        elf = parse_elf((built.folder / one.elf).read_bytes(), one.elf)
        assert {"_start", "suite_main", "suite_end", "step_1", f"step_{one.steps}_last"} <= elf.symbols.keys()
        assert b".debug_line" in elf.raw
        found = msgspec.json.decode((built.folder / one.manifest).read_bytes(), type=CaseManifest)
        assert (found.seed, found.core, len(found.steps)) == (1, "power7", one.steps)
        assert found.description == load_core("power7").fingerprint
        assert all(step.expected and "section" in step.rule for step in found.steps)
        text = (built.folder / one.source).read_text()
        assert f"# Step 2: {found.steps[1].title}" in text
        assert str(Path.home()) not in text
    assert b"/tmp/" not in (built.folder / "suite.json").read_bytes()


def _order() -> list[str]:
    return [one.name for one in cases_of(Wanted(find_suite("papr-hcalls"), 1))]


def test_the_source_is_the_test(built: BuiltSuite, maker: Maker) -> None:
    """Its text, with the values that the reference engine gave, assembles to the very file that was patched."""
    for one in built.manifest.tests[:4]:
        text = (built.folder / one.source).read_text()
        assert maker.assembled(one.name, text) == (built.folder / one.elf).read_bytes()


def test_a_new_call_in_a_description_has_its_tests(tmp_path: Path) -> None:
    """With no other line anywhere: values of its class, what its body answers, what its returns allow."""
    change = tmp_path / "box.isa"
    change.write_text(NEW_CALL)
    whole = Wanted(find_suite("papr-hcalls"), 1, changes=(str(change),))
    names = [one.name for one in cases_of(whole) if one.name.startswith("H_OPEN_BOX")]
    assert len(names) >= 4
    maker = Maker(whole)
    answers = {}
    for case in cases_of(replace(whole, only=tuple(names))):
        assert isinstance(case, Case)
        made = maker.make(case)
        assert isinstance(made, MadeTest)
        if "problem-state" not in case.name:
            word = {one.word: one for one in made.expected[1]}
            answers[case.title] = (word["r3"].note, word["r4"].value if word["r4"].mask else None)
    assert answers["H_OPEN_BOX(box=0x9)"] == ("H_SUCCESS", 10)
    assert answers["H_OPEN_BOX(box=0xa)"] == ("H_PARAMETER", None)


def test_every_call_of_the_description_is_crossed_and_tried_from_problem_state() -> None:
    """One or more tests each; each pair of values of two arguments is there under --full."""
    calls = [one for one in load_core("power7").hypercalls.values() if one.abi == "papr"]
    names = _order()
    for call in calls:
        assert f"{call.name}-001" in names
        assert f"{call.name}-problem-state" in names
    suite = find_suite("papr-hcalls")
    every = generator_of(suite)(Context(suite, 1, full=True))
    made = [one.name for one in itertools.takewhile(lambda one: not one.name.startswith("H_EOI"), every)]
    assert sum(name.startswith("H_REGISTER_VPA-") for name in made) > 4 * sum(
        name.startswith("H_REGISTER_VPA-") for name in names
    )


def test_a_case_that_comes_to_no_end_is_left_out_with_the_reason(maker: Maker) -> None:
    """Never dropped in silence, never a test that cannot pass."""
    for code, reason in (
        ("1: b 1b", "branches to itself"),
        ("1: addi r3, r3, 1; b 1b", "it is in step 1"),
        ("load64 r3, 0xF000; load32 r4, suite_rtas; sc 1", "power-off"),
    ):
        made = maker.make(_case(Step("stuck", tuple(code.split("; ")), (Check("r3"),))))
        assert isinstance(made, LeftOut)
        assert reason in made.reason


def test_a_case_whose_assembly_is_wrong_is_named() -> None:
    """With the assembler's words."""
    wanted = Wanted(find_suite("papr-hcalls"), 1)
    with pytest.raises(TraplineError, match=r"test one cannot be assembled: [^/]*one\.s:\d+:\d+: error: .*'adi'"):
        Maker(wanted).make(_case(Step("wrong", ("adi r3, r3, 1",), (Check("r3"),))))


def test_only_what_chance_has_drawn_is_left_out_where_it_cannot_be_assembled(maker: Maker) -> None:
    """And the manifest says why."""
    wrong = msgspec.structs.replace(_case(Step("wrong", ("adi r3, r3, 1",), (Check("r3"),))), is_drawn=True)
    made = maker.make(wrong)
    assert isinstance(made, LeftOut)
    assert "it cannot be assembled" in made.reason
    assert "'adi'" in made.reason


def test_an_interrupt_is_a_check_like_any_other(maker: Maker) -> None:
    """A load from nowhere leaves its vector, address and syndrome; a trap its reason; the next step goes on."""
    made = maker.make(
        _case(
            Step("trap", ("trap",), (Check("trap"), Check("srr1", 0x20000))),
            Step("on", ("li r5, 7",), (Check("trap"), Check("r5"), Check("r6"))),
        )
    )
    assert isinstance(made, MadeTest)
    assert [one.value for one in made.expected[0]] == [0x700, 0x20000]
    assert [one.value for one in made.expected[1]] == [0, 7, 0x0606060606060606]


def test_the_schema_takes_what_is_written(built: BuiltSuite) -> None:
    """Every member that a manifest has is named in it, and the published file is it."""
    published = json.loads((built.folder / "manifest.schema.json").read_text())
    assert published == json.loads(json.dumps(schema()))
    docs = Path(__file__).resolve().parents[2] / "docs" / "reference" / "suite-manifest.schema.json"
    assert published == json.loads(docs.read_text())
    for kind, file in (("SuiteManifest", "suite.json"), ("CaseManifest", built.manifest.tests[0].manifest)):
        written = json.loads((built.folder / file).read_text())
        assert written.keys() == published["$defs"][kind]["properties"].keys()
        assert set(published["$defs"][kind]["required"]) == written.keys()


def test_rules_are_the_books_of_the_descriptions_files() -> None:
    """Book, section and line, for calls and instructions alike."""
    power = load_core("power7")
    rules = Rules(power)
    read = rules.at(power.hypercalls["H_READ"].line)
    assert read.startswith('PAPR 2.x, section 14.5.4.1 "Page Frame Table Access" (power/hypervisor/hcalls_hpt.isa:')
    add = next(form for form in power.forms.values() if form.instruction == "add")
    assert rules.at(add.line).startswith("Power ISA 2.06 Book I, section 3.3.8")
