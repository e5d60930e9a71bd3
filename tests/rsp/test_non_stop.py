"""Claims about non-stop mode: who runs, who is stopped, and how the client hears of it."""

import time

import pytest

from trapline.server.rsp.client import RspClient
from trapline.server.rsp.execution import ThreadId

from .fake_target import FullToyTarget
from .serving import serving, talking_to
from .toy_arch import BASE, POWER, STORE

BREAK = b"%x,4" % STORE


def begin(client: RspClient) -> None:
    """Non-stop mode; all threads are stopped, and the client knows."""
    assert client.ask(b"QNonStop:1") == b"OK"
    reply = client.ask(b"?")
    while reply != b"OK":
        assert reply.startswith(b"T")
        reply = client.ask(b"vStopped")


def stopped_thread(text: bytes) -> bytes:
    """The thread that a stop reply or notification names."""
    return text.partition(b"thread:")[2].partition(b";")[0]


def test_the_server_says_that_it_can() -> None:
    """Also that it reports when nothing resumed is left."""
    with serving(FullToyTarget(POWER)) as server, RspClient(server.address) as client:
        features = client.ask(b"qSupported:multiprocess+").split(b";")
        assert {b"QNonStop+", b"no-resumed+", b"vContSupported+"} <= set(features)


def test_the_question_mark_lists_all_stopped_threads() -> None:
    """One after the other with vStopped, and OK at the end."""
    with talking_to(FullToyTarget(POWER, vcpus=3)) as client:
        assert client.ask(b"QNonStop:1") == b"OK"
        found = [stopped_thread(client.ask(b"?"))]
        while (reply := client.ask(b"vStopped")) != b"OK":
            found.append(stopped_thread(reply))
        assert found == [b"p1.1", b"p1.2", b"p1.3"]


def test_a_stop_is_a_thread_s_own() -> None:
    """A breakpoint stops the thread that comes to it; the other one runs on, and says nothing."""
    target = FullToyTarget(POWER, vcpus=2)
    with talking_to(target) as client:
        begin(client)
        target.set(ThreadId(1, 2), POWER.pc, BASE + 4 * 100)
        assert client.ask(b"Z0," + BREAK) == b"OK"
        assert client.ask(b"vCont;c:p1.1") == b"OK"
        note = client.notification()
        assert note.startswith(b"Stop:T05swbreak:;thread:p1.1;")
        assert client.ask(b"vStopped") == b"OK"
        assert target.get(ThreadId(1, 2), POWER.pc) == BASE + 4 * 100, "it was never resumed"
        assert client.ask(b"z0," + BREAK) == b"OK"
        assert client.ask(b"vCont;c:p1.2") == b"OK"
        before = target.get(ThreadId(1, 2), POWER.pc)
        assert client.ask(b"g")[:2] != b"E.", "the stopped one can be read while the other runs"
        deadline = time.monotonic() + 10
        while target.get(ThreadId(1, 2), POWER.pc) == before:
            assert time.monotonic() < deadline
        assert not client.notifications


def test_registers_of_a_running_thread_are_refused_and_memory_is_not() -> None:
    """The error says what to do; memory is read between two slices."""
    with talking_to(FullToyTarget(POWER, vcpus=2)) as client:
        begin(client)
        assert client.ask(b"vCont;c:p1.2") == b"OK"
        assert client.ask(b"Hgp1.2") == b"OK"
        for packet in (b"P0=0000000000000000",):
            assert b"p1.2 is running; stop it first" in client.ask(packet)
        assert client.ask(b"g").startswith(b"E")
        assert client.ask(b"p0").startswith(b"E")
        assert client.ask(b"m1000,4") == b"38630001"
        assert client.ask(b"Hgp1.1") == b"OK"
        assert not client.ask(b"g").startswith(b"E")


def test_a_thread_is_stopped_by_t_with_signal_0() -> None:
    """The others run on. Stopping one that is stopped says nothing more."""
    with talking_to(FullToyTarget(POWER, vcpus=2)) as client:
        begin(client)
        assert client.ask(b"vCont;c") == b"OK"
        assert client.ask(b"vCont;t:p1.2") == b"OK"
        assert client.notification().startswith(b"Stop:T00thread:p1.2;")
        assert client.ask(b"vStopped") == b"OK"
        assert client.ask(b"vCont;t:p1.2") == b"OK"
        assert b"is running" in client.ask(b"Hgp1.1") + client.ask(b"P0=0000000000000000")
        assert not client.notifications


def test_stops_queue_up_until_the_client_has_seen_them() -> None:
    """One notification for the first, vStopped for the others; a stop that nobody has seen is not resumed away."""
    with talking_to(FullToyTarget(POWER, vcpus=3)) as client:
        begin(client)
        assert client.ask(b"vCont;c") == b"OK"
        assert client.ask(b"vCont;t") == b"OK"
        first = client.notification()
        assert client.ask(b"vCont;c") == b"OK"
        seen = [stopped_thread(first), stopped_thread(client.ask(b"vStopped")), stopped_thread(client.ask(b"vStopped"))]
        assert seen == [b"p1.1", b"p1.2", b"p1.3"]
        assert client.ask(b"vStopped") == b"OK"
        assert not client.notifications
        assert not client.ask(b"g").startswith(b"E"), "none of them has been resumed"


@pytest.mark.parametrize("how", ["vCtrlC", "Ctrl-C"])
def test_ctrl_c_stops_one_of_the_running_threads(how: str) -> None:
    """With SIGINT; with nothing running it does nothing."""
    with talking_to(FullToyTarget(POWER, vcpus=2)) as client:
        begin(client)
        assert client.ask(b"vCtrlC") == b"OK"
        assert client.ask(b"vCont;c") == b"OK"
        if how == "vCtrlC":
            assert client.ask(b"vCtrlC") == b"OK"
        else:
            client.interrupt()
        assert client.notification().startswith(b"Stop:T02thread:p1.")
        assert client.ask(b"vStopped") == b"OK"
        assert client.ask(b"vCtrlC") == b"OK"
        assert client.notification().startswith(b"Stop:T02thread:p1.")


def test_each_of_several_steps_is_told_and_made_once() -> None:
    """``vCont;s`` of two threads beside one that runs."""
    target = FullToyTarget(POWER, vcpus=3)
    with talking_to(target) as client:
        begin(client)
        assert client.ask(b"vCont;c:p1.3;s:p1.1;s:p1.2") == b"OK"
        seen = {stopped_thread(client.notification())}
        deadline = time.monotonic() + 10
        while len(seen) < 2:
            assert time.monotonic() < deadline
            reply = client.ask(b"vStopped")
            if reply == b"OK":
                reply = client.notification()
            seen.add(stopped_thread(reply))
        assert seen == {b"p1.1", b"p1.2"}
        assert target.get(ThreadId(1, 1), POWER.pc) == target.get(ThreadId(1, 2), POWER.pc) == BASE + 4


@pytest.mark.parametrize("packet", [b"bs", b"bc"])
def test_nothing_runs_backwards(packet: bytes) -> None:
    """The error says why, and the way out."""
    with talking_to(FullToyTarget(POWER)) as client:
        begin(client)
        reply = client.ask(packet)
        assert reply.startswith(b"E.")
        assert b"set non-stop off" in reply
        assert client.ask(b"QNonStop:0") == b"OK"
        assert client.ask(packet).startswith(b"T")


def test_all_stop_comes_back_with_everything_stopped() -> None:
    """Whatever ran is stopped, and no notification is left over."""
    with talking_to(FullToyTarget(POWER, vcpus=2)) as client:
        begin(client)
        assert client.ask(b"vCont;c") == b"OK"
        assert client.ask(b"QNonStop:0") == b"OK"
        before = client.ask(b"g")
        assert not before.startswith(b"E")
        assert client.ask(b"vCont;s:p1.1").startswith(b"T05thread:p1.1;")
        assert not client.notifications


def test_the_end_of_a_process_is_told() -> None:
    """With its exit status and its process, once for all its threads."""
    with talking_to(FullToyTarget(POWER, partitions=2, vcpus=2)) as client:
        begin(client)
        assert client.ask(b"vCont;c") == b"OK"
        assert client.ask(b"qRcmd," + b"exit 3".hex().encode()).endswith(b"OK")
        assert client.notification() == b"Stop:W03;process:1"
        assert client.ask(b"vStopped") == b"OK"
        assert client.ask(b"qfThreadInfo") == b"l"


def test_an_attached_process_says_that_its_threads_are_stopped() -> None:
    """The reply is OK, as non-stop mode has it; before it has run on by itself."""
    target = FullToyTarget(POWER, partitions=2, vcpus=2)
    with talking_to(target) as client:
        begin(client)
        deadline = time.monotonic() + 10
        while target.get(ThreadId(2, 1), POWER.counter) < 10:
            assert time.monotonic() < deadline, "nobody is attached to it, so it runs"
        assert client.ask(b"vAttach;2") == b"OK"
        assert client.notification().startswith(b"Stop:T00thread:p2.1;")
        assert client.ask(b"vStopped").startswith(b"T00thread:p2.2;")
        assert client.ask(b"vStopped") == b"OK"
        assert client.ask(b"D;2") == b"OK"
        assert client.ask(b"qfThreadInfo") == b"mp1.1,p1.2"


def test_no_thread_that_could_run_is_told() -> None:
    """``N`` to a client that knows it; a change lets it go on."""
    target = FullToyTarget(POWER, vcpus=2)
    with serving(target) as server, RspClient(server.address) as client:
        client.handshake("multiprocess+;no-resumed+")
        begin(client)
        target.cpus[ThreadId(1, 2)].powered = False
        assert client.ask(b"vCont;c:p1.2") == b"OK"
        assert client.notification() == b"Stop:N"
        assert client.ask(b"vStopped") == b"OK"
        assert client.ask(b"vCont;s:p1.1") == b"OK"
        assert client.notification().startswith(b"Stop:T05thread:p1.1;")


def test_a_client_that_vanishes_in_non_stop_leaves_an_all_stop_server() -> None:
    """The next one begins with everything stopped."""
    target = FullToyTarget(POWER, vcpus=2)
    with serving(target) as server:
        for _ in range(3):
            with RspClient(server.address) as client:
                client.handshake()
                begin(client)
                assert client.ask(b"vCont;c") == b"OK"
        with RspClient(server.address) as client:
            client.handshake()
            before = client.ask(b"g")
            assert not before.startswith(b"E")
            assert client.ask(b"g") == before
            assert client.ask(b"vCont;s:p1.1").startswith(b"T05thread:p1.1;")


@pytest.mark.parametrize("packet", [b"QNonStop", b"QNonStop:2", b"QNonStop:", b"vStopped:1", b"vCtrlC;"])
def test_a_malformed_packet_is_an_error(packet: bytes) -> None:
    """And the mode stays as it was."""
    with talking_to(FullToyTarget(POWER)) as client:
        assert client.ask(packet).startswith(b"E")
        assert client.ask(b"vStopped") == b""
