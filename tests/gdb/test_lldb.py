"""Claims about Debian's LLDB with real machines: attach, registers, breakpoints, watchpoints, steps, threads, detach.

LLDB 14 takes each 64-bit Power ELF file for a little-endian one, so it is given none there, and addresses instead.
"""

import json
import re
import subprocess
from collections.abc import Callable

import pytest

from trapline.server.rsp.client import RspClient
from trapline.server.rsp.framing import unescape
from trapline.server.rsp.server import GdbServer

from ..oracle import require
from .conftest import TIMEOUT
from .machines import EVERY, ONE_EACH, Board, serve

RunLldb = Callable[..., str]


@pytest.fixture
def run_lldb() -> RunLldb:
    """``run_lldb(server, command, …)`` connects, runs the commands, and gives what LLDB said."""
    lldb = require.oracle("lldb")

    def run(server: GdbServer, *commands: str) -> str:
        first = ("settings set plugin.process.gdb-remote.packet-timeout 20", f"gdb-remote {server.address.port}")
        arguments = [part for command in (*first, *commands) for part in ("-o", command)]
        done = subprocess.run(
            [lldb, "--no-lldbinit", "--batch", *arguments],
            capture_output=True,
            text=True,
            timeout=2 * TIMEOUT,
            check=False,
        )
        return done.stdout

    return run


@EVERY
def test_lldb_attaches_reads_and_writes_registers(run_lldb: RunLldb, board: Board) -> None:
    """The pc is the entry point, in the core's own byte order; a write is there when it is read."""
    register = "r20" if board.is_power else "r8"
    with serve(board) as server:
        said = run_lldb(
            server, "register read pc", f"register write {register} 0x1234", f"register read {register}", "thread list"
        )
    assert int(re.findall(r"pc = (0x\w+)", said)[0], 16) == board.elf().entry
    assert int(re.findall(rf"{register} = (0x\w+)", said)[-1], 16) == 0x1234
    assert "name = 'vcpu0'" in said


@EVERY
def test_lldb_stops_at_breakpoints_and_steps(run_lldb: RunLldb, board: Board) -> None:
    """Before the instruction; a step executes it; detaching lets the guest go."""
    store = board.elf().symbols["store"]
    with serve(board) as server:
        said = run_lldb(
            server,
            f"breakpoint set -a {store}",
            "continue",
            "register read pc",
            "thread step-inst",
            "register read pc",
            "breakpoint delete -f",
            "detach",
        )
    assert "stop reason = breakpoint 1.1" in said
    assert [int(found, 16) for found in re.findall(r"pc = (0x\w+)", said)] == [store, store + 4]
    assert "Process 1 detached" in said


@EVERY
def test_lldb_shows_old_and_new_at_a_watchpoint(run_lldb: RunLldb, board: Board) -> None:
    """It is told that the stop comes before the access, steps over it, and compares.

    Without a file LLDB 14 shows no more than 4 bytes of a value: the low half of Power's counter.
    """
    counter = board.elf().symbols["counter"] + board.word - 4
    with serve(board) as server:
        said = run_lldb(server, f"watchpoint set expression -s 4 -- {counter}", "continue", "continue")
    values = [int(found, 0) for found in re.findall(r"(?:old|new) value: (\w+)", said)]
    assert values[-4:] == [0, 1, 1, 2]


@EVERY
def test_lldb_lists_threads_and_regions(run_lldb: RunLldb, board: Board) -> None:
    """Two vcpus are two threads; RAM is a region with its permissions, what lies beyond is none."""
    with serve(board, vcpus=2) as server:
        said = run_lldb(server, "thread list", f"memory region {board.base}", "memory region 0x90000000")
    assert "name = 'vcpu0'" in said
    assert "name = 'vcpu1'" in said
    regions = re.findall(r"^\[0x(\w+)-0x(\w+)\) (\S+)", said, re.MULTILINE)
    first, last, permissions = regions[0]
    assert int(first, 16) <= board.base < int(last, 16)
    assert permissions == "rwx"
    assert regions[-1][2] == "---"


@ONE_EACH
def test_what_lldb_asks_is_answered(board: Board) -> None:
    """qHostInfo, qProcessInfo, watchpoint support, memory regions, all threads, and register packets with a thread."""
    with serve(board, vcpus=2) as server, RspClient(server.address) as client:
        client.handshake()
        host = dict(pair.split(b":") for pair in client.ask(b"qHostInfo").rstrip(b";").split(b";"))
        assert bytes.fromhex(host[b"triple"].decode()).startswith(b"powerpc64-" if board.is_power else b"armv7")
        assert host[b"endian"] == board.order.encode()
        assert host[b"watchpoint_exceptions_received"] == b"before"
        assert b"pid:1;" in client.ask(b"qProcessInfo")
        assert client.ask(b"qWatchpointSupportInfo:") == b"num:4096;"
        assert b"permissions:rwx;" in client.ask(b"qMemoryRegionInfo:%x" % board.base)
        threads = json.loads(unescape(client.ask(b"jThreadsInfo")) or b"")
        assert [thread["tid"] for thread in threads] == [1, 2]
        assert client.ask(b"QThreadSuffixSupported") == b"OK"
        number = b"14" if board.is_power else b"8"
        value = b"00000000000000aa" if board.is_power else b"aa000000"
        assert client.ask(b"P%b=%b;thread:2;" % (number, value)) == b"OK"
        assert client.ask(b"p%b;thread:2;" % number) == value
        assert client.ask(b"p%b;thread:1;" % number) != value
        assert client.ask(b"p%b;thread:9;" % number).startswith(b"E")
        assert len(client.ask(b"g;thread:2;")) == len(client.ask(b"g"))
