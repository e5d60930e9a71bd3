"""Claims about `trapline bench --rsp`: both stubs are asked the same, and a figure comes only from right answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from trapline.isa.errors import TraplineError
from trapline.tools.bench.architectures import ARCHITECTURES, POWER, Architecture
from trapline.tools.bench.rsp.peers import serve
from trapline.tools.bench.rsp.report import write_rsp
from trapline.tools.bench.rsp.run import run_rsp
from trapline.tools.bench.rsp.works import WORKS
from trapline.tools.bench.timing import PeerError

from ..oracle.require import oracle


@pytest.mark.oracle
@pytest.mark.parametrize("arch", ARCHITECTURES, ids=lambda arch: arch.name)
def test_each_work_is_done_by_both_stubs(arch: Architecture, tmp_path: Path) -> None:
    """Stops, steps, memory and a gdb with a condition; the file has a ratio for each."""
    oracle("qemu-system-ppc64" if arch == POWER else "qemu-system-arm")
    oracle("gdb-multiarch")
    results = run_rsp([arch], [], 1, lambda text: None)
    assert results.missing == []
    assert [row.work.name for row in results.rows] == [work.name for work in WORKS]
    write_rsp(tmp_path / "rsp.json", results)
    written = json.loads((tmp_path / "rsp.json").read_text())
    assert all(row["ratio"] > 0 for row in written["rows"])


def test_a_work_that_is_not_known_is_refused() -> None:
    """With the names that there are."""
    with pytest.raises(TraplineError, match="no work of a debugger 'stepp'"):
        run_rsp([POWER], ["stepp"], 1, lambda text: None)


def test_a_server_that_does_not_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it wrote is in the message; nobody waits for the socket of a process that has ended."""
    from trapline.tools.bench.rsp import peers

    monkeypatch.setattr(peers, "trapline", lambda: ["sh", "-c", "echo no machine here >&2; exit 3"])
    with pytest.raises(PeerError, match="no machine here"), serve(peers.loop(POWER), "trapline", tmp_path):
        pass
