"""Claims about several inferiors with a real gdb: partitions of one host, and the host side."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from trapline.server.boards.machine import MachineOptions
from trapline.server.boards.registry import build_machine
from trapline.server.loading.guest import guest_of
from trapline.server.rsp.client import RspClient
from trapline.server.rsp.server import GdbServer
from trapline.server.target import MachineTarget

from ..patience import HANGS
from ..rsp.serving import serving
from .conftest import RunGdb
from .machines import ARM_KVM, PSERIES, RAM, Board
from .mi import Mi

pytestmark = pytest.mark.gdb

HYPERVISORS = pytest.mark.parametrize("board", [PSERIES, ARM_KVM], ids=lambda board: board.name)
EXTENDED = "target extended-remote"


def partitions(board: Board, count: int = 2, vcpus: int = 1) -> MachineTarget:
    """The board's guest in so many partitions of one host."""
    guest = guest_of(board.elf())
    several = replace(guest, neighbours=(guest,) * (count - 1))
    options = MachineOptions(vcpus=vcpus, ram_size=RAM)
    return MachineTarget(lambda: build_machine(several, board.name, options))


@contextlib.contextmanager
def serve_partitions(board: Board, count: int = 2, vcpus: int = 1) -> Iterator[GdbServer]:
    """A server for them."""
    with serving(partitions(board, count, vcpus)) as server:
        yield server


@HYPERVISORS
def test_partitions_and_the_host_can_be_attached_to(run_gdb: RunGdb, board: Board) -> None:
    """`info os processes` lists them; each is an inferior, its vcpus are threads with names and states."""
    with serve_partitions(board, 2, 2) as server:
        output = run_gdb(
            server,
            "info os processes",
            "add-inferior",
            "inferior 2",
            "attach 2",
            "add-inferior",
            "inferior 3",
            "attach 3",
            "info threads",
            "info inferiors",
            connect=EXTENDED,
        )
    assert not [line for line in output.errors if "warning" not in line and "determining exec" not in line]
    listed = [line.split() for line in output.text.splitlines() if line.split()[:1] in (["1"], ["2"], ["3"])]
    assert [line[0] for line in listed[:3]] == ["1", "2", "3"]
    assert "(host)" in output.text
    for thread in ("1.1", "1.2", "2.1", "2.2"):
        assert f'Thread {thread} "vcpu' in output.text
    assert 'Thread 3.1 "core0.thread0"' in output.text
    assert 'Thread 1.2 "vcpu1" (powered off)' in output.text


@HYPERVISORS
def test_memory_registers_and_breakpoints_belong_to_their_inferior(run_gdb: RunGdb, board: Board) -> None:
    """Set in the second partition, a breakpoint stops that one; the first one runs to its end."""
    store, counter = board.elf().symbols["store"], board.elf().symbols["counter"]
    with serve_partitions(board) as server, RspClient(server.address, HANGS) as client:
        client.handshake()
        assert client.ask(b"vAttach;2").startswith(b"T05thread:p2.1;")
        assert client.ask(b"Hgp2.1") == b"OK"
        assert client.ask(b"Z0,%x,4" % store) == b"OK"
        assert client.ask(b"M%x,1:aa" % counter) == b"OK"
        assert client.ask(b"m%x,1" % counter) == b"aa"
        assert client.ask(b"Hgp1.1") == b"OK"
        assert client.ask(b"m%x,1" % counter) == b"00"
        assert client.ask(b"z0,%x,4" % store) == b"OK", "not this one's: nothing is removed"
        assert client.ask(b"vCont;c") == b"W00;process:1"
        assert client.ask(b"qfThreadInfo") == b"mp2.1"
        assert client.ask(b"vCont;c").startswith(b"T05swbreak:;thread:p2.1;")
        assert client.ask(b"D;2") == b"OK"


@HYPERVISORS
def test_each_partition_ends_by_itself(run_gdb: RunGdb, board: Board) -> None:
    """gdb says so of each; the other one is still there, and the machine ends with the last."""
    with serve_partitions(board) as server:
        output = run_gdb(
            server,
            "set schedule-multiple on",
            "add-inferior",
            "inferior 2",
            "attach 2",
            f"set ${board.argument} = 0",
            "continue",
            "info inferiors",
            "inferior 1",
            "info threads",
            "inferior 2",
            "continue",
            connect=EXTENDED,
        )
    for number in (1, 2):
        assert f"[Inferior {number} (process {number}) exited normally]" in output.text


@HYPERVISORS
def test_detaching_from_one_leaves_the_other(board: Board) -> None:
    """The one let go runs on beside the one that is debugged, and back to it the debugger finds it further on."""
    made = partitions(board)
    second = made.machine.partitions[1].vcpus[0]
    with serving(made) as server, RspClient(server.address, HANGS) as client:
        client.handshake()
        assert client.ask(b"vAttach;2").startswith(b"T05")
        second.core.pc = board.elf().symbols["spin"]
        assert client.ask(b"D;2") == b"OK"
        assert b"not attached" in client.ask(b"D;2")
        before = second.core.steps
        first = made.machine.partitions[0].vcpus[0]
        entry, first.core.pc = first.core.pc, second.core.pc
        client.send(b"vCont;c:p1.-1")
        while second.core.steps == before:
            time.sleep(0.001)
        client.interrupt()
        assert client.receive().startswith(b"T02thread:p1.1;")
        first.core.pc = entry
        assert client.ask(b"Hgp1.1") == b"OK"
        assert client.ask(b"Z0,%x,4" % board.elf().symbols["store"]) == b"OK"
        for _ in range(3):
            assert client.ask(b"vCont;c").startswith(b"T05swbreak:;thread:p1.1;")
        assert client.ask(b"vCont;c") == b"W00;process:1"
        assert client.ask(b"vAttach;2").startswith(b"T05thread:p2.1;")
        assert second.core.steps > before
        assert client.ask(b"vKill;2") == b"OK"
        assert client.ask(b"qfThreadInfo") == b"l"


@HYPERVISORS
def test_the_host_side_is_real_memory_without_instructions(board: Board) -> None:
    """What a partition has at an address is somewhere else for the host; nothing can be run or stopped there."""
    made = partitions(board)
    host = b"3"
    entry = board.elf().entry
    with serving(made) as server, RspClient(server.address, HANGS) as client:
        client.handshake()
        guests = client.ask(b"m%x,10" % entry)
        real = [member.core_address(entry) for member in (made.machine.behind(0), made.machine.behind(1))]
        assert len(set(real)) == 2
        assert client.ask(b"vAttach;" + host).startswith(b"T05thread:p3.1;")
        for address in real:
            assert client.ask(b"m%x,10" % address) == guests
        assert client.ask(b"M%x,1:ee" % real[1]) == b"OK"
        assert b"without instructions" in client.ask(b"Z0,%x,4" % real[0])
        reply = client.ask(b"vCont;c:p3.-1")
        while reply.startswith(b"O"):
            reply = client.receive()
        assert reply.startswith(b"T00thread:p3.1;")
        assert b"is the host" in client.ask(b"vKill;3")
        assert client.ask(b"D;3") == b"OK"
        assert client.ask(b"vAttach;2").startswith(b"T05")
        assert client.ask(b"m%x,1" % entry) == b"ee"
        assert client.ask(b"qXfer:exec-file:read:2:0,100").startswith(b"l/")


@HYPERVISORS
def test_backwards_through_several_partitions(board: Board) -> None:
    """The past is one for all of them: each is where it was, byte by byte."""
    made = partitions(board)
    with serving(made) as server, RspClient(server.address, HANGS) as client:
        client.handshake()
        assert client.ask(b"vAttach;2").startswith(b"T05")
        seen = [_states(client)]
        for _ in range(6):
            assert client.ask(b"vCont;s:p1.1").startswith(b"T05")
            seen.append(_states(client))
            assert client.ask(b"vCont;s:p2.1").startswith(b"T05")
            seen.append(_states(client))
        for expected in reversed(seen[:-1]):
            thread = b"p2.1" if seen.index(expected) % 2 else b"p1.1"
            assert client.ask(b"Hc" + thread) == b"OK"
            assert client.ask(b"Hg" + thread) == b"OK"
            assert client.ask(b"bs").startswith(b"T05")
            assert _states(client) == expected
        assert client.ask(b"vCont;c") != b""


def _states(client: RspClient) -> list[bytes]:
    return [client.ask(b"Hgp%x.1" % pid) + client.ask(b"g") for pid in (1, 2)]


@HYPERVISORS
def test_front_ends_list_and_attach(gdb_installed: None, board: Board) -> None:
    """MI: -list-thread-groups --available, -add-inferior, -target-attach, -exec-continue --all in non-stop."""
    mi = Mi("mi-async on", "non-stop on")
    try:
        made = partitions(board)
        for partition in made.machine.partitions:
            partition.vcpus[0].core.pc = board.elf().symbols["spin"]
        with serving(made) as server:
            mi.ask(f"-target-select extended-remote {server.address.gdb_argument}")
            available = mi.ask("-list-thread-groups --available")["payload"]["groups"]
            assert [group["id"] for group in available] == ["1", "2", "3"]
            assert all(group["description"] for group in available)
            mi.ask("-add-inferior")
            mi.ask('-interpreter-exec console "inferior 2"')
            mi.ask("-target-attach 2")
            mi.stop(2)
            assert set(mi.states().values()) == {"stopped"}
            mi.ask("-exec-continue --all")
            assert set(mi.states().values()) == {"running"}
            mi.ask("-exec-interrupt --thread-group i2")
            mi.stop(2)
            assert mi.states() == {"1": "running", "2": "stopped"}
            groups = mi.ask("-list-thread-groups")["payload"]["groups"]
            assert [group["pid"] for group in groups] == ["1", "2"]
    finally:
        mi.close()


def test_the_command_line_starts_them(tmp_path: Path) -> None:
    """`trapline run --partition`: each one's lines with its number, and status 0 when all have passed."""
    file = tmp_path / "guest.elf"
    file.write_bytes(PSERIES.elf().raw)
    line = [sys.executable, "-m", "trapline", "run", str(file), "--partition", str(file), "--partition", str(file)]
    done = subprocess.run(line, capture_output=True, text=True, timeout=HANGS, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr
    assert sorted(done.stdout.split("\n")) == ["", "PASS", "[2] PASS", "[3] PASS"]
    bare = [*line[:4], "--machine", "power-bare", str(file), "--partition", str(file)]
    done = subprocess.run(bare, capture_output=True, text=True, timeout=HANGS, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 2
    assert "no hypervisor" in done.stderr
