"""Claims about non-stop mode with a real gdb: one thread stands, the others run."""

from collections.abc import Iterator

import pytest

from trapline.server.hv.kvm import MpState
from trapline.server.rsp.client import RspClient
from trapline.server.rsp.server import GdbServer
from trapline.server.target import MachineTarget

from ..patience import HANGS
from ..rsp.serving import serving
from .machines import EVERY, ONE_EACH, Board, target
from .mi import Mi

pytestmark = pytest.mark.gdb


@pytest.fixture
def mi(gdb_installed: None) -> Iterator[Mi]:
    """A gdb in non-stop mode, not connected yet."""
    opened = Mi("mi-async on", "non-stop on")
    yield opened
    opened.close()


def spinning(board: Board, vcpus: int = 2) -> MachineTarget:
    """All vcpus stand at `spin`, powered on."""
    made = target(board, vcpus)
    for vcpu in made.machine.vcpus:
        vcpu.core.pc = board.elf().symbols["spin"]
        vcpu.mp_state = MpState.RUNNABLE
    return made


def connect(mi: Mi, server: GdbServer, how: str = "remote") -> None:
    """Connects; all threads are stopped, and gdb is told of one after the other."""
    assert mi.ask(f"-target-select {how} {server.address.gdb_argument}")["message"] in ("connected", "done")
    for thread in mi.states():
        mi.stop(int(thread))
    assert set(mi.states().values()) == {"stopped"}


@EVERY
def test_a_thread_stops_while_the_other_runs(mi: Mi, board: Board) -> None:
    """-exec-continue --all, then each thread is interrupted by itself and the other goes on executing."""
    made = spinning(board)
    with serving(made) as server:
        connect(mi, server)
        mi.ask("-exec-continue --all")
        assert mi.states() == {"1": "running", "2": "running"}
        mi.ask("-exec-interrupt --thread 1")
        assert mi.stop(1)["frame"]["func"] == "spin"
        assert mi.states() == {"1": "stopped", "2": "running"}
        first, second = made.machine.vcpus
        stood, went = first.core.steps, second.core.steps
        value = mi.ask(f"-data-evaluate-expression --thread 1 ${board.spinning}")["payload"]["value"]
        for _ in range(3):
            mi.ask("-thread-info")
        assert first.core.steps == stood
        assert second.core.steps > went
        again = mi.ask(f"-data-evaluate-expression --thread 1 ${board.spinning}")["payload"]["value"]
        assert value == again
        mi.ask("-exec-interrupt --thread 2")
        mi.stop(2)
        assert mi.states() == {"1": "stopped", "2": "stopped"}


@ONE_EACH
def test_a_breakpoint_stops_the_thread_that_comes_to_it(mi: Mi, board: Board) -> None:
    """It is set while both run; the one that is sent there stops, is stepped, and let go again."""
    made = spinning(board)
    with serving(made) as server:
        connect(mi, server)
        mi.ask("-exec-continue --thread 2")
        mi.ask("-break-insert store")
        mi.ask(f"-data-evaluate-expression --thread 1 $pc={board.elf().symbols['inner']}")
        mi.ask(f"-data-evaluate-expression --thread 1 ${board.argument}=2")
        mi.ask("-exec-continue --thread 1")
        stop = mi.stop(1)
        assert stop["reason"] == "breakpoint-hit"
        assert stop["stopped-threads"] == ["1"]
        assert mi.states() == {"1": "stopped", "2": "running"}
        second, went = made.machine.vcpus[1], made.machine.vcpus[1].core.steps
        mi.ask("-exec-step-instruction --thread 1")
        assert mi.stop(1)["reason"] == "end-stepping-range"
        mi.ask("-exec-continue --thread 1")
        assert mi.stop(1)["reason"] == "breakpoint-hit", "the second time round"
        assert second.core.steps > went
        assert mi.states()["2"] == "running"


@ONE_EACH
def test_memory_is_read_and_written_while_all_run(mi: Mi, board: Board) -> None:
    """Registers of a running thread are gdb's to refuse; memory goes on being there."""
    made = spinning(board)
    with serving(made) as server:
        connect(mi, server)
        mi.ask("-exec-continue --all")
        at = board.elf().symbols["counter"]
        word = "00000000000000aa" if board.is_power else "aa000000"
        assert mi.ask(f"-data-write-memory-bytes {at} {word}")["message"] == "done"
        read = mi.ask(f"-data-read-memory-bytes {at} {len(word) // 2}")["payload"]["memory"][0]["contents"]
        assert read == word
        assert mi.ask("-data-evaluate-expression --thread 1 $pc")["message"] == "error"
        assert mi.states() == {"1": "running", "2": "running"}


@ONE_EACH
def test_backwards_is_refused_with_the_way_out(mi: Mi, board: Board) -> None:
    """And works again in all-stop mode, through what non-stop mode has executed."""
    made = spinning(board)
    with serving(made) as server:
        connect(mi, server)
        mi.ask("-exec-step-instruction --thread 1")
        mi.stop(1)
        mi.ask("-exec-continue --all")
        mi.ask("-exec-interrupt --all")
        mi.stop(1)
        mi.stop(2)
        mi.ask("-target-disconnect")
        executed = made.machine.steps
        with RspClient(server.address, HANGS) as client:
            client.handshake()
            assert client.ask(b"QNonStop:1") == b"OK"
            assert b"set non-stop off" in client.ask(b"bc")
            assert client.ask(b"QNonStop:0") == b"OK"
            assert client.ask(b"bs").startswith(b"T05")
            assert made.machine.steps < executed
            assert client.ask(b"bc").startswith(b"T05replaylog:begin;")
            assert [vcpu.core.steps for vcpu in made.machine.vcpus] == [0, 0]
            assert client.ask(b"QNonStop:1") == b"OK"
            assert b"in the past all threads run together" in client.ask(b"vCont;c")


@ONE_EACH
def test_the_same_acts_lead_to_the_same_states(board: Board) -> None:
    """Which thread runs beside which others is all that counts: each takes its turns as if the rest were not there."""
    seen = []
    for _ in range(2):
        made = spinning(board, 3)
        with serving(made) as server, RspClient(server.address, HANGS) as client:
            client.handshake()
            assert client.ask(b"QNonStop:1") == b"OK"
            reply = client.ask(b"?")
            while reply != b"OK":
                reply = client.ask(b"vStopped")
            for n in range(20):
                thread = n % 3 + 1
                assert client.ask(b"vCont;s:p1.%x" % thread) == b"OK"
                assert client.notification().startswith(b"Stop:T05thread:p1.%x;" % thread)
                assert client.ask(b"vStopped") == b"OK"
            seen.append([client.ask(b"Hgp1.%x" % tid) + client.ask(b"g") for tid in (1, 2, 3)])
            assert [vcpu.core.steps for vcpu in made.machine.vcpus] == [7, 7, 6]
    assert seen[0] == seen[1]
