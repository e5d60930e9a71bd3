"""What strangers' debuggers ran into, each held against real machines behind the server that `trapline serve` has."""

import contextlib
import errno
import re
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from trapline.server.boards.machine import MachineOptions
from trapline.server.boards.registry import build_machine
from trapline.server.machine.elf import load_elf
from trapline.server.machine.events import Exit, Hcall
from trapline.server.rsp.client import RspClient
from trapline.server.rsp.endpoint import Endpoint
from trapline.server.rsp.transcript import Recorder
from trapline.server.serving import GuestServer
from trapline.server.target import MachineTarget

from ..patience import HANGS
from ..rsp.serving import serving
from .compiled import compiled_target, line_of
from .conftest import RunGdb
from .machines import ARM_VIRT, EVERY, ONE_EACH, PSERIES, RAM, Board, serve, target

_FEATURES = b"qSupported:multiprocess+;swbreak+;hwbreak+;vContSupported+"
_STORM = {"big": b"00" * 64, "little": b"f000f0e7" * 16}
"""Words that no core executes: illegal ones, and `udf`."""


@contextlib.contextmanager
def free_running(made: MachineTarget, hold: bool) -> Iterator[GuestServer]:
    """A server whose guest runs while nobody is attached."""
    server = GuestServer(made, Endpoint(), hold=hold, recorder=None)
    thread = threading.Thread(target=server.run, args=(False,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join(timeout=20)
        assert not thread.is_alive()


def go_to(client: RspClient, board: Board, address: int) -> None:
    """Sets pc."""
    packet = b"P40=%016x" % address if board.is_power else b"Pf=" + address.to_bytes(4, "little").hex().encode()
    assert client.ask(packet) == b"OK"


def wait_until(condition: object, what: str) -> None:
    """Waits for something that another thread does."""
    end = time.monotonic() + HANGS
    assert callable(condition)
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.005)


# Ctrl-C, attach, detach


@EVERY
@pytest.mark.parametrize("state", ["after forty stops", "storm", "four vcpus"])
def test_ctrl_c_is_answered_whatever_the_guest_does(board: Board, state: str) -> None:
    """In a hot loop after forty quick stops, in an exception storm, with four vcpus: SIGINT, again and again."""
    vcpus = 4 if state == "four vcpus" else 1
    options = MachineOptions(vcpus=vcpus, ram_size=RAM, wild_after=0)
    made = MachineTarget(lambda: build_machine(board.elf(), board.name, options))
    spin = board.elf().symbols["spin"]
    with serving(made) as server, RspClient(server.address, HANGS) as client:
        client.handshake("multiprocess+;swbreak+;hwbreak+;vContSupported+")
        go_to(client, board, spin)
        if state == "after forty stops":
            assert client.ask(b"Z0,%x,4" % spin) == b"OK"
            for _ in range(40):
                assert client.ask(b"vCont;c:p1.-1").startswith(b"T05swbreak")
            assert client.ask(b"z0,%x,4" % spin) == b"OK"
        elif state == "storm":
            storm = _STORM[board.order]
            assert client.ask(b"M%x,%x:%b" % (spin, len(storm) // 2, storm)) == b"OK"
        for _ in range(3):
            client.send(b"vCont;c:p1.-1")
            client.interrupt()
            assert client.receive().startswith(b"T02")


def test_ten_thousand_ctrl_c_are_one() -> None:
    """The session goes on, and the next run is not interrupted."""
    with serve(ARM_VIRT) as server, RspClient(server.address, HANGS) as client:
        client.handshake()
        go_to(client, ARM_VIRT, ARM_VIRT.elf().symbols["spin"])
        client.send(b"vCont;c:p1.-1")
        client.socket.sendall(b"\x03" * 10_000)
        assert client.receive().startswith(b"T02")
        assert client.ask(b"qC") == b"QCp1.1"
        assert client.ask(b"vCont;s:p1.1").startswith(b"T05")


@ONE_EACH
def test_attaching_stops_and_detaching_lets_go(board: Board) -> None:
    """A guest in a hot loop, which compiles meanwhile: each client finds it stopped, further on than the one before."""
    made = target(board)
    core = made.machine.vcpus[0].core
    core.pc = board.elf().symbols["spin"]
    with free_running(made, hold=False) as server:
        counts = [0]
        for _ in range(3):
            wait_until(lambda: core.retired > counts[-1] + 1000, "the guest does not run")
            with RspClient(server.address, HANGS) as client:
                client.handshake()
                stopped = core.retired
                assert client.ask(b"g")
                assert core.retired == stopped
                counts.append(stopped)
                assert client.ask(b"D;1") == b"OK"
    assert counts == sorted(counts)


# Who counts as a client


def test_a_port_probe_releases_nothing() -> None:
    """A connection that says nothing, or nothing that is a packet, leaves a held guest where it is."""
    made = target(ARM_VIRT)
    with free_running(made, hold=True) as server:
        for noise in (b"", b"\r\n", b"GET / HTTP/1.0\r\n\r\n"):
            with socket.create_connection((server.address.host, server.address.port)) as probe:
                probe.sendall(noise)
        with RspClient(server.address, HANGS) as client:
            client.handshake()
            assert made.machine.steps == 0
            assert client.ask(b"D;1") == b"OK"
        wait_until(lambda: made.machine.steps > 0, "the guest was not let go")


# Subscriptions


@ONE_EACH
def test_events_end_with_their_session(board: Board) -> None:
    """After `monitor events on` and a client that vanishes, the guest goes on, and nobody listens any more."""
    made = target(board)
    with free_running(made, hold=True) as server:
        client = RspClient(server.address, HANGS)
        client.handshake()
        assert client.ask(b"qRcmd," + b"monitor events on".removeprefix(b"monitor ").hex().encode()) == b"OK"
        assert made.machine.events.wanted
        client.close()
        wait_until(lambda: made.machine.verdict is not None, "the guest does not come to its end")
    assert not made.machine.events.wanted
    assert made.machine.verdict is not None
    assert made.machine.verdict.status == 0


@pytest.mark.gdb
def test_events_are_shown_while_the_guest_runs(run_gdb: RunGdb) -> None:
    """On the user's console, before the stop."""
    with serve(PSERIES) as server:
        output = run_gdb(server, "monitor events on", "continue")
    assert "exited normally" in output.text
    assert any(line.startswith("Exit(") for line in output.errors)


def test_a_listener_that_fails_does_not_end_the_guest() -> None:
    """It is not called again; the guest, and whoever else listens, hear nothing of it."""
    made = target(PSERIES)
    heard: list[object] = []

    def fail(event: object) -> None:
        raise ConnectionResetError("nobody there")

    made.machine.events.subscribe(Exit, fail)
    made.machine.events.subscribe(Exit, heard.append)
    made.machine.events.subscribe(Hcall, fail)
    verdict = made.machine.run()
    assert verdict.status == 0, verdict
    assert heard
    assert Hcall not in made.machine.events.wanted


def test_a_console_that_cannot_be_written_does_not_end_the_guest() -> None:
    """A full disk, say: the sink is given up, the guest comes to its end, and others still read what it says."""
    made = target(PSERIES)

    def full(data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    heard: list[bytes] = []
    made.machine.console.add_sink(full)
    made.machine.console.add_sink(heard.append)
    assert made.machine.run().status == 0
    assert b"PASS" in b"".join(heard)


# Running


@ONE_EACH
def test_two_threads_step_at_once(board: Board) -> None:
    """`vCont;s:p1.1;s:p1.2` executes one instruction of each."""
    made = target(board, vcpus=2)
    first, second = made.machine.vcpus
    if board.is_power:
        second.core.pc = board.elf().symbols["spin"]
    with serving(made) as server, RspClient(server.address, HANGS) as client:
        client.handshake()
        start_second(client, board, made)
        before = first.core.steps, second.core.steps
        assert client.ask(b"vCont;s:p1.1;s:p1.2").startswith(b"T05")
        assert (first.core.steps - before[0], second.core.steps - before[1]) == (1, 1)
        assert client.ask(b"vCont;s:p1.2").startswith(b"T05")
        assert (first.core.steps - before[0], second.core.steps - before[1]) == (1, 2)


@ONE_EACH
def test_others_run_beside_a_step(board: Board) -> None:
    """`vCont;s:p1.1;c:p1.2`: the one that is continued keeps pace, and its breakpoint is told."""
    made = target(board, vcpus=2)
    second = made.machine.vcpus[1]
    spin = board.elf().symbols["spin"]
    with serving(made) as server, RspClient(server.address, HANGS) as client:
        client.handshake("multiprocess+;swbreak+;hwbreak+;vContSupported+")
        start_second(client, board, made)
        before = second.core.steps
        for _ in range(10):
            assert client.ask(b"vCont;s:p1.1;c:p1.2").startswith(b"T05thread:p1.1")
        assert second.core.steps - before == 10
        assert client.ask(b"Z0,%x,4" % (spin + 4)) == b"OK"
        replies = [client.ask(b"vCont;s:p1.1;c:p1.2") for _ in range(3)]
        assert any(reply.startswith(b"T05swbreak:;thread:p1.2") for reply in replies)


def start_second(client: RspClient, board: Board, made: MachineTarget) -> None:
    """Both vcpus spin."""
    from trapline.server.hv.kvm import MpState

    spin = board.elf().symbols["spin"]
    for vcpu in made.machine.vcpus:
        vcpu.core.pc = spin
        vcpu.mp_state = MpState.RUNNABLE
    assert client.ask(b"T1") == b"OK"


def test_run_reads_the_program_anew(tmp_path: Path) -> None:
    """`vRun` after the file has changed runs the new one, with its own symbols; breakpoints stay."""
    file = tmp_path / "guest.elf"
    file.write_bytes(PSERIES.elf().raw)
    made = MachineTarget(lambda: build_machine(load_elf(file), "pseries", MachineOptions(ram_size=RAM)))
    with serving(made) as server, RspClient(server.address, HANGS) as client:
        client.handshake("multiprocess+;swbreak+;hwbreak+;vContSupported+")
        entry = PSERIES.elf().entry
        old = client.ask(b"m%x,8" % entry)
        assert client.ask(b"qXfer:exec-file:read::0,100").startswith(b"l")
        assert client.ask(b"Z0,%x,4" % PSERIES.elf().symbols["store"]) == b"OK"
        raw = bytearray(PSERIES.elf().raw)
        at = raw.index(bytes.fromhex(old.decode()))
        raw[at : at + 4] = bytes.fromhex("60000000")
        file.write_bytes(raw)
        assert client.ask(b"vRun;").startswith(b"T05")
        assert client.ask(b"m%x,8" % entry) == b"60000000" + old[8:]
        assert made.machine.elf.raw == bytes(raw)
        assert made.machine.steps == 0
        file.unlink()
        assert client.ask(b"vRun;").startswith(b"E")
        assert client.ask(b"m%x,8" % entry) == b"60000000" + old[8:]


# Words


@ONE_EACH
@pytest.mark.parametrize("digits", ["1" * 40, "0x" + "f" * 33, "0x" + "f" * 20_000, "9" * 20_000, "-1", "$nothing"])
@pytest.mark.parametrize("command", ["translate {}", "phys {}", "guest {}", "poke {} 00", "device {} 4", "phys 0 {}"])
def test_numbers_of_any_length_are_refused(board: Board, command: str, digits: str) -> None:
    """With a short message that says why, and no defect in the log."""
    with serve(board) as server, RspClient(server.address, HANGS) as client:
        client.handshake("multiprocess+;error-message+")
        reply = client.ask(b"qRcmd," + command.format(digits).encode().hex().encode())
    assert reply.startswith(b"E."), reply[:100]
    assert b"internal error" not in reply
    assert len(reply) < 500


# Devices


@pytest.mark.gdb
def test_a_devices_register_is_read_and_written_on_request(run_gdb: RunGdb) -> None:
    """What it refuses, and where no device is, is told with the reason; gdb's own reads touch no device."""
    with serve(ARM_VIRT) as server:
        output = run_gdb(
            server,
            "monitor device 0x09000fe0 4",
            "monitor device 0x08000000 4 =1",
            "monitor device 0x08000000 4",
            "monitor device 0x09000ffe 4",
            "monitor device 0x0a000000 4",
            f"monitor device {ARM_VIRT.base} 4",
            "monitor device 0x09000000 3",
        )
    said = output.text + "\n".join(output.errors)
    assert "pl011+0xfe0 = 0x00000011" in said
    assert re.findall(r"gicv2\+0x0 (?:=|<-) (\w+)", said) == ["0x00000001", "0x00000001"]
    assert "reaches over the end of the device" in said
    assert "devices there are:" in said
    assert "memory is at" in said
    assert "3 is no size" in said


# Conditions


@pytest.mark.gdb
@EVERY
def test_a_condition_on_a_local_is_evaluated_on_the_target(tmp_path: Path, run_gdb: RunGdb, board: Board) -> None:
    """`if i == 20` goes with the breakpoint, on Power as on Arm; one stop reaches gdb, not twenty-one."""
    file = tmp_path / "packets"
    with Recorder(file) as recorder, serving(compiled_target(board), recorder=recorder) as server:
        output = run_gdb(
            server, f"break {line_of('a round')} if i == 20", "continue", "info breakpoints", "print i", "print $pc"
        )
    assert output.errors == []
    assert "already hit 1 time" in output.text
    assert "$1 = 20" in output.text
    packets = file.read_text()
    assert re.search(r'"Z0,[0-9a-f]+,4;X', packets)
    assert packets.count("vCont;c:") == 1


def test_a_silent_connection_is_in_nobodys_way() -> None:
    """A health check that keeps its connection open does not keep the debugger out; a hundred of them do not either."""
    with serve(ARM_VIRT) as server, contextlib.ExitStack() as stack:
        for _ in range(100):
            stack.enter_context(socket.create_connection((server.address.host, server.address.port)))
        with RspClient(server.address, HANGS) as client:
            client.handshake()
            assert client.ask(b"qC") == b"QCp1.1"
