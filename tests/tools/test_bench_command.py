"""`trapline bench` as a person runs it, on one small kernel."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from trapline.tools.bench.catalogue import KERNELS

SVG = "{http://www.w3.org/2000/svg}"


def bench(*arguments: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, with another PATH if one is given."""
    environment = dict(os.environ) if path is None else os.environ | {"PATH": path}
    return subprocess.run(
        [sys.executable, "-m", "trapline", "bench", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env=environment,
    )


@pytest.fixture(scope="module")
def without_peers(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any], str]:
    """A run with nothing in PATH: what it printed, its JSON and its SVG."""
    folder = tmp_path_factory.mktemp("bench")
    done = bench(
        *("--kernel", "calls", "--kernel", "mmio", "--samples", "2", "--seconds", "0.01"),
        *("--json", str(folder / "o.json"), "--svg", str(folder / "o.svg")),
        path=str(folder),
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, json.loads((folder / "o.json").read_text()), (folder / "o.svg").read_text()


def test_missing_peers_are_named_with_what_to_install(without_peers: tuple[str, dict[str, Any], str]) -> None:
    """Both emulators and the compilers; the bench goes on with what is there, in assembly."""
    printed, document, _ = without_peers
    reasons = {(one["arch"], one["peer"]): one["reason"] for one in document["missing"]}
    assert "Debian package qemu-system-ppc" in reasons["power", "qemu"]
    assert "Debian package qemu-system-arm" in reasons["arm", "qemu"]
    assert "Debian package gcc-powerpc64-linux-gnu" in reasons["power", "C form"]
    assert "Debian package gcc" in reasons["arm", "host"]
    # Rich may break a line anywhere.
    flat = " ".join(printed.split())
    assert all(" ".join(reason.split()) in flat for reason in reasons.values())
    assert {one["form"] for one in document["measurements"]} == {"asm"}


def test_the_file_has_the_times(without_peers: tuple[str, dict[str, Any], str]) -> None:
    """Format 1: what it was measured with, samples and medians."""
    _, document, _ = without_peers
    assert document["format"] == 1
    assert document["clock"] == "cpu"
    assert document["machine"].keys() >= {"processor", "python", "llvmlite", "qemu-power", "qemu-arm"}
    assert document["failures"] == []
    by_peer = {(one["arch"], one["kernel"], one["peer"]): one for one in document["measurements"]}
    native = by_peer["power", "calls", "native"]
    assert len(native["seconds"]) == len(native["wall_seconds"]) == 2
    assert min(native["seconds"]) <= native["median"] <= max(native["seconds"])
    assert native["instructions_per_second"] == pytest.approx(native["instructions"] / native["median"])
    assert by_peer["arm", "mmio", "native"]["events_per_second"] > 0
    assert ("power", "calls", "reference") in by_peer
    assert document["targets"] == []  # two kernels are not what targets are about


def test_the_picture_is_well_formed(without_peers: tuple[str, dict[str, Any], str]) -> None:
    """One panel an architecture, with a dot for each peer and kernel."""
    _, document, text = without_peers
    root = ElementTree.fromstring(text)
    assert root.tag == f"{SVG}svg"
    titles = [one.text or "" for one in root.iter(f"{SVG}text")]
    assert sum(": speed, " in title for title in titles) == 2
    peers = {(one["arch"], one["peer"]) for one in document["measurements"]}
    dots = list(root.iter(f"{SVG}circle"))
    assert len(dots) == len(document["measurements"]) + len(peers)
    width, height = float(root.get("width", "0")), float(root.get("height", "0"))
    assert all(0 < float(one.get("cx", "0")) < width and 0 < float(one.get("cy", "0")) < height for one in dots)


def test_the_kernels_are_listed() -> None:
    """`--list` measures nothing."""
    done = bench("--list")
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines()] == [kernel.name for kernel in KERNELS]


def test_a_profile_names_the_functions_that_take_part() -> None:
    """A device's 1000 loads pass through Python, one by one: something of ours is called for each of them."""
    done = bench("--profile", "--kernel", "mmio", "--arch", "arm", "--seconds", "0.01")
    assert done.returncode == 0, done.stderr
    rows = [line.rsplit(maxsplit=4) for line in done.stdout.splitlines() if line.rstrip().endswith("%")]
    calls = {row[0].strip(): float(row[1].replace(",", "")) for row in rows}
    assert len(calls) == 12
    assert any(count >= 1000 and ".py:" in place for place, count in calls.items())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--kernel", "quiksort"), "there is no kernel 'quiksort'"),
        (("--arch", "mips"), "there is no architecture 'mips' to measure"),
        (("--clock", "sun"), "there is no clock 'sun'"),
        (("--form", "cobol"), "kernels have no form 'cobol'"),
    ],
)
def test_a_mistake_is_one_message(arguments: tuple[str, str], message: str) -> None:
    """Status 2, and nothing is measured."""
    done = bench(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_c_without_a_compiler_is_refused(tmp_path: Path) -> None:
    """Asked for by name, the C form is not replaced in silence."""
    done = bench("--form", "c", "--arch", "arm", path=str(tmp_path))
    assert done.returncode == 2
    assert "arm-linux-gnueabihf-gcc is not installed" in done.stderr
