"""Claims about `trapline bench --whole`: whole processes, whose results are compared, and paired ratios."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from trapline.isa.errors import TraplineError
from trapline.server.boards.machine import MachineOptions
from trapline.server.boards.registry import build_machine
from trapline.tools.bench.architectures import ARCHITECTURES, ARM, POWER, Architecture
from trapline.tools.bench.timing import PeerError
from trapline.tools.bench.whole import guests
from trapline.tools.bench.whole import run as whole
from trapline.tools.bench.whole.caches import Cache
from trapline.tools.bench.whole.peers import FIRST, INTERPRETER, QEMU, SECOND
from trapline.tools.bench.whole.processes import run
from trapline.tools.bench.whole.report import show_whole, write_whole
from trapline.tools.bench.whole.run import Row, WholeResults, _edits
from trapline.tools.bench.whole.works import linux_works, works

SAYS = "import sys; print('T 0000002A'); sys.exit({status})"


def _ends(guest: guests.Guest, vcpus: int = 1) -> str:
    """What a guest prints on our machine."""
    options = MachineOptions(vcpus=vcpus, engine="native")
    machine = build_machine(guest.program.loaded(guest.counts), guest.program.machine, options)
    said = bytearray()
    machine.console.add_sink(said.extend)
    assert machine.run(100_000_000).status == 0, said
    return said.decode()


@pytest.mark.parametrize("arch", ARCHITECTURES, ids=lambda arch: arch.name)
def test_guests_end_with_a_checksum_and_a_verdict(arch: Architecture) -> None:
    """The tiny one, the one for an edited instruction, code that runs once, and two vcpus that count under one lock."""
    assert "T 00000001" in _ends(guests.tiny(arch))
    assert ("T FFFFFFF9" if arch == POWER else "T A0000000") in _ends(guests.edited(arch))
    assert "T 00000FA0" in _ends(guests.contended(arch, 2000), 2)


def test_a_process_is_timed_to_its_end() -> None:
    """Its time with that of its children, and the last checksum that it printed."""
    took = run([sys.executable, "-c", SAYS.format(status=0)], {}, 60, True)
    assert took.checksum == "0000002A"
    assert took.wall > 0
    assert took.cpu > 0


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (SAYS.format(status=3), "status 3"),
        ("print('hello')", "hello"),
        ("import time; time.sleep(60)", "had not ended after 0 s"),
    ],
)
def test_a_process_that_fails_gives_no_time(program: str, message: str) -> None:
    """Another status than 0, no checksum, no end."""
    with pytest.raises(PeerError, match=message):
        run([sys.executable, "-c", program], {}, 0.3 if "sleep" in program else 60, True)


def test_native_code_is_there_before_a_guest_is_timed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is built first, by a command that prints no checksum; then each guest runs once and has to print one."""
    order = tmp_path / "order"
    note = f"import sys; open({str(order)!r}, 'a').write(sys.argv[1] + ' ')"
    monkeypatch.setenv("TRAPLINE_CACHE", str(tmp_path / "own"))
    monkeypatch.setattr(whole, "trapline", lambda: [sys.executable, "-c", note])
    guest = [sys.executable, "-c", f"{note}; print('T 0000002A')", "guest"]
    whole._ready("power7", [guest, guest], Cache(tmp_path / "whole"))
    assert order.read_text() == "isa guest guest "
    with pytest.raises(PeerError, match="said nothing"):
        whole._ready("power7", [[sys.executable, "-c", note, "guest"]], Cache(tmp_path / "again"))


def test_ratios_are_of_one_sample_each() -> None:
    """A machine that was slow for one sample was slow for all peers of it."""
    seconds: dict[str, tuple[float, ...]] = {
        "qemu": (1.0, 10.0, 1.0),
        "first": (2.0, 20.0, 1.0),
        "interpreter": (4.0, 40.0, 1.0),
    }
    row = Row("arm", "tiny", "", seconds, (0.5, 0.5))
    against = row.ratio(FIRST, QEMU)
    assert against is not None
    assert (against.median, against.low, against.high) == (0.5, 0.5, 1.0)
    assert row.ratio(SECOND, QEMU) is None
    assert row.time(INTERPRETER) is not None


def test_results_are_shown_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All samples in the file; in the table what was missing and what failed, too."""
    from rich.console import Console

    row = Row("arm", "tiny", "", {"qemu": (1.0,), "first": (2.0,)}, (0.5, 0.5))
    results = WholeResults("wall", [row], ["no compiler"], ["arm: edit: it died"])
    show_whole(results, Console(width=150))
    shown = capsys.readouterr().out
    assert all(text in shown for text in ("0.50", "no compiler", "it died", "wall"))
    write_whole(tmp_path / "x.json", results)
    assert json.loads((tmp_path / "x.json").read_text())["results"]["rows"][0]["seconds"]["first"] == [2.0]


def test_a_first_run_finds_no_regions_of_earlier_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a description needs stays, what guests left goes; the user's cache is only read."""
    own = tmp_path / "own"
    (own / "regions").mkdir(parents=True)
    (own / "x.native").write_text("native")
    (own / "regions" / "r").write_text("region")
    monkeypatch.setenv("TRAPLINE_CACHE", str(own))
    cache = Cache(tmp_path / "bench")
    cache.prepare(lambda: (cache.folder / "y.description").write_text("made"))
    (cache.folder / "regions").mkdir()
    (cache.folder / "regions" / "new").write_text("region")
    cache.forget()
    assert {path.name for path in cache.folder.rglob("*") if path.is_file()} == {"x.native", "y.description"}
    assert (own / "regions" / "r").exists()


@pytest.mark.parametrize("arch", ARCHITECTURES, ids=lambda arch: arch.name)
def test_each_edit_is_another_one(arch: Architecture, tmp_path: Path) -> None:
    """Else the second one would be found in the cache."""
    edits = _edits(arch, tmp_path)
    texts = [next(edits).read_text() for _ in range(3)]
    assert len(set(texts)) == 3
    assert all(text.startswith("replace instruction ") for text in texts)


def test_works_have_names_of_their_own() -> None:
    """Rows are told apart by them; the quick ones are a part of them all but for the smallest kernels."""
    names = [(work.arch.name, work.name) for work in works(ARCHITECTURES, False)]
    assert len(set(names)) == len(names)
    assert any(work.peers[0] is not QEMU for work in works((POWER,), True) if work.name == "world switch")
    assert all(work.peers[0] is QEMU for work in works((ARM,), True) if work.name == "world switch")


@pytest.mark.parametrize("text", ["vmlinux", "mips=vmlinux", "power=/nowhere/vmlinux"])
def test_a_kernel_is_named_with_its_architecture(text: str) -> None:
    """What cannot be read, or is not there, is told with the way out."""
    with pytest.raises(TraplineError) as caught:
        linux_works([text])
    assert caught.value.hint
