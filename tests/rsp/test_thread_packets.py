"""Claims about H, T, qC, the thread lists, and attaching to partitions."""

import xml.etree.ElementTree as ET

import pytest

from trapline.server.rsp.client import RspClient
from trapline.server.rsp.execution import ThreadId

from .fake_target import FullToyTarget, ToyTarget
from .serving import serving, talking_to
from .toy_arch import POWER


def test_the_first_partition_is_attached_from_the_start() -> None:
    """Its vcpus are listed, those of others are not."""
    with talking_to(FullToyTarget(POWER, partitions=2, vcpus=2)) as client:
        assert client.ask(b"qfThreadInfo") == b"mp1.1,p1.2"
        assert client.ask(b"qsThreadInfo") == b"l"
        assert client.ask(b"qC") == b"QCp1.1"


def test_attaching_to_a_partition_adds_its_vcpus() -> None:
    """The reply is a stop of its first vcpu, which is the selected one from then on."""
    with talking_to(FullToyTarget(POWER, partitions=2)) as client:
        assert client.ask(b"vAttach;2").startswith(b"T05thread:p2.1;")
        assert client.ask(b"qC") == b"QCp2.1"
        assert client.ask(b"qfThreadInfo") == b"mp1.1,p2.1"


@pytest.mark.parametrize(
    ("payload", "part"),
    [(b"vAttach;1", b"attached already"), (b"vAttach;9", b"there are: 1, 2"), (b"vAttach;x", b"not a hex")],
)
def test_an_attach_that_cannot_be_says_why(payload: bytes, part: bytes) -> None:
    """And lists what there is."""
    with talking_to(FullToyTarget(POWER, partitions=2)) as client:
        assert part in client.ask(payload)


def test_the_xml_list_has_names_cores_and_states() -> None:
    """So that ``info threads`` says which vcpu is powered off."""
    target = FullToyTarget(POWER, vcpus=2)
    target.cpus[ThreadId(1, 2)].powered = False
    with talking_to(target) as client:
        reply = client.ask(b"qXfer:threads:read::0,4000")
        assert reply[:1] == b"l"
        threads = ET.fromstring(reply[1:])
        assert [thread.attrib for thread in threads] == [
            {"id": "p1.1", "core": "0", "name": "vcpu0"},
            {"id": "p1.2", "core": "0", "name": "vcpu1"},
        ]
        assert threads[1].text == "powered off"
        assert bytes.fromhex(client.ask(b"qThreadExtraInfo,p1.2").decode()) == b"vcpu1 powered off"


def test_the_list_of_partitions_says_which_are_attached() -> None:
    """``info os processes``."""
    with talking_to(FullToyTarget(POWER, partitions=2)) as client:
        document = ET.fromstring(client.ask(b"qXfer:osdata:read:processes:0,4000")[1:])
        rows = [{cell.attrib["name"]: cell.text for cell in item} for item in document]
        assert [(row["pid"], row["state"]) for row in rows] == [("1", "attached"), ("2", "not attached")]


def test_a_client_without_multiprocess_sees_plain_thread_ids() -> None:
    """Those of the first partition; it cannot attach to a second one."""
    with serving(ToyTarget(POWER, partitions=2, vcpus=2)) as server, RspClient(server.address) as client:
        client.handshake("swbreak+")
        assert client.ask(b"qfThreadInfo") == b"m1,2"
        assert client.ask(b"Hg2") == b"OK"
        assert client.ask(b"vCont;s:2").startswith(b"T05thread:2;")
        assert client.ask(b"vAttach;2").startswith(b"E.")


@pytest.mark.parametrize("payload", [b"Hg0", b"Hgp0.0", b"Hgp1.0", b"Hgp1", b"Hgp1.1", b"Hc-1", b"Hc0", b"Hcp1.-1"])
def test_all_forms_of_a_thread_id_are_understood(payload: bytes) -> None:
    """Any, all, and one."""
    with talking_to(FullToyTarget(POWER)) as client:
        assert client.ask(payload) == b"OK"


@pytest.mark.parametrize("payload", [b"H", b"Hx1", b"Hg", b"Hgp", b"Hgp9.1", b"Hc7", b"T", b"Tp1.9", b"Hgq"])
def test_threads_that_do_not_exist_are_refused(payload: bytes) -> None:
    """An error, and the selected thread stays."""
    with talking_to(FullToyTarget(POWER)) as client:
        assert client.ask(payload).startswith(b"E.")
        assert client.ask(b"qC") == b"QCp1.1"


def test_a_live_thread_is_alive() -> None:
    """T answers OK for it."""
    with talking_to(FullToyTarget(POWER)) as client:
        assert client.ask(b"Tp1.1") == b"OK"


def test_a_thread_that_stops_becomes_the_selected_one() -> None:
    """GDB assumes so, and does not send Hg after a stop."""
    with talking_to(FullToyTarget(POWER, vcpus=2)) as client:
        client.ask(b"vCont;s:p1.2")
        assert client.ask(b"qC") == b"QCp1.2"
