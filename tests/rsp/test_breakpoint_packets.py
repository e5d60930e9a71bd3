"""Claims about Z0 to Z4, z0 to z4, and conditions evaluated on the target's side."""

import time

import pytest

from trapline.server.rsp.client import RspClient
from trapline.server.rsp.dispatch import answer
from trapline.server.rsp.execution import ThreadId
from trapline.server.rsp.inserted import MAX_POINTS

from .fake_target import FullToyTarget
from .serving import serving, talking_to
from .test_any_packet import session_of
from .toy_arch import ARM, BASE, BRANCH, DATA, LOAD, NOP, POWER, STORE, ToyArch

FIRST = ThreadId(1, 1)
# GDB's bytecode for `$r3 == 64`: reg 3, zero_ext 32, const8 64, equal, end.
R3_IS_64 = b"X9,2600032a2022401327"
DIVIDES_BY_ZERO = b"X6,220122000527"


@pytest.mark.parametrize(("type", "reason"), [(0, b"swbreak"), (1, b"hwbreak")])
@pytest.mark.parametrize("arch", [POWER, ARM], ids=lambda arch: arch.name)
def test_a_breakpoint_stops_before_its_instruction(arch: ToyArch, type: int, reason: bytes) -> None:
    """With the reason that its type asks for, and pc on it."""
    target = FullToyTarget(arch)
    with talking_to(target) as client:
        assert client.ask(b"Z%x,%x,4" % (type, BRANCH)) == b"OK"
        assert client.ask(b"vCont;c").startswith(b"T05%b:;thread:p1.1;" % reason)
        assert target.get(FIRST, arch.pc) == BRANCH
        assert client.ask(b"z%x,%x,4" % (type, BRANCH)) == b"OK"
        assert target.breakpoints == {}


def test_a_client_that_does_not_know_swbreak_gets_a_plain_trap() -> None:
    """Stop reasons go only to those that announced them."""
    with serving(FullToyTarget(POWER)) as server, RspClient(server.address) as client:
        client.handshake("multiprocess+")
        client.ask(b"Z0,%x,4" % NOP)
        assert client.ask(b"vCont;c").startswith(b"T05thread:p1.1;")


@pytest.mark.parametrize(("kind", "ok"), [(2, True), (3, True), (4, True), (0, False), (5, False)])
def test_the_kind_of_a_breakpoint_is_checked(kind: int, ok: bool) -> None:
    """Arm knows 2 and 3 (Thumb) and 4; the refusal lists them."""
    with talking_to(FullToyTarget(ARM)) as client:
        reply = client.ask(b"Z0,%x,%x" % (NOP, kind))
        assert (reply == b"OK") is ok
        assert ok or b"there are 2, 3, 4" in reply


def test_inserting_and_removing_twice_is_the_same_as_once() -> None:
    """The protocol wants both idempotent; the target hears of each once."""
    target = FullToyTarget(POWER)
    with talking_to(target) as client:
        for packet in (b"Z0,%x,4", b"Z0,%x,4", b"z0,%x,4", b"z0,%x,4"):
            assert client.ask(packet % NOP) == b"OK"
    assert target.calls.count(f"insert {NOP:#x}") == 1


@pytest.mark.parametrize(
    ("type", "name", "at"),
    [(2, b"watch", STORE), (3, b"rwatch", LOAD), (4, b"awatch", STORE)],
)
@pytest.mark.parametrize("arch", [POWER, ARM], ids=lambda arch: arch.name)
def test_a_watchpoint_tells_the_address_and_pc_is_where_gdb_expects_it(
    arch: ToyArch, type: int, name: bytes, at: int
) -> None:
    """Before the access, on Arm and on Power: GDB steps over it to see the new value."""
    target = FullToyTarget(arch)
    with talking_to(target) as client:
        assert client.ask(b"Z%x,%x,4" % (type, DATA)) == b"OK"
        assert client.ask(b"vCont;c").startswith(b"T05%b:%x;thread:p1.1;" % (name, DATA))
        assert target.get(FIRST, arch.pc) == at
        assert client.ask(b"z%x,%x,4" % (type, DATA)) == b"OK"
        assert not target.watchpoints


def test_what_the_target_cannot_insert_is_an_error_with_its_reason() -> None:
    """No slot left, unmapped, no length."""
    with talking_to(FullToyTarget(POWER)) as client:
        assert b"unmapped" in client.ask(b"Z0,0,4")
        assert b"watches no bytes" in client.ask(b"Z2,8000,0")
        assert [client.ask(b"Z2,%x,4" % at) for at in (0x8000, 0x8004)] == [b"OK", b"OK"]
        assert b"in use" in client.ask(b"Z2,8008,4")


@pytest.mark.parametrize(
    "payload",
    [
        b"Z",
        b"Z0",
        b"Z0,1000",
        b"Z0,zz,4",
        b"z0,1000",
        b"Z0,1000,4;Y1,27",
        b"Z0,1000,4;X9,27",
        b"Z0,1000,4;X1,ff",
        b"Z0,1000,4;X1,22",
        b"Z0,1000,4;cmds:0,X1,27",
        b"Z2,8000,4;X1,27",
        b"Z0,1000,4;X0,",
        b"Z0,1000,4" + b";X1,27" * 65,
    ],
)
def test_a_bad_breakpoint_packet_inserts_nothing(payload: bytes) -> None:
    """Malformed, or with commands or conditions that would be dropped silently: an error."""
    target = FullToyTarget(POWER)
    with talking_to(target) as client:
        assert client.ask(payload).startswith(b"E.")
    assert "insert" not in " ".join(target.calls)


def test_a_type_that_does_not_exist_is_unsupported() -> None:
    """Z5 may mean something one day."""
    with talking_to(FullToyTarget(POWER)) as client:
        assert client.ask(b"Z5,1000,4") == b""
        assert client.ask(b"z5,1000,4") == b""


def test_breakpoints_are_bounded() -> None:
    """A client cannot make the server keep any number of them."""
    session = session_of(FullToyTarget(POWER))
    replies = [answer(session, b"Z0,%x,4" % (BASE + 4 * n)) for n in range(MAX_POINTS + 1)]
    assert replies[:-1] == [b"OK"] * MAX_POINTS
    assert b"there are 4096 breakpoints already" in (replies[-1] or b"")


def test_a_condition_is_evaluated_without_asking_gdb() -> None:
    """The only stop is the one at which the condition holds."""
    target = FullToyTarget(POWER)
    with talking_to(target) as client:
        assert client.ask(b"Z0,%x,4;%b" % (NOP, R3_IS_64)) == b"OK"
        assert client.ask(b"vCont;c").startswith(b"T05swbreak:;")
        assert target.get(FIRST, 3) == 64


def test_a_breakpoint_without_a_condition_beats_one_with() -> None:
    """A second insertion replaces the conditions of the first."""
    target = FullToyTarget(POWER)
    with talking_to(target) as client:
        client.ask(b"Z0,%x,4;%b" % (NOP, R3_IS_64))
        client.ask(b"Z0,%x,4" % NOP)
        client.ask(b"vCont;c")
        assert target.get(FIRST, 3) == 1


def test_one_of_several_conditions_is_enough() -> None:
    """GDB sends those of all its breakpoints at one address."""
    target = FullToyTarget(POWER)
    never = b"X3,220027"
    with talking_to(target) as client:
        assert client.ask(b"Z0,%x,4;%b%b" % (NOP, never, R3_IS_64)) == b"OK"
        client.ask(b"vCont;c")
        assert target.get(FIRST, 3) == 64


def test_a_condition_that_cannot_be_evaluated_stops() -> None:
    """So that GDB can say what is wrong with it."""
    target = FullToyTarget(POWER)
    with talking_to(target) as client:
        assert client.ask(b"Z0,%x,4;%b" % (NOP, DIVIDES_BY_ZERO)) == b"OK"
        assert client.ask(b"vCont;c").startswith(b"T05swbreak:;")


def test_ctrl_c_works_while_a_condition_stays_false() -> None:
    """A loop over a breakpoint whose condition never holds is a running target."""
    with talking_to(FullToyTarget(POWER)) as client:
        client.ask(b"Z0,%x,4;X3,220027" % NOP)
        client.send(b"vCont;c")
        time.sleep(0.02)
        client.interrupt()
        assert client.receive().startswith(b"T02")


def test_a_step_onto_a_conditional_breakpoint_ends_there() -> None:
    """The condition is for those that run, not for those that step."""
    target = FullToyTarget(POWER)
    with talking_to(target) as client:
        client.ask(b"Z0,%x,4;X3,220027" % NOP)
        client.ask(b"vCont;s:p1.1")
        assert target.get(FIRST, target.arch.pc) == NOP


def test_breakpoints_belong_to_a_partition() -> None:
    """One that Hg chose another partition for does not stop the first."""
    target = FullToyTarget(POWER, partitions=2)
    with talking_to(target) as client:
        client.ask(b"vAttach;2")
        client.ask(b"Hgp2.1")
        assert client.ask(b"Z0,%x,4" % NOP) == b"OK"
        assert list(target.breakpoints) == [(2, NOP)]
        assert client.ask(b"vCont;c").startswith(b"T05swbreak:;thread:p2.1;")
        assert target.get(FIRST, target.arch.pc) != BASE


def test_the_breakpoints_of_a_client_that_vanishes_are_removed() -> None:
    """The next one begins with a clean target."""
    target = FullToyTarget(POWER)
    with serving(target) as server:
        with RspClient(server.address) as client:
            client.handshake()
            client.ask(b"Z0,%x,4" % NOP)
            client.ask(b"Z2,8000,4")
        with RspClient(server.address) as client:
            client.handshake()
            assert (target.breakpoints, target.watchpoints) == ({}, set())
