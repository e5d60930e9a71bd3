"""Timelines: what happened in a test in guest time, as pictures of the page and as a trace for Perfetto."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from trapline.firmware.suites.reports.outcome import Reported
from trapline.firmware.suites.reports.page import page
from trapline.firmware.suites.reports.pictures import page_table_picture, timeline_picture
from trapline.firmware.suites.reports.timeline import Timeline, perfetto, timelines
from trapline.firmware.suites.running.runner import BuiltSuite, RunOptions, run_suite
from trapline.firmware.suites.running.specs import parse_target
from trapline.firmware.suites.running.store import Store


@pytest.fixture(scope="module")
def reported(built: BuiltSuite, tmp_path_factory: pytest.TempPathFactory) -> Reported:
    """A run of three tests on the reference engine."""
    path = tmp_path_factory.mktemp("timelines") / "results.sqlite"
    spec = parse_target("trapline:reference", built.manifest.machine, built.manifest.limits)
    with Store(path) as store:
        number = run_suite(
            built, built.chosen(("H_READ-001", "H_CEDE-001", "sequence-001")), spec, RunOptions(jobs=1), store
        )
    return Reported.read(built, path, number)


@pytest.fixture(scope="module")
def found(reported: Reported) -> list[Timeline]:
    """Their timelines."""
    return timelines(reported)


def test_a_timeline_has_every_call_in_guest_time(reported: Reported, found: list[Timeline]) -> None:
    """In order, with arguments and results; the same as often as it is made; as many instructions as the run had."""
    assert [one.test for one in found] == [one.test for one in reported.results]
    for one, result in zip(found, reported.results, strict=True):
        times = [moment.time for moment in one.moments]
        assert times == sorted(times)
        assert one.end == result.run.instructions
        calls = [moment for moment in one.moments if moment.kind == "Hcall"]
        assert calls[0].name == "H_ENTER"
        assert calls[-1].name == "H_RTAS"
        assert all("arguments" in moment.details for moment in calls)
    assert timelines(reported) == found


def test_the_trace_is_what_perfetto_reads(found: list[Timeline]) -> None:
    """Chrome's JSON: a process for each test, threads for its vcpus, instants inside their slice."""
    trace = json.loads(perfetto(found))["traceEvents"]
    names = {one["args"]["name"] for one in trace if one["ph"] == "M" and one["name"] == "process_name"}
    assert names == {f"papr-hcalls/{one.test}" for one in found}
    slices = {(one["pid"], one["tid"]): one for one in trace if one["ph"] == "X"}
    assert len(slices) == len(found)
    instants = [one for one in trace if one["ph"] == "i"]
    assert len(instants) == sum(len(one.moments) for one in found)
    for one in instants:
        assert 0 <= one["ts"] <= slices[one["pid"], one["tid"]]["dur"]


def test_the_page_has_pictures_that_are_svg(reported: Reported, found: list[Timeline], tmp_path: Path) -> None:
    """Well-formed, a mark for each event, titles that are escaped, groups of the page table that changed."""
    for one in found:
        top = ElementTree.fromstring(timeline_picture(one))
        assert len(top.findall("rect")) == len(one.moments)
        assert all(mark.findtext("title") for mark in top.findall("rect"))
    table = ElementTree.fromstring(page_table_picture(found[0]))
    changed = [mark for mark in table.findall("rect") if mark.get("class") == "some"]
    assert changed, "H_ENTER changes an entry"
    whole = page([reported], (), found)
    assert whole.count('<svg class="timeline"') == len(found)
    assert "<script>" in whole


def test_a_target_without_events_has_no_timelines(built: BuiltSuite, tmp_path: Path) -> None:
    """QEMU and commands tell of none."""
    spec = parse_target("command:true {elf}", built.manifest.machine, built.manifest.limits)
    with Store(tmp_path / "results.sqlite") as store:
        number = run_suite(built, built.chosen(("H_READ-001",)), spec, RunOptions(jobs=1), store)
    assert timelines(Reported.read(built, tmp_path / "results.sqlite", number)) == []
