"""Pitfalls of GDB's protocol, and what users of other servers complain about, held against real machines.

Here or, as the table says, elsewhere in this folder (toy: test_toy_*.py) and in tests/rsp:

| pitfall or complaint | where it is tested |
|---|---|
| `g` ends at a register's boundary, in the order of numbers | here; rsp/test_register_packets.py |
| a union's `value` and `fields` can be set | test_machine_connect.py |
| byte order and symbols without a file | test_machine_connect.py |
| both `s` and `S` in `vCont?`, range steps arrive as `vCont;r` | here; test_machine_running.py |
| no partial memory map | here |
| pc at a watchpoint's stop | test_machine_running.py |
| start of history is told, not an error | toy; here: no history is an error at once |
| reverse execution by `bs` and `bc` | rsp/test_execution_packets.py, toy |
| conditions of breakpoints are evaluated, not dropped | test_machine_running.py, rsp/test_conditions.py |
| unknown packets, LLDB's among them, get the empty answer | here; rsp/test_any_packet.py |
| a stray `bs` ends the server | here |
| reading a GIC register with two CPUs ends the server | here |
| writes to registers are thrown away | test_machine_connect.py |
| unmapped reads give zeros, unmapped writes an OK | test_machine_connect.py, test_machine_monitor.py |
| an overlong packet or a second client gets no answer | here; test_machine_monitor.py |
| stepping a powered-off vcpu never stops | test_machine_monitor.py |
| names twice in the target description, missing q11 | here |
| system registers are not available | test_machine_connect.py |
| `monitor` reaches the wrong core | here |
| a step over a reservation never ends | test_machine_steps.py |
"""

import re
import time

import pytest

from trapline.server.rsp.client import RspClient

from .conftest import RunGdb
from .machines import ARM_KVM, ARM_VIRT, EVERY, ONE_EACH, PSERIES, Board, serve, target

LLDB = (b"qGetWorkingDir", b"qSymbol::", b"jThreadExtendedInfo:", b"QListThreadsInStopReply")


def _description(client: RspClient) -> str:
    """All of target.xml, in pieces as gdb reads it."""
    text = b""
    while True:
        reply = client.ask(b"qXfer:features:read:target.xml:%x,1000" % len(text))
        text += reply[1:]
        if reply[:1] == b"l":
            return text.decode()


@EVERY
def test_g_ends_at_a_boundary_between_registers(board: Board) -> None:
    """Its length is that of the first so many registers in the order of their numbers."""
    described = target(board).describe()
    ends = [0]
    for number in sorted(described.by_number):
        ends.append(ends[-1] + described.by_number[number].size)
    with serve(board) as server, RspClient(server.address) as client:
        client.handshake()
        length = len(client.ask(b"g")) // 2
    assert length in ends[1:]
    assert length >= (32 * 8 if board.is_power else 16 * 4)


@EVERY
def test_the_target_description_names_each_register_once(board: Board) -> None:
    """And each number; q0 to q15 are all there."""
    with serve(board) as server, RspClient(server.address) as client:
        client.handshake()
        text = _description(client)
    names = re.findall(r'<reg name="([^"]+)"', text)
    numbers = re.findall(r'regnum="(\d+)"', text)
    assert len(names) == len(set(names)) > 100
    assert len(numbers) == len(set(numbers))
    if not board.is_power:
        assert {f"q{n}" for n in range(16)} <= set(names)


@EVERY
def test_steps_are_offered_in_both_spellings(board: Board) -> None:
    """Else gdb steps Arm by breakpoints; range steps are offered, too, and no memory map is."""
    with serve(board) as server, RspClient(server.address) as client:
        features = client.handshake("multiprocess+;vContSupported+;swbreak+;hwbreak+")
        actions = client.ask(b"vCont?").split(b";")[1:]
    assert {b"c", b"C", b"s", b"S", b"r"} <= set(actions)
    assert b"vContSupported+" in features
    assert b"qXfer:memory-map" not in features


@EVERY
def test_a_stray_reverse_step_leaves_the_server_alive(board: Board) -> None:
    """Where there is no history to go back in, `bs` and `bc` get an answer at once, and nothing moves."""
    with serve(board) as server, RspClient(server.address) as client:
        client.handshake()
        before = client.ask(b"g")
        for packet in (b"bs", b"bc"):
            reply = client.ask(packet)
            assert reply == b"" or reply.startswith((b"E", b"T05replaylog:begin"))
        assert client.ask(b"g") == before


@EVERY
def test_packets_of_another_debugger_get_the_empty_answer(board: Board) -> None:
    """LLDB asks unprompted; silence would stall it."""
    with serve(board) as server, RspClient(server.address) as client:
        client.handshake()
        assert [client.ask(packet) for packet in LLDB] == [b""] * len(LLDB)


@ONE_EACH
def test_an_overlong_packet_is_answered(board: Board) -> None:
    """With an error, soon; the next packet is understood."""
    with serve(board) as server, RspClient(server.address) as client:
        client.handshake()
        begin = time.monotonic()
        assert client.ask(b"m10000,4" + b"0" * (4 << 20)).startswith(b"E")
        assert time.monotonic() - begin < 5
        assert client.ask(b"qC") == b"QCp1.1"


@pytest.mark.gdb
@pytest.mark.parametrize("board", [ARM_VIRT, ARM_KVM], ids=lambda board: board.name)
def test_looking_at_a_device_disturbs_nothing(run_gdb: RunGdb, board: Board) -> None:
    """With two CPUs, at the GIC's banked registers and the serial port: an error or a value, no end of it."""
    with serve(board, vcpus=2) as server:
        output = run_gdb(server, "thread 2", "x/8xw 0x08000000", "x/4xw 0x08010000", "x/2xw 0x09000000", "p 1+1")
    assert "$1 = 2" in output.text
    assert all("Cannot access memory" in line for line in output.errors)


@pytest.mark.gdb
@pytest.mark.parametrize("board", [PSERIES, ARM_KVM], ids=lambda board: board.name)
def test_monitor_speaks_to_the_selected_thread(run_gdb: RunGdb, board: Board) -> None:
    """`monitor registers` after `thread 2` shows the second vcpu's."""
    name = "SPRG0" if board.is_power else "TPIDRURW"
    with serve(board, vcpus=2) as server:
        output = run_gdb(
            server,
            f"set ${name.lower()} = 0x111",
            "thread 2",
            f"set ${name.lower()} = 0x222",
            f"monitor registers {name}",
            "thread 1",
            f"monitor registers {name}",
        )
    text = output.text + "\n".join(output.errors)
    assert re.findall(rf"{name} = (0x\w+)", text) == ["0x222", "0x111"]
