"""What a person is told of a wild guest: by `trapline run`, by a debugger, and by `monitor` commands."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from trapline.server.rsp.client import RspClient
from trapline.server.rsp.endpoint import Endpoint
from trapline.server.target import MachineTarget

from ..patience import HANGS
from ..rsp.serving import talking_to
from .guests import GALLERY, WildGuest
from .programs import built, elf_of

CHOSEN = tuple(GALLERY[at] for at in (0, 4, 11, 29, 37))
"""Zeros, a branch to itself, a handler that grows the lost stack; and two of Arm's."""


def named(guest: WildGuest) -> str:
    """What pytest calls a guest."""
    return f"{guest.name}, {guest.board} {guest.core}"


def monitor(client: RspClient, line: str) -> str:
    """What a monitor command prints."""
    client.send(b"qRcmd," + line.encode().hex().encode())
    return said(client)[0]


def said(client: RspClient) -> tuple[str, bytes]:
    """(what is printed on the user's console, the packet behind that)."""
    text = b""
    while (packet := client.receive()).startswith(b"O") and packet != b"OK":
        text += bytes.fromhex(packet[1:].decode())
    return text.decode(), packet


@pytest.mark.parametrize("guest", [one for one in CHOSEN if one.kind != "died"], ids=named)
def test_the_debugger_stops_where_a_guest_runs_wild(guest: WildGuest) -> None:
    """`continue` comes back by itself, with the message on the console; the registers are those of the place."""
    machine = built(guest.source, guest.core, guest.base, guest.board, "native")
    with talking_to(MachineTarget(lambda: machine)) as client:
        client.send(b"vCont;c:p1.-1")
        text, stop = said(client)
        assert stop.startswith(b"T05")
        assert machine.wild is not None
        assert text == f"{machine.wild.message}\n"
        for part in guest.says:
            assert part in text
        assert machine.wild.message in monitor(client, "info machine")
        assert client.ask(b"vCont;s:p1.1").startswith(b"T05"), "it can be stepped on"


def test_monitor_shows_interrupts_and_code_of_a_wild_guest() -> None:
    """Counters, the last ones with their causes, the words that are none; code by the description."""
    guest = CHOSEN[0]
    machine = built(guest.source, guest.core, guest.base, guest.board, "native")
    with talking_to(MachineTarget(lambda: machine)) as client:
        assert monitor(client, "info interrupts") == "no interrupts yet\n"
        client.send(b"vCont;c:p1.-1")
        said(client)
        shown = monitor(client, "info interrupts")
        assert "    1000  Program (program), vector 0x700\n" in shown
        assert "       1  word 0x00000000 at 0x4000 <_start>, which the description has no form for\n" in shown
        assert "     999  word 0x00000000 at 0x700, which" in shown
        assert shown.count("vcpu 0, after 0 instructions: Program, program(illegal), at 0x700") == 16
        code = monitor(client, "disassemble 0x4000 2")
        assert code.splitlines()[0].startswith("   0x4000 <_start>:  00000000  .long 0")
        assert "no instruction has this encoding" in code
        assert monitor(client, "disassemble").startswith("=> 0x700:  00000000")


def test_monitor_disassembles_by_the_description_in_both_sets() -> None:
    """As many instructions as are asked for, in the instruction set that is executed; where nothing is, it says so."""
    code = "adr r0, on + 1\nbx r0\n.thumb\non: movs r1, #1\nadds r1, r1, r1\nhvc #3\nb ."
    machine = built(f"_start:\n{code}\n", "armv7ve", 0x4001_0000, "arm-virt", "native")
    with talking_to(MachineTarget(lambda: machine)) as client:
        first = monitor(client, "disassemble")
        assert first.startswith("=> 0x40010000 <_start>:  e28f0001  ")
        assert len(first.splitlines()) == 10
        for _ in range(2):
            client.ask(b"vCont;s:p1.1")
        thumb = monitor(client, "disassemble $pc 3" if "PC" in machine.description.registers else "disassemble")
        assert "hvc #3" in thumb
        assert "=> 0x40010008 <on>:  2101  movs r1, #1\n" in thumb
        client.send(b"qRcmd," + b"disassemble 0x10000000".hex().encode())
        assert "no RAM is at" in said(client)[0]


def test_monitor_translate_says_where_no_memory_is() -> None:
    """An address that is translated to nothing, and one that leads to a device."""
    machine = built("_start:\nb .\n", "armv7ve", 0x4001_0000, "arm-virt", "native")
    with talking_to(MachineTarget(lambda: machine)) as client:
        assert "0x10000000 (no memory is there)" in monitor(client, "translate 0x10000000 fetch")
        assert "pl011" in monitor(client, "translate 0x9000000")
        assert "memory" not in monitor(client, "translate 0x40010000")


def trapline(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the command line with no input."""
    command = [sys.executable, "-m", "trapline", *arguments]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=HANGS, check=False)


@pytest.fixture
def zeros(tmp_path: Path) -> str:
    """The ELF file of a guest that is nothing but zeros."""
    path = tmp_path / "zeros.elf"
    path.write_bytes(elf_of("_start:\n.space 64\n", "power7", 0x4000))
    return str(path)


def test_run_ends_with_a_status_of_its_own(zeros: str) -> None:
    """7, and one line that names the first cause; figures on request."""
    done = trapline("run", "--stats", zeros)
    assert done.returncode == 7
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("trapline:")]
    assert line.startswith("trapline: wild: vcpu 0 runs wild: ")
    assert "at 0x4000 <_start>: word 0x00000000, the description has no form for this word" in line
    assert "interrupts        1000  Program (program), vector 0x700" in done.stderr


def test_run_goes_on_on_request_and_says_where_it_was(zeros: str) -> None:
    """With --wild-after 0 the budget ends it, and the message has the place that it was found at most often."""
    done = trapline("run", "--wild-after", "0", "--max-instructions", "3000000", zeros)
    assert done.returncode == 3
    assert "still running after 3000000 instructions, vcpu 0 at 0x700" in done.stderr
    assert "found most often at 0x700" in done.stderr


@contextmanager
def served(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], Endpoint]]:
    """A server process and where it listens."""
    command = [sys.executable, "-m", "trapline", "serve", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        server.stderr.readline()
        host, port = server.stderr.readline().split()[2].rsplit(":", 1)
        try:
            yield server, Endpoint(host, int(port))
        finally:
            server.kill()


def test_serve_stops_a_wild_guest_and_waits_for_a_debugger(zeros: str) -> None:
    """Nobody is attached: the message goes to standard error, the guest stands still, and who comes finds it so."""
    with served(zeros) as (server, place):
        assert server.stderr is not None
        assert server.stderr.readline().startswith("trapline: vcpu 0 runs wild: ")
        assert "attach a debugger" in server.stderr.readline()
        with RspClient(place) as client:
            client.handshake()
            assert client.ask(b"?").startswith(b"T05")
            assert "    1000  Program" in monitor(client, "info interrupts")
            client.send(b"vCont;c:p1.-1")
            assert "runs wild" in said(client)[0], "let go, it runs wild again"


def test_attaching_to_a_storm_of_interrupts_is_answered(zeros: str) -> None:
    """Though nothing stops the guest: it is between two of them."""
    with served("--wild-after", "0", zeros) as (_, place), RspClient(place) as client:
        client.handshake()
        assert client.ask(b"?").startswith(b"T05")
        client.send(b"vCont;c:p1.-1")
        client.interrupt()
        assert said(client)[1].startswith(b"T02")
        counts = [monitor(client, "info interrupts").split()[0] for _ in range(2)]
        assert counts[0] == counts[1], "it stands still"
