"""Claims about the server: its endpoint, damaged packets, second clients, vanishing ones, closing."""

import socket
import threading
import time
from pathlib import Path

import pytest

from trapline.server.rsp.client import ClientError, RspClient
from trapline.server.rsp.endpoint import Endpoint, EndpointError
from trapline.server.rsp.server import GdbServer

from .fake_target import FullToyTarget, ToyTarget
from .serving import serving, talking_to
from .toy_arch import POWER


@pytest.mark.parametrize(
    ("text", "argument"),
    [
        ("tcp:127.0.0.1:1234", "127.0.0.1:1234"),
        ("tcp::1234", "127.0.0.1:1234"),
        ("tcp:1234", "127.0.0.1:1234"),
        ("tcp:localhost:0", "localhost:0"),
        ("tcp:[::1]:1234", "[::1]:1234"),
        ("unix:/tmp/x.sock", "/tmp/x.sock"),
    ],
)
def test_an_endpoint_is_read_and_written_as_gdb_wants_it(text: str, argument: str) -> None:
    """`gdb_argument` is what stands after ``target remote``."""
    endpoint = Endpoint.parse(text)
    assert endpoint.gdb_argument == argument
    assert Endpoint.parse(str(endpoint)) == endpoint


@pytest.mark.parametrize("text", ["", "1234", "udp:1.2.3.4:5", "tcp:", "tcp:h:x", "tcp:h:70000", "tcp:h:-1", "unix:"])
def test_a_bad_endpoint_is_refused_with_the_right_form(text: str) -> None:
    """The message says how to write one."""
    with pytest.raises(EndpointError, match=r"tcp:HOST:PORT"):
        Endpoint.parse(text)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "example.org"])
def test_other_machines_are_refused_unless_allowed(host: str) -> None:
    """A debugger can do anything, and nothing asks for a password."""
    with pytest.raises(EndpointError, match="no password"):
        GdbServer(ToyTarget(POWER), Endpoint(host, 0))


def test_other_machines_can_be_allowed_explicitly() -> None:
    """`allow_remote` is a decision of its own."""
    with GdbServer(ToyTarget(POWER), Endpoint("0.0.0.0", 0), allow_remote=True) as server:
        assert server.address.port


def test_a_port_in_use_is_an_error_with_a_way_out() -> None:
    """Port 0 takes a free one."""
    with (
        GdbServer(ToyTarget(POWER)) as server,
        pytest.raises(EndpointError, match="port 0 picks a free one"),
    ):
        GdbServer(ToyTarget(POWER), server.address)


def test_the_hint_can_be_pasted_into_gdb() -> None:
    """With the port that was really taken."""
    with GdbServer(ToyTarget(POWER)) as server:
        assert server.connect_hint() == f"target remote 127.0.0.1:{server.address.port}"
        assert server.address.port


def test_a_unix_socket_serves_as_well(tmp_path: Path) -> None:
    """And its file is gone afterwards."""
    path = tmp_path / "gdb.sock"
    with serving(ToyTarget(POWER), endpoint=Endpoint(path=path)) as server, RspClient(server.address) as client:
        client.handshake()
        assert client.ask(b"qC") == b"QCp1.1"
    assert not path.exists()


def test_a_damaged_packet_is_asked_for_again() -> None:
    """``-`` while acknowledgements are on; the good one that follows is answered."""
    with serving(ToyTarget(POWER)) as server, RspClient(server.address) as client:
        client.socket.sendall(b"$qC#00")
        assert client.socket.recv(10) == b"-"
        client.socket.sendall(b"$qC#b4")
        assert client.receive() == b"QC1"


def test_a_damaged_packet_without_acknowledgements_is_an_error() -> None:
    """The client cannot know that it should repeat it."""
    with talking_to(ToyTarget(POWER)) as client:
        client.socket.sendall(b"$qC#00")
        assert b"checksum does not match" in client.receive()
        assert client.ask(b"qC") == b"QCp1.1"


def test_a_reply_is_repeated_on_request() -> None:
    """``-`` from the client."""
    with serving(ToyTarget(POWER)) as server, RspClient(server.address) as client:
        reply = client.ask(b"qC")
        client.socket.sendall(b"-")
        assert client.receive() == reply


@pytest.mark.parametrize("no_ack", [False, True])
def test_an_overlong_packet_is_answered(no_ack: bool) -> None:
    """Silence would leave the client waiting; the text says how long a packet may be."""
    with serving(ToyTarget(POWER)) as server, RspClient(server.address) as client:
        if no_ack:
            client.handshake()
        reply = client.ask(b"M1000,80000:" + b"00" * 0x80000)
        assert reply.startswith(b"E.")
        assert b"longer than PacketSize" in reply
        assert client.ask(b"m1000,4") == b"38630001"


def test_a_second_client_is_told_that_there_is_a_first() -> None:
    """An error with a text in reply to its first packet, and the end; the first goes on unharmed."""
    with talking_to(FullToyTarget(POWER)) as first:
        host, port = first.socket.getpeername()
        with RspClient(Endpoint(host, port)) as second:
            reply = second.ask(b"qSupported:multiprocess+")
            assert reply.startswith(b"E.another debugger is connected")
            with pytest.raises(ClientError, match="closed"):
                second.receive()
        assert first.ask(b"qC") == b"QCp1.1"


def test_a_second_client_is_told_while_the_target_runs() -> None:
    """And the run is not disturbed."""
    with talking_to(FullToyTarget(POWER)) as first:
        first.send(b"vCont;c")
        with RspClient(Endpoint(*first.socket.getpeername())) as second:
            assert second.ask(b"qSupported").startswith(b"E.")
        first.interrupt()
        assert first.receive().startswith(b"T02")


def test_many_second_clients_do_not_exhaust_the_server() -> None:
    """Those that say nothing are kept only up to a number."""
    with talking_to(FullToyTarget(POWER)) as first:
        address = first.socket.getpeername()
        crowd = [socket.create_connection(address) for _ in range(40)]
        assert first.ask(b"qC") == b"QCp1.1"
        for visitor in crowd:
            visitor.close()


@pytest.mark.parametrize("packet", [b"qC", b"vCont;c", b"m1000"])
def test_a_client_that_vanishes_leaves_the_server_listening(packet: bytes) -> None:
    """Also in the middle of a run, which ends with it; the next is served at once."""
    target = FullToyTarget(POWER)
    with serving(target) as server:
        for _ in range(5):
            client = RspClient(server.address)
            client.handshake()
            client.send(packet)
            client.close()
        with RspClient(server.address) as client:
            client.handshake()
            before = client.ask(b"g")
            time.sleep(0.01)
            assert client.ask(b"vCont;s:p1.1").startswith(b"T05")
            assert client.ask(b"g") != before


def test_a_client_that_vanishes_in_the_middle_of_a_packet_leaves_nothing_behind() -> None:
    """The next client's packets begin afresh."""
    with serving(ToyTarget(POWER)) as server:
        client = RspClient(server.address)
        client.socket.sendall(b"$m1000,")
        client.close()
        with RspClient(server.address) as client:
            client.handshake()
            assert client.ask(b"m1000,4") == b"38630001"


@pytest.mark.parametrize("busy", [False, True])
def test_closing_ends_a_session_and_the_server(busy: bool) -> None:
    """Also while the target runs; `serving` checks that the thread ends."""
    with serving(FullToyTarget(POWER)) as server, RspClient(server.address) as client:
        client.handshake()
        if busy:
            client.send(b"vCont;c")
            time.sleep(0.02)
        server.close()
        with pytest.raises((ClientError, ConnectionError)):
            client.ask(b"qC")


def test_closing_a_server_that_nobody_uses_is_enough() -> None:
    """No thread is left."""
    before = threading.active_count()
    server = GdbServer(ToyTarget(POWER))
    server.close()
    server.close()
    server.serve_one()
    assert threading.active_count() == before


def test_a_packet_size_that_cannot_work_is_refused() -> None:
    """It must hold at least the handshake."""
    with pytest.raises(ValueError, match="too small"):
        GdbServer(ToyTarget(POWER), packet_size=100)


def test_a_flood_of_packets_during_a_run_ends_the_connection_only() -> None:
    """They are not stored without bound; the server goes on."""
    with serving(FullToyTarget(POWER)) as server:
        with RspClient(server.address) as client:
            client.handshake()
            client.send(b"vCont;c")
            with pytest.raises((ClientError, ConnectionError)):
                for _ in range(1000):
                    client.socket.sendall(b"$qC#b4" * 1000)
                    time.sleep(0.001)
        with RspClient(server.address) as client:
            assert b"PacketSize" in client.handshake()


def test_a_socket_that_a_killed_server_left_behind_is_no_obstacle(tmp_path: Path) -> None:
    """Nobody listens there: it is replaced. One that somebody listens on stays, and so does a file."""
    path = tmp_path / "gdb.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as left:
        left.bind(str(path))
    listener, _ = Endpoint(path=path).listen()
    with listener:
        assert path.stat().st_mode & 0o777 == 0o600
        with pytest.raises(EndpointError, match="Address already in use"):
            Endpoint(path=path).listen()
    path.unlink()
    path.write_text("a file")
    with pytest.raises(EndpointError):
        Endpoint(path=path).listen()
    assert path.read_text() == "a file"
