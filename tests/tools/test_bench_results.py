"""Times, ratios, targets, tables and files: what bench makes of what it has measured."""

from __future__ import annotations

import json
import sys
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from trapline.isa.errors import TraplineError
from trapline.tools.bench.catalogue import KERNELS, Kernel, Kind
from trapline.tools.bench.files import write_json
from trapline.tools.bench.peers.processes import run_process
from trapline.tools.bench.plot import draw
from trapline.tools.bench.report import show
from trapline.tools.bench.results import (
    HOST,
    INTERPRETER,
    NATIVE,
    QEMU,
    STEPS,
    Failure,
    Measurement,
    Missing,
    Outcome,
    Results,
)
from trapline.tools.bench.statistics import geometric_mean, summary
from trapline.tools.bench.targets import outcomes
from trapline.tools.bench.timing import Marks, PeerError

COMPUTE = [kernel for kernel in KERNELS if kernel.kind is Kind.COMPUTE]


def measured(kernel: Kernel, peer: str, *seconds: float, arch: str = "power") -> Measurement:
    """A measurement of a kernel that has a million instructions."""
    return Measurement(
        arch, kernel.name, kernel.kind.value, "asm", peer, 1, seconds, seconds, 1_000_000, kernel.events, kernel.unit
    )


def results(*measurements: Measurement) -> Results:
    """Results of nowhere."""
    return Results("0", "cpu", {}, list(measurements))


def by_title(found: list[Outcome], part: str) -> Outcome:
    """The one target whose title has that part."""
    (one,) = [outcome for outcome in found if part in outcome.title]
    return one


def test_a_summary_is_median_deviation_and_range() -> None:
    """The deviation is the median's own: one outlier does not move it."""
    one = summary([4.0, 1.0, 2.0, 3.0, 100.0])
    assert (one.median, one.deviation, one.low, one.high) == (3.0, 1.0, 1.0, 100.0)
    assert summary([2.0]).spread == 0
    with pytest.raises(ValueError, match="no samples"):
        summary([])


def test_geometric_means() -> None:
    """Twice and half cancel out; nothing has no mean."""
    mean = geometric_mean([2.0, 0.5, 8.0])
    assert mean == pytest.approx(2.0)
    assert geometric_mean([]) is None


def test_rounds_lie_between_marks_however_the_output_is_cut() -> None:
    """Lines may come in pieces; other lines do not count; the clock is read at each mark."""
    ticks = iter([1.0, 1.5, 3.5])
    marks = Marks(lambda: next(ticks))
    for piece in (b"T 000", b"00001\nhello\nT 0000", b"0002\n", b"T DEADBEEF\nPASS bench\n"):
        marks.feed(piece)
    rounds = marks.rounds(2)
    assert [(one.checksum, one.cpu) for one in rounds] == [(2, 0.5), (0xDEADBEEF, 2.0)]
    with pytest.raises(PeerError, match="3 marks instead of 4; it printed: T 00000001"):
        marks.rounds(3)


def test_a_peer_that_does_not_end_is_given_up() -> None:
    """The time limit holds also while it prints nothing."""
    with pytest.raises(PeerError, match="had not ended after 0 s"):
        run_process([sys.executable, "-c", "import time; time.sleep(60)"], 1, 0.3)


def test_a_peer_that_dies_is_told_with_its_complaint() -> None:
    """The status and what stood on standard error."""
    with pytest.raises(PeerError, match="ended with status 3: no such core"):
        run_process([sys.executable, "-c", "import sys; print('no such core', file=sys.stderr); sys.exit(3)"], 1, 30)


def test_ratios_are_of_medians() -> None:
    """How many times faster the first one is."""
    kernel = COMPUTE[0]
    found = results(measured(kernel, NATIVE, 1.0, 2.0, 9.0), measured(kernel, QEMU, 6.0))
    assert found.ratio("power", kernel.name, NATIVE, QEMU) == 3.0
    assert found.ratio("power", kernel.name, NATIVE, HOST) is None
    assert found.ratio("arm", kernel.name, NATIVE, QEMU) is None


@pytest.mark.parametrize(("factor", "met"), [(1.6, True), (1.4, False)])
def test_the_mean_against_qemu_decides(factor: float, met: bool) -> None:
    """1.5 times as fast over the compute kernels; other kernels do not count."""
    others = [kernel for kernel in KERNELS if kernel.kind is Kind.SYSTEM]
    found = results(
        *(measured(kernel, NATIVE, 1.0) for kernel in KERNELS),
        *(measured(kernel, QEMU, factor) for kernel in COMPUTE),
        *(measured(kernel, QEMU, 1000.0) for kernel in others),
    )
    mean = by_title(outcomes(found, "power"), "QEMU: geometric mean")
    assert mean.value == pytest.approx(factor)
    assert mean.met is met


def test_one_slow_kernel_is_named() -> None:
    """None may be below 0.8 times QEMU, whatever the mean."""
    found = results(
        *(measured(kernel, NATIVE, 1.0) for kernel in COMPUTE),
        *(measured(kernel, QEMU, 0.7 if kernel.name == "list" else 5.0) for kernel in COMPUTE),
    )
    slowest = by_title(outcomes(found, "power"), "QEMU: slowest kernel")
    assert (slowest.value, slowest.met, slowest.detail) == (0.7, False, "list")


def test_targets_of_other_kinds() -> None:
    """Native C, the interpreter tier's slowest kernel, events a second, compile time."""
    named = {kernel.name: kernel for kernel in KERNELS}
    steps = Measurement("power", STEPS, "system", "asm", NATIVE, 1, (1e-5,), (1e-5,), 1, 1, "steps")
    found = outcomes(
        results(
            measured(COMPUTE[0], NATIVE, 3.0),
            measured(COMPUTE[0], HOST, 1.0),
            measured(COMPUTE[0], INTERPRETER, 1 / 400),
            measured(COMPUTE[1], INTERPRETER, 1 / 200),
            measured(named["hcall_read"], NATIVE, 1.0),
            measured(named["hcall_read"], QEMU, 6.0),
            measured(named["mmio"], NATIVE, 0.005),
            measured(named["blocks"], NATIVE, 4.0),
            measured(named["blocks"], QEMU, 1.0),
            steps,
        ),
        "power",
    )
    wanted = {
        "native C": (3.0, True),
        "interpreter tier": (200e6, False),
        "H_READ": (6.0, True),
        "MMIO": (200_000, True),
        "hcalls answered": (None, None),
        "distinct blocks": (4.0, False),
        "single steps": (100_000, False),
    }
    for part, (value, met) in wanted.items():
        one = by_title(found, part)
        assert (one.value, one.met) == (None if value is None else pytest.approx(value), met), part


def test_the_report_shows_what_failed_and_what_was_missing() -> None:
    """Names in square brackets are no markup."""
    found = results(measured(COMPUTE[0], NATIVE, 0.01, 0.02))
    found.missing.append(Missing("power", QEMU, "qemu [7.2] is not installed"))
    found.failures.append(Failure("power", "sieve", HOST, "wrong result: 00000001 instead of 00000002"))
    shown = StringIO()
    show(found, outcomes(found, "power"), Console(file=shown, width=160))
    text = shown.getvalue()
    assert "missing power: qemu: qemu [7.2] is not installed" in text
    assert "failed power: sieve on host: wrong result: 00000001 instead of 00000002" in text
    assert "67 ±33 %" in text
    assert "not measured" in text


def test_targets_stand_in_the_file_with_their_verdicts(tmp_path: Path) -> None:
    """Met, missed, or null for what was not measured."""
    found = results(*(measured(kernel, NATIVE, 1.0) for kernel in COMPUTE), measured(COMPUTE[0], QEMU, 2.0))
    write_json(tmp_path / "o.json", found, outcomes(found, "power"))
    document = json.loads((tmp_path / "o.json").read_text())
    verdicts = {one["title"]: (one["value"], one["met"]) for one in document["targets"]}
    assert verdicts["speed, × QEMU: geometric mean"] == (2.0, True)
    assert verdicts["H_READ, × QEMU"] == (None, None)
    with pytest.raises(TraplineError, match="cannot write"):
        write_json(tmp_path / "nowhere" / "o.json", found, [])


def test_results_without_a_common_peer_are_drawn() -> None:
    """QEMU is the measure if it is there; without it and without native C, our own engine is."""
    from xml.etree import ElementTree

    text = draw(results(measured(COMPUTE[0], NATIVE, 0.01), measured(COMPUTE[1], NATIVE, 0.02)))
    texts = [one.text for one in ElementTree.fromstring(text).iter("{http://www.w3.org/2000/svg}text")]
    assert "power: speed, native = 1" in texts
    assert COMPUTE[1].name in texts


def test_nothing_measured_is_drawn_and_shown_as_nothing() -> None:
    """An empty table is no crash."""
    assert draw(results()).startswith("<svg")
    show(results(), [], Console(file=StringIO()))


def test_unknown_names_are_answered_with_the_closest() -> None:
    """Kernels and architectures."""
    from trapline.tools.bench.architectures import find_architecture
    from trapline.tools.bench.catalogue import find_kernel

    with pytest.raises(TraplineError) as error:
        find_kernel("quiksort")
    assert "quicksort" in (error.value.hint or "")
    with pytest.raises(TraplineError):
        find_architecture("mips")
