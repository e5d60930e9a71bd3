"""Claims about catchpoints under a real gdb: a hypercall, an exit or an interrupt is a stop, forwards and backwards."""

import contextlib
import re
from collections.abc import Iterator

import pytest

from trapline.firmware.catalogue import build, find_guest
from trapline.server.boards.machine import MachineOptions
from trapline.server.boards.registry import build_machine
from trapline.server.machine.elf import parse_elf
from trapline.server.rsp.client import RspClient
from trapline.server.rsp.server import GdbServer
from trapline.server.target import MachineTarget

from ..rsp.serving import serving
from .conftest import Output, RunGdb
from .machines import BOARDS, serve

pytestmark = pytest.mark.gdb


@contextlib.contextmanager
def _serve(name: str, engine: str | None = None) -> Iterator[GdbServer]:
    """A bundled guest on its machine."""
    guest = find_guest(name)
    elf = parse_elf(build(guest).elf, name)
    memory = (64 if guest.memory is None else guest.memory) << 20
    options = MachineOptions(guest.vcpus, core=guest.core, threads=guest.threads, ram_size=memory, engine=engine)
    with serving(MachineTarget(lambda: build_machine(elf, guest.machine, options))) as server:
        yield server


def _caught(output: Output) -> list[str]:
    """What the catchpoints have told; gdb shows the server's lines among its errors."""
    text = "\n".join([output.text, *output.errors])
    return re.findall(r"^Catchpoint \d+: (.*)$", text, re.MULTILINE)


@pytest.mark.parametrize("engine", ["native", "reference"])
def test_a_hypercall_is_a_stop_both_ways(run_gdb: RunGdb, engine: str) -> None:
    """Forwards each, with its name and results; backwards the same ones, the latest first; one by its name."""
    with _serve("power_hcalls", engine) as server:
        output = run_gdb(
            server, "monitor catch hcall", *["continue", "p/x $pc"] * 3, *["reverse-continue", "p/x $pc"] * 2,
            "monitor catch delete 1", "monitor catch", "monitor catch hcall H_REMOVE", "continue", "continue",
        )  # fmt: skip
    caught = _caught(output)
    assert len(caught) == 6
    assert all(re.search(r"name='H_\w+'", line) for line in caught)
    assert caught[3:5] == [caught[1], caught[0]]
    assert caught[5].startswith("hcall H_REMOVE: ")
    places = re.findall(r"^\$\d = (.*)$", output.text, re.MULTILINE)
    assert places[3:] == [places[1], places[0]]
    assert "no catchpoints" in "\n".join([output.text, *output.errors])


@pytest.mark.parametrize(
    ("name", "what"), [("power_hcalls", "hcall"), ("power_exits", "exit"), ("arm_hyp", "interrupt")]
)
def test_what_was_not_listened_to_then_is_caught_on_the_way_back(run_gdb: RunGdb, name: str, what: str) -> None:
    """A catchpoint that is made after it has happened; and one that was deleted is not met again."""
    with _serve(name) as server:
        output = run_gdb(
            server, f"monitor catch {what}", *["continue"] * 4, "monitor catch delete all", "reverse-stepi",
            f"monitor catch {what}", *["reverse-continue"] * 2, "monitor catch delete all", "reverse-continue",
        )  # fmt: skip
    assert len(_caught(output)) == 6
    assert "No more reverse-execution history." in output.text


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("power_mmio", "exit mmio"),
        ("power_areas", "interrupt"),
        ("power_naps", "nap"),
        ("power_table", "hpte-change"),
        ("arm_hyp", "interrupt"),
        ("power_areas", "world-switch"),
        ("power7_host", "interrupt"),
    ],
)
def test_what_can_be_caught_is_caught(run_gdb: RunGdb, name: str, what: str) -> None:
    """Of each kind: one stop, and at the second the guest has gone on."""
    show = 'printf "done %d\\n", 1'
    with _serve(name) as server:
        output = run_gdb(
            server, f"monitor catch {what}", "continue", "monitor history", "continue", "monitor history", show
        )
    caught = _caught(output)
    assert len(caught) == 2
    assert all(line.startswith(what) for line in caught)
    moments = re.findall(r"instruction (\d+): the present", "\n".join([output.text, *output.errors]))
    assert int(moments[0]) < int(moments[1])


def test_what_there_is_not_to_catch_is_refused(run_gdb: RunGdb) -> None:
    """With the names that there are."""
    with _serve("power_hcalls") as server:
        output = run_gdb(
            server, "monitor catch call", "monitor catch hcall h_enter", "monitor catch hpte-change 3",
            "monitor catch delete 7", "monitor catch delete x", "monitor catch hcall A B",
        )  # fmt: skip
    text = "\n".join([output.text, *output.errors])
    for said in (
        "there are hcall, exit, interrupt",
        "did you mean H_ENTER?",
        "has no name to choose by",
        "there is no catchpoint 7",
        "say which",
        "is too much",
    ):
        assert said in text


def test_catchpoints_belong_to_their_session() -> None:
    """Who comes next finds none, and the guest is not stopped by them."""
    with _serve("power_hcalls") as server:
        with RspClient(server.address) as first:
            first.handshake()
            assert first.ask(b"qRcmd," + b"catch hcall".hex().encode()).startswith((b"O", b"OK"))
        with RspClient(server.address) as second:
            second.handshake()
            second.send(b"qRcmd," + b"catch".hex().encode())
            said = b""
            while (packet := second.receive()) != b"OK":
                said += bytes.fromhex(packet[1:].decode())
            assert said == b"no catchpoints\n"


@pytest.mark.parametrize("engine", ["native", "reference"])
@pytest.mark.parametrize(("name", "register"), [("power_exits", "MSR"), ("arm_hyp", "VTCR")])
def test_a_register_that_changes_is_a_stop(run_gdb: RunGdb, name: str, register: str, engine: str) -> None:
    """Behind the instruction, with what it was and is; and so it is on the way back, from farther on."""
    with _serve(name, engine) as server:
        output = run_gdb(
            server, f"monitor catch register {register}", "continue", f"monitor registers {register} --json", "stepi",
            "reverse-continue", f"monitor registers {register} --json", "monitor catch delete all",
            f"monitor last-write ${register}",
        )  # fmt: skip
    caught = _caught(output)
    assert caught[0] == caught[-1]
    assert len(caught) > 1
    found = re.fullmatch(rf"register {register}: {register} (0x\w+) -> (0x\w+)", caught[0])
    assert found is not None
    text = "\n".join([output.text, *output.errors])
    assert re.findall(r'"value":"(0x\w+)"', text)[0] == found[2]
    assert f"  {found[1]} -> {found[2]}" in text


def test_invalidated_translations_are_a_stop(run_gdb: RunGdb) -> None:
    """Whatever instruction does it, in each architecture's own way."""
    for name in ("arm_hyp", "power7_host"):
        with _serve(name) as server:
            output = run_gdb(server, "monitor catch tlbie", "continue")
        assert [line.split(":")[0] for line in _caught(output)] == ["tlbie"], name


def test_the_last_change_of_a_register_is_found_however_long_ago(run_gdb: RunGdb) -> None:
    """Behind a hundred times as many instructions as are looked at one by one; nothing moves by asking."""
    board = BOARDS[2]
    with serve(board) as server:
        output = run_gdb(
            server, "break finish", "continue", "set var $pc = spin", f"break spin if ${board.spinning} == 100000",
            f"set var ${board.spinning} = 0", "continue", "monitor last-write $VBAR", f"p ${board.spinning}",
            "monitor history", "monitor last-write $TTBR0",
        )  # fmt: skip
    text = "\n".join([output.text, *output.errors])
    assert re.search(r"vcpu 0, instruction \d+: 0x\w+ <supervisor\+0x4>:  mcr p15, #0, r0, c12, c0, #0", text)
    assert "$1 = 100000" in text
    assert "the present" in text
    assert "TTBR0 has not changed since the start of the history" in text


def test_gdbs_own_catch_syscall_stops_at_calls(run_gdb: RunGdb) -> None:
    """Hypercalls when they are answered, calls of the guest's own kernel when they are entered; all, or by number."""
    calls = r"^Catchpoint \d \((call to|returned from) syscall (\S+?)\)"
    with _serve("power_exits") as server:
        output = run_gdb(
            server, "set osabi GNU/Linux", "catch syscall", *["continue"] * 3, "delete", "catch syscall 0xf04",
            "monitor goto start", "maintenance flush register-cache", "continue", "delete", "continue",
        )  # fmt: skip
    # The numbers are Linux's for gdb: 0 and 8 have names there.
    found = re.findall(calls, output.text, re.MULTILINE)
    assert found[0] == ("call to", "restart_syscall")
    assert found[1] == ("returned from", "3844")
    assert found[3] == found[1]
    assert len(found) == 4
    board = BOARDS[3]
    with serve(board) as server:
        output = run_gdb(
            server, "set osabi GNU/Linux", "break finish", "continue", "set var $pc = trap_svc", "set var $r7 = 4",
            "catch syscall 4", "continue", "monitor info interrupts",
        )  # fmt: skip
    assert re.findall(calls, output.text, re.MULTILINE) == [("call to", "write")]
