"""Claims about vCont, c, s, C, S, ?, bs, bc and Ctrl-C."""

import time

import pytest

from trapline.server.rsp.client import RspClient
from trapline.server.rsp.execution import Exited, StopEvent, ThreadId

from .fake_target import FullToyTarget
from .serving import serving, talking_to
from .toy_arch import ADD, ARM, BASE, BRANCH, NOP, POWER, ToyArch

FIRST = ThreadId(1, 1)


def pc_of(target: FullToyTarget, tid: int = 1, pid: int = 1) -> int:
    return target.get(ThreadId(pid, tid), target.arch.pc)


def test_vcont_lists_both_s_and_S() -> None:
    """Without both, GDB steps Arm with breakpoints."""
    with talking_to(FullToyTarget(ARM)) as client:
        actions = client.ask(b"vCont?").split(b";")
        assert actions[0] == b"vCont"
        assert {b"c", b"C", b"s", b"S", b"t", b"r"} == set(actions[1:])


@pytest.mark.parametrize("packet", [b"vCont;s:p1.1", b"vCont;s", b"vCont;S00:p1.-1", b"s", b"S00"])
def test_a_step_executes_one_instruction(packet: bytes) -> None:
    """The reply is a SIGTRAP of the thread, and pc has moved by one instruction."""
    target = FullToyTarget(POWER)
    with talking_to(target) as client:
        assert client.ask(packet).startswith(b"T05thread:p1.1;")
        assert pc_of(target) == NOP


def test_a_stop_reply_carries_the_expedited_registers() -> None:
    """pc and sp go with it, so that GDB need not ask."""
    with talking_to(FullToyTarget(POWER)) as client:
        assert b"40:%016x;" % NOP in client.ask(b"vCont;s:p1.1")


def test_a_range_step_stops_when_pc_leaves_the_range() -> None:
    """``vCont;r`` in one round trip, at least one instruction."""
    target = FullToyTarget(POWER)
    with talking_to(target) as client:
        client.ask(b"vCont;r%x,%x:p1.1" % (BASE, BASE + 16))
        assert pc_of(target) == BASE + 16
        client.ask(b"vCont;r0,0:p1.1")
        assert pc_of(target) == BASE + 20


def test_the_leftmost_action_that_names_a_thread_counts() -> None:
    """``s:p1.2;c`` steps the second and runs the first; a thread that none names stays stopped."""
    target = FullToyTarget(POWER, vcpus=2)
    with talking_to(target) as client:
        assert client.ask(b"vCont;s:p1.2").startswith(b"T05thread:p1.2;")
        assert (pc_of(target, 1), pc_of(target, 2)) == (ADD, NOP)
        assert client.ask(b"vCont;s:p1.2;c").startswith(b"T05thread:p1.2;")
        assert (pc_of(target, 1), pc_of(target, 2)) == (NOP, NOP + 4)
        assert client.ask(b"vCont;t:p1.2;s:p1.1").startswith(b"T05thread:p1.1;")
        assert pc_of(target, 2) == NOP + 4


@pytest.mark.parametrize(
    "packet",
    [
        b"vCont;x",
        b"vCont;c:zz",
        b"vCont",
        b"vCont;",
        b"vCont;r1",
        b"vCont;r1,:1",
        b"vCont;C",
        b"vCont;Czz",
        b"vCont;s:p9.9",
        b"vCont;t",
        b"vCont;cc",
        b"s1000",
        b"c1000",
        b"S",
        b"C",
        b"vCont;s:p1.1;x",
    ],
)
def test_a_bad_resume_packet_runs_nothing(packet: bytes) -> None:
    """Unknown actions, threads that do not exist, addresses to resume at: an error, and pc is as it was."""
    target = FullToyTarget(POWER)
    with talking_to(target) as client:
        assert client.ask(packet).startswith(b"E.")
        assert pc_of(target) == BASE
        assert client.ask(b"vCont;s:p1.1").startswith(b"T05")


def test_ctrl_c_stops_a_running_target_soon() -> None:
    """A SIGINT stop reply, within a fraction of a second even in slow Python."""
    target = FullToyTarget(POWER)
    with talking_to(target) as client:
        client.send(b"vCont;c")
        time.sleep(0.02)
        begin = time.monotonic()
        client.interrupt()
        assert client.receive().startswith(b"T02thread:p1.1;")
        assert time.monotonic() - begin < 0.5


def test_ctrl_c_in_the_same_piece_as_continue_is_not_lost() -> None:
    """The network may deliver both at once."""
    with talking_to(FullToyTarget(POWER)) as client:
        client.socket.sendall(b"$vCont;c#a8\x03")
        assert client.receive().startswith(b"T02")


def test_ctrl_c_while_stopped_is_dropped() -> None:
    """It came too late for the run that it meant, and must not stop the next one."""
    target = FullToyTarget(POWER)
    with talking_to(target) as client:
        client.interrupt()
        client.ask(b"qC")
        assert client.ask(b"Z0,%x,4" % (BASE + 16)) == b"OK"
        assert client.ask(b"vCont;c").startswith(b"T05swbreak:;")


def test_continue_is_acknowledged_before_the_target_stops() -> None:
    """A client that waits for the acknowledgement would send the packet again."""
    with serving(FullToyTarget(POWER)) as server, RspClient(server.address) as client:
        client.send(b"vCont;c")
        client.socket.settimeout(2)
        assert client.socket.recv(1) == b"+"
        client.interrupt()
        assert client.receive().startswith(b"T02")


def test_a_powered_off_cpu_does_not_run_for_ever() -> None:
    """Stepping it stops at once, with signal 0 and a line of text, instead of never."""
    target = FullToyTarget(POWER)
    target.cpus[FIRST].powered = False
    with talking_to(target) as client:
        text = client.ask(b"vCont;s:p1.1")
        assert text[:1] == b"O"
        assert b"powered off" in bytes.fromhex(text[1:].decode())
        assert client.receive().startswith(b"T00thread:p1.1;")


def test_the_question_mark_repeats_the_last_stop() -> None:
    """After a breakpoint it still says so, with the same thread."""
    with talking_to(FullToyTarget(POWER)) as client:
        assert client.ask(b"?").startswith(b"T05thread:p1.1;")
        client.ask(b"Z0,%x,4" % NOP)
        stop = client.ask(b"vCont;c")
        assert client.ask(b"?") == stop


@pytest.mark.parametrize("arch", [POWER, ARM], ids=lambda arch: arch.name)
def test_stepping_back_undoes_a_step(arch: ToyArch) -> None:
    """Registers are what they were before."""
    target = FullToyTarget(arch)
    with talking_to(target) as client:
        before = client.ask(b"g")
        for _ in range(3):
            client.ask(b"vCont;s:p1.1")
        for _ in range(3):
            assert client.ask(b"bs").startswith(b"T05thread:p1.1;")
        assert client.ask(b"g") == before


def test_the_start_of_history_is_a_stop_and_not_an_error() -> None:
    """GDB says "No more reverse-execution history" to replaylog:begin."""
    with talking_to(FullToyTarget(POWER)) as client:
        assert client.ask(b"bs").startswith(b"T05replaylog:begin;thread:p1.1;")
        client.ask(b"vCont;s:p1.1")
        assert client.ask(b"bc").startswith(b"T05replaylog:begin;thread:p1.1;")


def test_running_back_stops_at_a_breakpoint() -> None:
    """The latest one passed."""
    target = FullToyTarget(POWER)
    with talking_to(target) as client:
        client.ask(b"vCont;s:p1.1")
        client.ask(b"vCont;s:p1.1")
        client.ask(b"Z0,%x,4" % NOP)
        assert client.ask(b"bc").startswith(b"T05swbreak:;thread:p1.1;")
        assert pc_of(target) == NOP


def test_a_partition_that_ends_is_reported_with_its_status() -> None:
    """W with the process, and ``?`` says it again."""
    with talking_to(FullToyTarget(POWER)) as client:
        client.ask(b"qRcmd," + b"exit 3".hex().encode())
        assert client.ask(b"vCont;c") == b"W03;process:1"
        assert client.ask(b"?") == b"W03;process:1"
        assert client.ask(b"g").startswith(b"E.")
        assert client.ask(b"vCont;c").startswith(b"E.")


def test_a_partition_that_nobody_is_attached_to_runs_on() -> None:
    """It advances while the attached one does."""
    target = FullToyTarget(POWER, partitions=2)
    with talking_to(target) as client:
        client.ask(b"Z0,%x,4" % BRANCH)
        assert client.ask(b"vCont;c").startswith(b"T05swbreak:;thread:p1.1;")
        assert pc_of(target, pid=2) > BASE


def test_the_end_of_a_partition_that_nobody_is_attached_to_is_nobodys_business() -> None:
    """The client hears of its own stop, not of a process that it does not know."""
    target = FullToyTarget(POWER, partitions=2)
    with talking_to(target) as client:
        client.ask(b"Z0,%x,4" % BRANCH)
        target.exiting = StopEvent(ThreadId(2, 1), Exited(0))
        assert client.ask(b"vCont;c").startswith(b"T05swbreak:;thread:p1.1;")
        assert ThreadId(2, 1) not in target.cpus
