"""Claims about sessions at live machines: threads that come and go, ends, restarts, and clients that vanish."""

from __future__ import annotations

import socket
import struct

import pytest

from trapline.server.boards.machine import MachineOptions
from trapline.server.boards.power.papr.rtas import rtas_tokens
from trapline.server.boards.registry import build_machine
from trapline.server.hv.kvm import MpState
from trapline.server.rsp.client import RspClient
from trapline.server.rsp.framing import frame
from trapline.server.rsp.server import GdbServer
from trapline.server.target import MachineTarget

from ..patience import HANGS
from ..rsp.serving import serving
from .machines import ARM_KVM, ONE_EACH, PSERIES, RAM, Board, target
from .test_partitions import HYPERVISORS, partitions

FEATURES = "multiprocess+;swbreak+;hwbreak+;vContSupported+"
H_RTAS = 0xF000
PSCI_CPU_ON, PSCI_CPU_OFF = 0x84000003, 0x84000002
PC = {PSERIES: 0x40, ARM_KVM: 0xF}


def put(client: RspClient, board: Board, number: int, value: int) -> None:
    """Writes a general register, or pc."""
    raw = value.to_bytes(board.word, "big" if board.is_power else "little")
    assert client.ask(b"P%x=%b" % (number, raw.hex().encode())) == b"OK"


def call_rtas(client: RspClient, made: MachineTarget, name: str, *arguments: int) -> None:
    """Prepares a call of RTAS at the trap: argument block and registers."""
    counter = PSERIES.elf().symbols["counter"]
    words = (rtas_tokens(made.machine.description)[name], len(arguments), 1, *arguments, 0)
    data = struct.pack(f">{len(words)}I", *words)
    assert client.ask(b"M%x,%x:%b" % (counter, len(data), data.hex().encode())) == b"OK"
    put(client, PSERIES, 3, H_RTAS)
    put(client, PSERIES, 4, counter)
    put(client, PSERIES, PC[PSERIES], PSERIES.elf().symbols["trap_hcall"])


def power_on(client: RspClient, board: Board, made: MachineTarget) -> None:
    """vcpu 0 stands at the call that powers vcpu 1 on, at `spin`."""
    symbols = board.elf().symbols
    if board.is_power:
        call_rtas(client, made, "start-cpu", 1, symbols["spin"], 0)
        return
    for number, value in enumerate((PSCI_CPU_ON, 1, symbols["spin"], 0)):
        put(client, board, number, value)
    put(client, board, PC[board], symbols["trap_hvc"])


def power_off(client: RspClient, board: Board, made: MachineTarget) -> None:
    """The selected vcpu stands at the call that powers it off."""
    if board.is_power:
        call_rtas(client, made, "stop-self")
        return
    put(client, board, 0, PSCI_CPU_OFF)
    put(client, board, PC[board], board.elf().symbols["trap_hvc"])


@HYPERVISORS
@pytest.mark.parametrize("non_stop", [False, True])
def test_powering_on_and_off_is_told(board: Board, non_stop: bool) -> None:
    """`create` with the vcpu at its first instruction, none executed; `w` when it is off again. Unasked, neither."""
    made = target(board, vcpus=2)
    second = made.machine.vcpus[1]
    with serving(made) as server, RspClient(server.address, HANGS) as client:
        assert b"QThreadEvents+" in client.handshake(FEATURES)
        assert client.ask(b"QThreadEvents:1") == b"OK"
        if non_stop:
            assert client.ask(b"QNonStop:1") == b"OK"

        def run(packet: bytes) -> bytes:
            if not non_stop:
                return client.ask(packet)
            assert client.ask(packet) == b"OK"
            text = client.notification().removeprefix(b"Stop:")
            assert client.ask(b"vStopped") == b"OK"
            return text

        power_on(client, board, made)
        before = second.core.steps
        assert run(b"vCont;c:p1.1" if non_stop else b"vCont;c").startswith(b"T05create:;thread:p1.2;")
        assert second.core.steps == before
        assert second.core.pc == board.elf().symbols["spin"]
        if non_stop:
            assert client.ask(b"vCont;t:p1.1") == b"OK"
            client.notification()
            assert client.ask(b"vStopped") == b"OK"
        assert client.ask(b"Hgp1.2") == b"OK"
        power_off(client, board, made)
        assert run(b"vCont;c:p1.2") == b"w00;p1.2"
        assert second.mp_state is MpState.STOPPED
        assert client.ask(b"QThreadEvents:0") == b"OK"


@HYPERVISORS
def test_nothing_is_told_of_powering_without_being_asked(board: Board) -> None:
    """The step ends as any other, and the vcpu can run."""
    made = target(board, vcpus=2)
    with serving(made) as server, RspClient(server.address, HANGS) as client:
        client.handshake(FEATURES)
        power_on(client, board, made)
        assert client.ask(b"Z0,%x,4" % board.elf().symbols["spin"]) == b"OK"
        assert client.ask(b"vCont;s:p1.1").startswith(b"T05thread:p1.1;")
        assert client.ask(b"vCont;c:p1.2").startswith(b"T05swbreak:;thread:p1.2;")


@HYPERVISORS
def test_run_begins_all_partitions_anew(board: Board) -> None:
    """vRun after one has ended and another has been killed: both are there, and breakpoints stay."""
    made = partitions(board)
    store = board.elf().symbols["store"]
    with serving(made) as server, RspClient(server.address, HANGS) as client:
        client.handshake(FEATURES)
        assert client.ask(b"!") == b"OK"
        assert client.ask(b"vAttach;2").startswith(b"T05")
        assert client.ask(b"vKill;2") == b"OK"
        assert b"not attached" in client.ask(b"vKill;2")
        assert b"there are" in client.ask(b"vAttach;2")
        assert client.ask(b"vCont;c") == b"W00;process:1"
        assert client.ask(b"?") == b"W00;process:1"
        assert client.ask(b"vRun;").startswith(b"T05thread:p1.1;")
        assert client.ask(b"vAttach;2").startswith(b"T05thread:p2.1;")
        assert client.ask(b"Hgp2.1") == b"OK"
        assert client.ask(b"Z0,%x,4" % store) == b"OK"
        client.send(b"R00")
        assert client.ask(b"?").startswith(b"T05thread:p1.1;")
        assert client.ask(b"vCont;c") == b"W00;process:1"
        assert client.ask(b"vCont;c").startswith(b"T05swbreak:;thread:p2.1;")
        client.send(b"k")


# Disconnects

TALK = (
    frame(b"qSupported:" + FEATURES.encode()),
    frame(b"QStartNoAckMode"),
    frame(b"Hgp1.1"),
    frame(b"Z0,%x,4"),
    frame(b"Z2,8000,4"),
    frame(b"QThreadEvents:1"),
    frame(b"QNonStop:1"),
    frame(b"vCont;c"),
    frame(b"g"),
    frame(b"vCont;t:p1.1"),
    frame(b"vStopped"),
    frame(b"QNonStop:0"),
    frame(b"vCont;c"),
    b"\x03",
    frame(b"bs"),
    frame(b"D"),
)


def vanish(server: GdbServer, said: bytes, politely: bool) -> None:
    """Connects, says so much, and is gone."""
    host, port = server.address.gdb_argument.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=HANGS) as client:
        if not politely:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.sendall(said)


@ONE_EACH
@pytest.mark.parametrize("politely", [True, False], ids=["closed", "reset"])
def test_a_client_may_vanish_at_every_boundary(board: Board, politely: bool) -> None:
    """Between any two packets, in the middle of one, and behind its last byte: the next client finds nothing of it."""
    symbols = board.elf().symbols
    said = [part % symbols["spin"] if b"%x" in part else part for part in TALK]
    said[3] = frame(b"Z0,%x,4" % symbols["spin"])
    made = target(board, vcpus=2)
    made.machine.vcpus[0].core.pc = symbols["spin"]
    with serving(made) as server:
        for count in range(len(said)):
            before = b"".join(said[:count])
            for part in (said[count][:2], said[count][:-1], said[count]):
                vanish(server, before + part, politely)
            with RspClient(server.address, HANGS) as client:
                client.handshake(FEATURES)
                assert client.ask(b"?").startswith((b"T05", b"T02")), count
                assert client.ask(b"vStopped") == b"", "all-stop again"
                assert made.points.addresses == frozenset()
                assert made.catches.points == []
                assert client.ask(b"vCont;s:p1.1").startswith(b"T05thread:p1.1;"), count
                assert client.ask(b"D") == b"OK"


STATES = ("tight loop", "fault storm", "asleep", "all parked", "in the middle of an hcall")


@HYPERVISORS
@pytest.mark.parametrize("state", STATES)
def test_sessions_come_and_go_in_every_state(board: Board, state: str) -> None:
    """Attach, run, interrupt, detach, non-stop, vanish: again and again, and the guest's state stays what it does."""
    options = MachineOptions(vcpus=2, ram_size=RAM, wild_after=0)
    made = MachineTarget(lambda: build_machine(board.elf(), board.name, options))
    enter(made, board, state)
    with serving(made) as server:
        for turn in range(6):
            with RspClient(server.address, HANGS) as client:
                client.handshake(FEATURES)
                assert client.ask(b"?").startswith(b"T")
                if turn % 2:
                    assert client.ask(b"QNonStop:1") == b"OK"
                    assert client.ask(b"vCont;c") == b"OK"
                    assert client.ask(b"vCtrlC") == b"OK"
                    assert client.notification().startswith(b"Stop:T02"), state
                else:
                    client.send(b"vCont;c")
                    client.interrupt()
                    reply = client.receive()
                    while reply.startswith(b"O"):
                        reply = client.receive()
                    assert reply.startswith((b"T02", b"T00")), (state, reply)
                if turn < 4:
                    assert client.ask(b"D") == b"OK"


def enter(made: MachineTarget, board: Board, state: str) -> None:
    """Puts the guest into a state."""
    symbols = board.elf().symbols
    core = made.machine.vcpus[0].core
    core.pc = symbols["spin"]
    if state == "all parked":
        made.machine.vcpus[0].mp_state = MpState.STOPPED
    elif state == "fault storm":
        # Power: an illegal instruction, whose vector branches to itself; Arm: an undefined one at its own vector.
        core.pc = symbols["trap_illegal"]
    elif state == "asleep":
        made.machine.vcpus[0].mp_state = MpState.HALTED
    elif state == "in the middle of an hcall":
        core.pc = symbols["trap_hcall" if board.is_power else "trap_hvc"]
