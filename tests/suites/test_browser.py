"""The page of a run in a browser: what a person does with it, done by a script in headless Chromium."""

from __future__ import annotations

import json
import re
import struct
import subprocess
import zlib
from pathlib import Path

import pytest

from trapline.firmware.suites.catalogue import find_suite
from trapline.firmware.suites.making.build import Wanted, build_suite
from trapline.firmware.suites.reach.collecting import reach_of
from trapline.firmware.suites.reports.outcome import Reported
from trapline.firmware.suites.reports.page import page
from trapline.firmware.suites.reports.timeline import perfetto, timelines
from trapline.firmware.suites.reports.walks import walked
from trapline.firmware.suites.running.results import Ran, Result, Status
from trapline.firmware.suites.running.runner import BuiltSuite, RunOptions, run_suite
from trapline.firmware.suites.running.specs import parse_target
from trapline.firmware.suites.running.store import Store

from ..oracle import require
from ..patience import HANGS

SCRIPT = """
const said = {errors: window.pageErrors};
const visible = () => [...document.querySelectorAll("tr[data-status]")].filter((row) => !row.hidden).length;
const type = (id, value) => {
    const field = document.getElementById(id);
    field.value = value;
    field.dispatchEvent(new Event("input"));
};
said.all = visible();
type("search", "pages-001");
said.found = visible();
type("search", "no such words");
said.nothing = visible();
type("search", "");
type("status", "fail");
said.failed = visible();
said.words = document.querySelectorAll("tr[data-status=fail] table tr:not([hidden])").length;
type("status", "");
const paper = () => getComputedStyle(document.body).backgroundColor;
said.before = paper();
document.getElementById("theme").click();
said.after = paper();
document.getElementById("theme").click();
said.again = paper();
for (const one of document.querySelectorAll("details")) one.open = true;
const boxes = [...document.querySelectorAll("svg")].map((one) => one.getBoundingClientRect());
said.pictures = boxes.length;
said.flat = boxes.filter((box) => box.width < 100 || box.height < 10).length;
said.walks = document.querySelectorAll("svg.walks rect").length;
said.faults = document.querySelectorAll("svg.walks .w-fault").length;
said.hpt = document.querySelectorAll("svg.hpt rect.some").length;
said.changes = document.querySelectorAll("#changes tbody tr").length;
said.routes = document.querySelectorAll(".routing td.has").length;
said.meters = document.querySelectorAll(".reach meter").length;
said.wide = document.documentElement.scrollWidth > document.documentElement.clientWidth;
said.requests = performance.getEntriesByType("resource").length;
const told = document.createElement("pre");
told.id = "told";
told.textContent = JSON.stringify(said);
document.body.append(told);
"""
WRONG = """not ok 1 - <b>bold</b>
  ---
  rule: 'none'
  differences:
    - {word: r3, expected: 0x1, came: 0x2, mask: 0xff}
  ...
"""
_EARLY = "<script>window.pageErrors = []; addEventListener('error', (e) => window.pageErrors.push(e.message));</script>"


def chromium(*words: str) -> bytes:
    """Runs it without a display, a network or a home."""
    command = [require.oracle("chromium"), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    command += ["--hide-scrollbars", "--force-color-profile=srgb", *words]
    done = subprocess.run(command, capture_output=True, check=False, timeout=HANGS)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    return done.stdout


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Reported:
    """Tests with page walks and changes of the page table, one of which is told to have failed."""
    folder = tmp_path_factory.mktemp("browser")
    build_suite(Wanted(find_suite("translation"), seed=1, only=("pages-001", "pages-002")), folder / "built")
    suite = BuiltSuite.read(folder / "built")
    spec = parse_target("trapline:reference", suite.manifest.machine, suite.manifest.limits)
    with Store(folder / "results.sqlite") as store:
        run_suite(suite, suite.manifest.tests, spec, RunOptions(jobs=1), store)
    reach_of(suite)
    found = Reported.read(suite, folder / "results.sqlite")
    bad = Result("pages-002", Status.FAIL, Ran("failed", "no", WRONG, 1, 0.1), 1)
    return Reported(found.record, suite, (found.results[0], bad))


@pytest.fixture(scope="module")
def text(reported: Reported) -> str:
    """The page, with everything that it can have."""
    before = Reported(reported.record, reported.suite, reported.results[:1])
    return page([reported], [before], timelines(reported), walked(reported))


def test_a_person_can_search_choose_and_look(text: str, tmp_path: Path) -> None:
    """Search, statuses, themes, pictures of a size, no error, no request to anywhere."""
    file = tmp_path / "page.html"
    file.write_text(text.replace("<head>", f"<head>{_EARLY}").replace("</body>", f"<script>{SCRIPT}</script></body>"))
    dom = chromium("--dump-dom", f"--user-data-dir={tmp_path / 'home'}", file.as_uri()).decode()
    found = re.search(r'<pre id="told">(.*?)</pre>', dom)
    assert found is not None, dom[-2000:]
    said = json.loads(found[1])
    assert said["errors"] == []
    assert (said["all"], said["found"], said["nothing"], said["failed"]) == (2, 1, 0, 1)
    assert said["words"] == 2, "what came is there while failures are chosen"
    assert said["before"] != said["after"]
    assert said["again"] == said["before"]
    assert said["pictures"] >= 4
    assert said["flat"] == 0
    assert said["walks"] > 20
    assert said["faults"] > 0
    assert said["hpt"] > 0
    assert said["changes"] == 1
    assert said["meters"] > 5
    assert said["routes"] >= 2
    assert not said["wide"]
    assert said["requests"] == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_seen_is_a_page_in_both_schemes(text: str, scheme: str, tmp_path: Path) -> None:
    """A screenshot has paper and ink of the scheme, and is not blank."""
    file, shot = tmp_path / "page.html", tmp_path / "shot.png"
    file.write_text(text.replace('<html lang="en">', f'<html lang="en" class="{scheme}">'))
    chromium(f"--screenshot={shot}", "--window-size=800,600", f"--user-data-dir={tmp_path / 'home'}", file.as_uri())
    colours = _colours(shot.read_bytes())
    paper = max(colours, key=lambda one: colours[one])
    assert paper == ((0xFF, 0xFF, 0xFF) if scheme == "light" else (0x16, 0x18, 0x1C))
    assert len(colours) > 20
    assert sum(colours.values()) - colours[paper] > 5000


def _colours(png: bytes) -> dict[tuple[int, int, int], int]:
    """How often each colour is in a PNG file of 8 bits a channel (ISO/IEC 15948, section 9)."""
    at, data, width, channels = 8, b"", 0, 3
    while at < len(png):
        (length,), kind = struct.unpack_from(">I", png, at), png[at + 4 : at + 8]
        body = png[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            width, _, depth, colour = struct.unpack_from(">IIBB", body)
            assert depth == 8
            channels = {2: 3, 6: 4}[colour]
        elif kind == b"IDAT":
            data += body
        at += 12 + length
    raw, row = zlib.decompress(data), bytearray(width * channels)
    found: dict[tuple[int, int, int], int] = {}
    for start in range(0, len(raw), 1 + len(row)):
        row = _unfiltered(raw[start], raw[start + 1 : start + 1 + len(row)], row, channels)
        for at in range(0, len(row), channels):
            colour = (row[at], row[at + 1], row[at + 2])
            found[colour] = found.get(colour, 0) + 1
    return found


def _unfiltered(kind: int, line: bytes, above: bytearray, channels: int) -> bytearray:
    row = bytearray(line)
    for at in range(len(row)):
        left = row[at - channels] if at >= channels else 0
        corner = above[at - channels] if at >= channels else 0
        guess = (0, left, above[at], (left + above[at]) // 2, _nearest(left, above[at], corner))[kind]
        row[at] = row[at] + guess & 0xFF
    return row


def _nearest(left: int, above: int, corner: int) -> int:
    estimate = left + above - corner
    return min((left, above, corner), key=lambda one: abs(estimate - one))


def test_the_trace_is_one_that_a_viewer_takes(reported: Reported) -> None:
    """Chrome's trace event format: every event has what its phase needs, within its test's time."""
    whole = json.loads(perfetto(timelines(reported)))
    assert whole["displayTimeUnit"] == "ns"
    spans = {(one["pid"], one["tid"]): one["dur"] for one in whole["traceEvents"] if one["ph"] == "X"}
    instants = [one for one in whole["traceEvents"] if one["ph"] == "i"]
    assert instants
    for one in instants:
        assert one["s"] == "t"
        assert 0 <= one["ts"] <= spans[one["pid"], one["tid"]]
        assert one["name"]
    names = {one["args"]["name"] for one in whole["traceEvents"] if one["ph"] == "M" and one["name"] == "process_name"}
    assert names == {"translation/pages-001", "translation/pages-002"}
