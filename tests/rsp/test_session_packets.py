"""Claims about the handshake, documents, files, monitor commands, and how a session ends."""

import struct
import xml.etree.ElementTree as ET

import pytest

from trapline.server.rsp.client import RspClient
from trapline.server.rsp.framing import unescape
from trapline.server.rsp.target import MemoryRegion

from .fake_target import FullToyTarget, ToyTarget
from .serving import serving, talking_to
from .toy_arch import ARM, BASE, NOP, POWER, ToyArch
from .toy_elf import toy_elf

PATH = b"/partition1/toy.elf"


class MappedToy(ToyTarget):
    """A toy with a memory map."""

    def memory_map(self) -> list[MemoryRegion]:
        return [MemoryRegion("ram", 0x1000, 0x100000), MemoryRegion("rom", 0x400000, 0x1000)]


def test_the_features_offered_are_those_of_the_target() -> None:
    """Nothing is offered that the target cannot do, and nothing that it can is kept back."""
    dependent = {
        "swbreak+", "hwbreak+", "ConditionalBreakpoints+", "ReverseStep+", "ReverseContinue+",
        "qXfer:exec-file:read+", "qXfer:memory-map:read+",
    }  # fmt: skip

    def offered(target: ToyTarget) -> set[str]:
        with serving(target) as server, RspClient(server.address) as client:
            return set(client.handshake().decode().split(";"))

    bare, full = offered(ToyTarget(POWER)), offered(FullToyTarget(POWER))
    assert not bare & dependent
    assert full & dependent == dependent - {"qXfer:memory-map:read+"}
    assert "qXfer:memory-map:read+" in offered(MappedToy(POWER))
    assert {"PacketSize=20000", "QStartNoAckMode+", "multiprocess+", "vContSupported+"} <= bare
    assert {"QNonStop+", "no-resumed+"} <= bare


def test_no_ack_mode_ends_acknowledgements() -> None:
    """The request itself is still acknowledged; nothing after it is."""
    with serving(ToyTarget(POWER)) as server, RspClient(server.address) as client:
        client.socket.sendall(b"$QStartNoAckMode#b0")
        assert client.socket.recv(100) == b"+$OK#9a"
        client.socket.sendall(b"+$vMustReplyEmpty#3a")
        assert client.socket.recv(100) == b"$#00"


def test_lldb_gets_its_kind_of_error_texts() -> None:
    """A number, and the text as hexadecimal digits."""
    with talking_to(ToyTarget(POWER)) as client:
        assert client.ask(b"QEnableErrorStrings") == b"OK"
        number, _, text = client.ask(b"m0,4").partition(b";")
        assert number == b"E0e"
        assert bytes.fromhex(text.decode()) == b"cannot access memory at 0x0: unmapped"


def test_a_client_that_reads_error_messages_gets_them_for_every_packet() -> None:
    """Also for m, where GDB 13 would take the text for memory contents."""
    with serving(ToyTarget(POWER)) as server, RspClient(server.address) as client:
        client.handshake("multiprocess+;error-message+")
        assert client.ask(b"m0,4") == b"E.cannot access memory at 0x0: unmapped"


def _document(client: RspClient, object: str, annex: str, piece: int) -> bytes:
    document, more = b"", True
    while more:
        reply = client.ask(f"qXfer:{object}:read:{annex}:{len(document):x},{piece:x}".encode())
        assert reply[:1] in (b"m", b"l")
        more = reply[:1] == b"m"
        data = unescape(reply[1:])
        assert data is not None
        document += data
    return document


@pytest.mark.parametrize("piece", [1, 100, 0x20000])
def test_a_document_is_the_same_in_pieces_of_any_size(piece: int) -> None:
    """target.xml, read to its end."""
    with talking_to(FullToyTarget(ARM)) as client:
        root = ET.fromstring(_document(client, "features", "target.xml", piece))
        assert root.findtext("architecture") == "arm"


def test_a_document_that_does_not_exist_is_an_error_or_unsupported() -> None:
    """Another annex is an error, another object is unknown."""
    with talking_to(FullToyTarget(ARM)) as client:
        assert client.ask(b"qXfer:features:read:other.xml:0,10").startswith(b"E.")
        assert client.ask(b"qXfer:auxv:read::0,10") == b""
        assert client.ask(b"qXfer:features:write:target.xml:0:aa").startswith(b"E.")
        assert client.ask(b"qXfer:features:read:target.xml:0").startswith(b"E.")
        assert client.ask(b"qXfer").startswith(b"E.")


def test_the_memory_map_lists_the_regions() -> None:
    """With their types."""
    with talking_to(MappedToy(POWER)) as client:
        root = ET.fromstring(_document(client, "memory-map", "", 0x1000))
        assert [region.attrib["type"] for region in root] == ["ram", "rom"]


@pytest.mark.parametrize("arch", [POWER, ARM], ids=lambda arch: arch.name)
def test_the_guests_program_can_be_read_through_vfile(arch: ToyArch) -> None:
    """exec-file names it; setfs, open, fstat, pread and close give its bytes."""
    with talking_to(FullToyTarget(arch)) as client:
        path = _document(client, "exec-file", "1", 0x1000)
        assert path == PATH
        assert client.ask(b"vFile:setfs:0") == b"F0"
        assert client.ask(b"vFile:open:%b,0,0" % path.hex().encode()) == b"F0"
        head, _, body = client.ask(b"vFile:fstat:0").partition(b";")
        stat = unescape(body)
        assert head == b"F40"
        assert stat is not None
        assert struct.unpack_from(">Q", stat, 28)[0] == len(toy_elf(arch))
        content = b""
        for offset in (0, 100, 200, 1000, 2000):
            head, _, body = client.ask(b"vFile:pread:0,%x,%x" % (1000, offset)).partition(b";")
            data = unescape(body)
            assert data is not None
            assert int(head[1:], 16) == len(data)
            if offset == len(content):
                content += data
        assert content == toy_elf(arch)[: len(content)]
        assert client.ask(b"vFile:close:0") == b"F0"
        assert client.ask(b"vFile:pread:0,10,0") == b"F-1,9"


@pytest.mark.parametrize(
    ("payload", "reply"),
    [
        (b"vFile:open:%b,0,0" % b"/etc/passwd".hex().encode(), b"F-1,2"),
        (b"vFile:open:%b,0,0" % (PATH + b"/../../etc/passwd").hex().encode(), b"F-1,2"),
        (b"vFile:open:%b,1,0" % PATH.hex().encode(), b"F-1,d"),
        (b"vFile:fstat:7", b"F-1,9"),
        (b"vFile:unlink:%b" % PATH.hex().encode(), b""),
        (b"vFile:pwrite:0,0,x", b""),
        (b"vFile:open:zz,0,0", b"E16"),
        (b"vFile:open", b"E16"),
    ],
)
def test_nothing_but_the_guests_program_can_be_opened(payload: bytes, reply: bytes) -> None:
    """No file of the host, no writing."""
    with talking_to(FullToyTarget(POWER)) as client:
        assert client.ask(payload) == reply


def test_open_files_are_bounded() -> None:
    """The seventeenth is refused."""
    with talking_to(FullToyTarget(POWER)) as client:
        replies = [client.ask(b"vFile:open:%b,0,0" % PATH.hex().encode()) for _ in range(17)]
        assert replies[-1] == b"F-1,10"
        assert len(set(replies)) == 17


def _monitor(client: RspClient, line: str) -> str:
    client.send(b"qRcmd," + line.encode().hex().encode())
    text = ""
    while (reply := client.receive()) != b"OK":
        assert reply[:1] == b"O", reply
        text += bytes.fromhex(reply[1:].decode()).decode()
    return text


def test_monitor_commands_run_for_the_selected_thread() -> None:
    """Not for the first one, as in servers with a port a core."""
    target = FullToyTarget(POWER, vcpus=2)
    with talking_to(target) as client:
        client.ask(b"Hgp1.2")
        assert _monitor(client, "counter") == "p1.2: 0\n"


def test_monitor_help_lists_all_commands() -> None:
    """With their usage; for one command, only that."""
    with talking_to(FullToyTarget(POWER)) as client:
        for line in ("help", ""):
            text = _monitor(client, line)
            assert "power on|off" in text
            assert "help [COMMAND]" in text
        assert "counter" not in _monitor(client, "help power")


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("countr", "did you mean counter?"),
        ("hlep", "did you mean help?"),
        ("xyzzy", "`monitor help` lists all"),
        ("power sideways", "say on or off"),
        ('power "on', "cannot be split"),
    ],
)
def test_a_wrong_monitor_command_is_explained_on_the_console(line: str, part: str) -> None:
    """GDB 13 shows no text of an E reply here."""
    with talking_to(FullToyTarget(POWER)) as client:
        assert part in _monitor(client, line)


def test_long_monitor_output_comes_in_packets_that_fit() -> None:
    """A small PacketSize makes more packets, and the same text."""
    with talking_to(FullToyTarget(POWER), packet_size=0x200) as client:
        assert _monitor(client, "help").count("\n") == 4


@pytest.mark.parametrize("payload", [b"qRcmd,6", b"qRcmd,zz", b"qRcmd,ff"])
def test_a_bad_monitor_packet_is_refused(payload: bytes) -> None:
    """Not hexadecimal, or not text."""
    with talking_to(FullToyTarget(POWER)) as client:
        assert client.ask(payload) == b"E16"


def test_detaching_removes_breakpoints_and_tells_the_target() -> None:
    """And the server is ready for the next client."""
    target = FullToyTarget(POWER)
    with serving(target) as server:
        with RspClient(server.address) as client:
            client.handshake()
            client.ask(b"Z0,%x,4" % NOP)
            assert client.ask(b"D") == b"OK"
            assert target.breakpoints == {}
            assert target.left == [1]
        with RspClient(server.address) as client:
            assert b"PacketSize" in client.handshake()


def test_detaching_from_one_partition_keeps_the_other() -> None:
    """``D;PID`` of one that is not attached is an error."""
    with talking_to(FullToyTarget(POWER, partitions=2)) as client:
        client.ask(b"vAttach;2")
        assert client.ask(b"D;1") == b"OK"
        assert client.ask(b"qfThreadInfo") == b"mp2.1"
        assert client.ask(b"D;1").startswith(b"E.")


def test_after_the_selected_partition_has_gone_another_is_selected() -> None:
    """Killed or detached: the question mark, reads and steps mean what is left."""
    with talking_to(FullToyTarget(POWER, partitions=3)) as client:
        client.ask(b"vAttach;2")
        client.ask(b"vAttach;3")
        assert client.ask(b"vKill;3") == b"OK"
        assert client.ask(b"?").startswith(b"T05thread:p1.1;")
        client.ask(b"Hgp1.1")
        assert client.ask(b"D;1") == b"OK"
        assert client.ask(b"qC") == b"QCp2.1"
        assert client.ask(b"g")[:1] != b"E"
        assert client.ask(b"vKill;2") == b"OK"
        assert client.ask(b"?")[:3] == b"W00"


def test_killing_ends_a_partition_where_the_target_can() -> None:
    """vKill answers, k does not; without the ability vKill is an error and nothing happens."""
    target = FullToyTarget(POWER)
    with talking_to(target) as client:
        assert client.ask(b"vKill;1") == b"OK"
        assert target.calls[-1] == "kill 1"
        assert client.ask(b"vKill;1").startswith(b"E.")
    with talking_to(ToyTarget(POWER)) as client:
        assert b"use detach" in client.ask(b"vKill;1")


def test_k_ends_the_session_without_a_reply() -> None:
    """The connection closes."""
    target = FullToyTarget(POWER)
    with serving(target) as server, RspClient(server.address) as client:
        client.handshake()
        client.send(b"k")
        assert client.socket.recv(100) == b""
        assert target.calls[-1] == "kill 1"


def test_run_starts_again_from_reset() -> None:
    """vRun answers with a stop at the start, R with nothing."""
    target = FullToyTarget(POWER)
    with talking_to(target) as client:
        client.ask(b"vCont;s:p1.1")
        assert b"40:%016x" % BASE in client.ask(b"vRun;;")
        client.ask(b"vCont;s:p1.1")
        client.send(b"R00")
        assert b"40:%016x" % BASE in client.ask(b"?")


def test_gdb_shall_detach_and_not_kill_when_it_quits() -> None:
    """qAttached answers 1."""
    with talking_to(FullToyTarget(POWER)) as client:
        assert client.ask(b"qAttached:1") == b"1"


def test_numbers_may_have_leading_zeros() -> None:
    """Of any length; more than 64 bits are refused, as bounded as the packet."""
    with talking_to(FullToyTarget(POWER)) as client:
        assert client.ask(b"m" + b"0" * 500 + b"%x,4" % BASE) == client.ask(b"m%x,4" % BASE)
        assert client.ask(b"m1" + b"0" * 16 + b",4").startswith(b"E")
