"""How often kernels run, and that a wrong result is an error and not a time."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field

import pytest
from typer.testing import CliRunner

from trapline.__main__ import build_app
from trapline.tools.bench import catalogue
from trapline.tools.bench.architectures import ARM, Architecture
from trapline.tools.bench.catalogue import find_kernel
from trapline.tools.bench.programs import Counts, Form, Program, build
from trapline.tools.bench.run import Plan, run
from trapline.tools.bench.sampling import Settings, measure
from trapline.tools.bench.timing import PeerError, Round

SETTINGS = Settings(samples=3, seconds=0.5, clock="cpu")


@dataclass
class Fake:
    """A peer that needs `seconds` for a run, of processor time half as much, and gives `checksum`."""

    checksum: int
    seconds: float
    scaled: bool = False
    name: str = "fake"
    title: str = "fake"
    asked: list[Counts] = field(default_factory=list)

    def missing(self, arch: Architecture) -> str | None:
        return None

    def takes(self, program: Program) -> bool:
        return True

    def run(self, program: Program, counts: Counts, seconds: float) -> list[Round]:
        self.asked.append(counts)
        wall = self.seconds * counts.runs
        return [Round(self.checksum, wall, wall / 2)] * counts.rounds


def program(kernel: str) -> Program:
    return build(find_kernel(kernel), ARM, Form.ASSEMBLY)


def test_a_sample_is_about_as_long_as_asked_for() -> None:
    """The number of runs is found by trying; the time of one run comes out. The warm-up takes two seconds."""
    one = program("calls")
    peer = Fake(one.kernel.checksum(), 1e-4)
    found = measure(peer, one, SETTINGS, 1000)
    assert 0.4 <= found.runs * 1e-4 <= 0.6
    assert peer.asked[-1] == Counts(20_000, found.runs, 3)
    assert found.seconds == pytest.approx((5e-5,) * 3)
    assert found.wall_seconds == pytest.approx((1e-4,) * 3)
    assert found.instructions_per_second == pytest.approx(1000 / 5e-5)


def test_what_is_compiled_at_first_does_not_make_samples_short() -> None:
    """A first round that takes a second tells nothing about the others."""
    one = program("calls")

    @dataclass
    class Compiling(Fake):
        def run(self, program: Program, counts: Counts, seconds: float) -> list[Round]:
            _, *rounds = super().run(program, counts, seconds)
            return [Round(self.checksum, 1.0, 1.0), *rounds]

    found = measure(Compiling(one.kernel.checksum(), 1e-4), one, SETTINGS, None)
    assert 0.4 <= found.runs * 1e-4 <= 0.6


def test_short_samples_have_a_long_warm_up() -> None:
    """Two seconds, whatever the samples' length."""
    one = program("calls")
    peer = Fake(one.kernel.checksum(), 1e-4)
    found = measure(peer, one, Settings(2, 0.03, "cpu"), None)
    assert found.runs == pytest.approx(300, abs=1)
    assert peer.asked[-1].warm_up == 20_000


def test_the_clock_on_the_wall_can_be_asked_for() -> None:
    """Then `seconds` are those."""
    one = program("calls")
    found = measure(Fake(one.kernel.checksum(), 1e-4), one, Settings(2, 0.5, "wall"), None)
    assert found.seconds == found.wall_seconds == pytest.approx((1e-4,) * 2)


def test_a_kernel_that_is_timed_cold_runs_once_a_sample() -> None:
    """A program of its own for each sample, in which nothing has been compiled yet."""
    one = program("blocks")
    peer = Fake(one.kernel.checksum(), 1e-4)
    found = measure(peer, one, SETTINGS, None)
    assert peer.asked == [Counts(1, 1, 1)] * 3
    assert found.runs == 1
    assert len(found.seconds) == 3


def test_a_slow_peer_is_asked_for_one_run() -> None:
    """No warm-up, no search for a number."""
    one = program("calls")
    peer = Fake(one.kernel.checksum(), 3.0, scaled=True)
    assert measure(peer, one, SETTINGS, None).seconds == (1.5,)
    assert peer.asked == [Counts(0, 1, 1)]


@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize("kernel", ["calls", "blocks"])
def test_a_wrong_result_has_no_time(kernel: str, scaled: bool) -> None:
    """The message has both checksums."""
    one = program(kernel)
    wrong = one.kernel.checksum() ^ 1
    with pytest.raises(PeerError, match=f"wrong result: {wrong:08X} instead of {wrong ^ 1:08X}"):
        measure(Fake(wrong, 1e-3, scaled), one, SETTINGS, None)


def test_a_wrong_result_fails_the_bench(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told for each peer, measured nowhere, and the command ends with status 1."""
    monkeypatch.setenv("PATH", "")
    wrong = dataclasses.replace(find_kernel("calls"), checksum=lambda: 1)
    plan = Plan((ARM,), (wrong,), Form.ASSEMBLY, Settings(1, 0.01, "cpu"), complete=False)
    results = run(plan, lambda text: None)
    assert results.measurements == []
    assert [one.peer for one in results.failures] == ["native", "interpreter", "unicorn", "reference"]
    assert all("wrong result" in one.message for one in results.failures)
    monkeypatch.setattr(catalogue, "KERNELS", (wrong,))
    done = CliRunner().invoke(build_app(), ["bench", "-k", "calls", "--arch", "arm", "--seconds", "0.01"])
    assert done.exit_code == 1
    assert "failed" in done.output
