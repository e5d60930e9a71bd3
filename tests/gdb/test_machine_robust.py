"""Claims about bad input: malformed packets and vanishing clients at live machines, and files that are no guests."""

import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from trapline.server.rsp.client import RspClient
from trapline.server.rsp.framing import frame
from trapline.server.rsp.server import GdbServer

from ..patience import HANGS
from .machines import ARM_VIRT, EVERY, ONE_EACH, PSERIES, Board, serve

MALFORMED = [
    b"p",
    b"pzz",
    b"pffffffff",
    b"P",
    b"P0",
    b"P0=1",
    b"P40=00",
    b"G00",
    b"m",
    b"m10000",
    b"m10000,zz",
    b"m-1,4",
    b"mffffffffffffffffffff,4",
    b"M10000,4:00",
    b"M10000,4:zzzzzzzz",
    b"X10000,8:ab",
    b"Z",
    b"Z0,10000",
    b"Z9,10000,4",
    b"Z0,10000,4;Xff,00",
    b"z0,10000",
    b"Hg",
    b"Hgp9.9",
    b"T",
    b"Tp7.1",
    b"vCont;",
    b"vCont;q",
    b"vCont;r10",
    b"vCont;s:p9.9",
    b"vFile:open:zz",
    b"vFile:pread:77,10,0",
    b"qXfer:features:read:nothing.xml:0,10",
    b"qXfer:features:read:target.xml:zz",
    b"qRcmd,6",
    b"qRcmd,zz",
    b"qCRC:10000",
    b"qSearch:memory:10000;10",
    b"QStartNoAckMode:1",
    b"vKill;9",
    b"D;9",
    b"\xff\xfe\x00",
]


def _state(client: RspClient) -> bytes:
    return client.ask(b"g") + client.ask(b"m10000,40")


@EVERY
def test_malformed_packets_are_refused_and_change_nothing(board: Board) -> None:
    """Each gets an error or the empty answer, and the guest's registers and memory are as before."""
    with serve(board) as server, RspClient(server.address) as client:
        client.handshake()
        before = _state(client)
        for packet in MALFORMED:
            reply = client.ask(packet)
            assert reply == b"" or reply[:1] in (b"E", b"F"), (packet, reply)
        assert _state(client) == before
        assert client.ask(b"vCont;s:p1.1").startswith(b"T05")


def _vanish(server: GdbServer, part: bytes) -> None:
    host, port = server.address.gdb_argument.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=10) as client:
        # Reset instead of a polite end, with the packet half sent.
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.sendall(part)


@ONE_EACH
@pytest.mark.parametrize("part", [b"", b"$", b"$m1000", b"$vCont;c#", b"+$X10000,1000:abc", b"\x03"])
def test_a_client_that_vanishes_in_a_packet_leaves_the_machine_usable(board: Board, part: bytes) -> None:
    """The next client finds the guest where it was, and it can be stepped."""
    with serve(board) as server:
        with RspClient(server.address) as client:
            client.handshake()
            before = _state(client)
        _vanish(server, part)
        with RspClient(server.address) as client:
            client.handshake()
            assert _state(client) == before
            assert client.ask(b"vCont;s:p1.1").startswith(b"T05")


@ONE_EACH
def test_a_client_that_vanishes_while_the_guest_runs_frees_the_server(board: Board) -> None:
    """The guest spins; the next client gets its turn, and stops it."""
    spin = board.elf().symbols["spin"]
    pc, digits = (0x40, 16) if board.is_power else (0xF, 8)
    with serve(board) as server:
        value = spin.to_bytes(digits // 2, "big" if board.is_power else "little").hex().encode()
        with RspClient(server.address) as client:
            client.handshake()
            assert client.ask(b"P%x=%b" % (pc, value)) == b"OK"
            client.socket.sendall(frame(b"vCont;c:p1.-1"))
        with RspClient(server.address) as client:
            client.handshake()
            assert client.ask(b"?").startswith((b"T", b"S"))
            assert client.ask(b"vCont;s:p1.1").startswith(b"T05")


@ONE_EACH
def test_garbage_between_packets_is_skipped(board: Board) -> None:
    """Wrong checksums are asked for again, bytes outside packets are nothing."""
    data = b""
    with serve(board) as server:
        host, port = server.address.gdb_argument.rsplit(":", 1)
        with socket.create_connection((host, int(port)), timeout=10) as client:
            client.sendall(b"garbage$qC#00" + frame(b"qC"))
            while frame(b"QC1") not in data and (received := client.recv(4096)):
                data += received
    assert data == b"-+" + frame(b"QC1")


def _overlapping(raw: bytes) -> bytes:
    """The same file with its second segment on top of its first: p_vaddr and p_paddr of a 64-bit header."""
    phoff = struct.unpack_from(">Q", raw, 32)[0]
    changed = bytearray(raw)
    changed[phoff + 56 + 16 : phoff + 56 + 32] = raw[phoff + 16 : phoff + 32]
    return bytes(changed)


BAD_FILES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda raw: b"", "the file is empty"),
    "text": (lambda raw: b"#!/bin/sh\n", "it is no program that its header tells"),
    "truncated header": (lambda raw: raw[:40], "ELF"),
    "truncated": (lambda raw: raw[: len(raw) // 2], "not all in the file"),
    "overlapping": (_overlapping, "overlap"),
}


def _trapline(command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "trapline", command, *arguments]
    return subprocess.run(line, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=HANGS, check=False)


def _refused(done: subprocess.CompletedProcess[str], says: str) -> None:
    assert done.returncode == 2, done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("rror:") + done.stderr.count("trapline:") <= 2, done.stderr


@pytest.mark.parametrize("command", ["run", "serve"])
@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_file_that_is_no_guest_is_one_clear_error(tmp_path: Path, command: str, kind: str) -> None:
    """Status 2, the file's name and what is wrong with it; no traceback."""
    change, says = BAD_FILES[kind]
    path = tmp_path / "bad.elf"
    path.write_bytes(change(PSERIES.elf().raw))
    done = _trapline(command, str(path))
    _refused(done, says)
    assert "bad.elf" in done.stderr.replace("\n", "")


@pytest.mark.parametrize("command", ["run", "serve"])
def test_a_guest_of_another_architecture_is_one_clear_error(tmp_path: Path, command: str) -> None:
    """With the machines that it would run on."""
    path = tmp_path / "arm.elf"
    path.write_bytes(ARM_VIRT.elf().raw)
    done = _trapline(command, "--machine", "pseries", str(path))
    _refused(done, "arm-virt, arm-kvm")


@pytest.mark.parametrize("command", ["run", "serve"])
def test_a_guest_that_is_not_there_is_one_clear_error(tmp_path: Path, command: str) -> None:
    """Also a folder in place of a file."""
    for path in (tmp_path / "none.elf", tmp_path):
        _refused(_trapline(command, str(path)), path.name)


@ONE_EACH
def test_a_guest_that_spins_leaves_other_threads_their_turn(board: Board) -> None:
    """A second client is told at once that it has to wait, also while the first one's guest runs."""
    spin = board.elf().symbols["spin"]
    pc, digits = (0x40, 16) if board.is_power else (0xF, 8)
    with serve(board) as server, RspClient(server.address) as client:
        value = spin.to_bytes(digits // 2, "big" if board.is_power else "little").hex().encode()
        client.handshake()
        assert client.ask(b"P%x=%b" % (pc, value)) == b"OK"
        client.send(b"vCont;c:p1.-1")
        host, port = server.address.gdb_argument.rsplit(":", 1)
        begin = time.monotonic()
        for _ in range(10):
            with socket.create_connection((host, int(port)), timeout=10) as second:
                second.sendall(frame(b"qSupported"))
                assert second.recv(4096)
        assert time.monotonic() - begin < 3
        client.interrupt()
        assert client.receive().startswith(b"T02")
