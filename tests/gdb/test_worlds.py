"""Claims about breakpoints that know their world, and what the target evaluates at breakpoints, under a real gdb."""

import re

import pytest

from trapline.asmgen import Layout, Source, assemble, target_for
from trapline.firmware.catalogue import build, find_guest
from trapline.isa.lang.load import load_core
from trapline.server.boards.machine import MachineOptions
from trapline.server.boards.registry import build_machine
from trapline.server.machine.elf import LoadedElf, parse_elf
from trapline.server.rsp.client import RspClient
from trapline.server.target import MachineTarget

from ..rsp.serving import serving
from .conftest import Output, RunGdb
from .machines import BOARDS, GUESTS, ONE_EACH, RAM, Board, serve

pytestmark = pytest.mark.gdb

_RFID, _SC1 = bytes.fromhex("4c000024"), bytes.fromhex("44000022")


def _target(elf: LoadedElf, machine: str, engine: str | None = None) -> MachineTarget:
    options = MachineOptions(ram_size=RAM, engine=engine)
    return MachineTarget(lambda: build_machine(elf, machine, options))


def _arm() -> LoadedElf:
    source = Source.read(GUESTS / "arm_worlds.s")
    return parse_elf(assemble([source], target_for(load_core("armv7ve")), Layout(base=0x40010000)).elf, "worlds")


def _text(output: Output) -> str:
    return "\n".join([output.text, *output.errors])


def _hits(output: Output) -> list[str]:
    return re.findall(r"^Breakpoint \d+: .*$", _text(output), re.MULTILINE)


@pytest.mark.parametrize("engine", ["native", "reference"])
@pytest.mark.parametrize(("machine", "modes"), [("arm-virt", "hyp svc usr usr"), ("arm-kvm", "svc usr usr")])
def test_a_breakpoint_stops_in_its_mode_alone(run_gdb: RunGdb, machine: str, modes: str, engine: str) -> None:
    """Of one function that all modes call; without a mode it stops in each, in their order; backwards as well."""
    elf = _arm()
    with serving(_target(elf, machine, engine)) as server:
        every = run_gdb(server, "monitor break both", *["continue"] * len(modes.split()))
    assert [re.findall(r"\(now (\w+),", line) for line in _hits(every)] == [[mode] for mode in modes.split()]
    with serving(_target(elf, machine, engine)) as server:
        some = run_gdb(
            server, "monitor break mode=usr both", *["continue", "p $r7"] * 2, "reverse-continue", "p $r7",
            "monitor break delete 1", "monitor break mode=svc both", "monitor break", "reverse-continue", "p $r7",
            "monitor break delete all", "monitor break",
        )  # fmt: skip
    count = len(modes.split())
    values = re.findall(r"^\$\d+ = (\d+)$", some.text, re.MULTILINE)
    assert values == [str(count - 2), str(count - 1), str(count - 2), str(count - 3)]
    assert re.search(r"breakpoint 2: 0x\w+ <both>, mode=svc", _text(some))
    assert "no breakpoints of the monitor's" in _text(some)


def test_a_breakpoint_stops_in_its_partition_and_state_alone(run_gdb: RunGdb) -> None:
    """An instruction of problem state, in partition 1: not as one of the supervisor's, nor of partition 2, nor of the
    hypervisor; then as what it is, with the names that the description has."""
    guest = find_guest("power_exits")
    elf = parse_elf(build(guest).elf, guest.name)
    where = next(s.physical + s.data.index(_RFID + _SC1) + 4 for s in elf.segments if _RFID + _SC1 in s.data)
    with serving(_target(elf, "pseries")) as server:
        output = run_gdb(
            server, *[f"monitor break {world} {where:#x}" for world in
                      ("mode=supervisor,real", "vm=2", "vm=host mode=hyp", "vm=1 mode=problem")],
            "continue", "p/x $pc", "p/x $msr & 0x4000",
        )  # fmt: skip
    assert len(_hits(output)) == 1
    assert re.search(r"^Breakpoint 4: 0x\w+.*vm=1 mode=problem \(now problem, virtual\)$", _hits(output)[0])
    assert re.findall(r"^\$\d = 0x(\w+)$", output.text, re.MULTILINE) == [f"{where:x}", "4000"]


def test_what_is_no_world_is_refused_with_those_there_are(run_gdb: RunGdb) -> None:
    """A mode of another architecture, a VM that is no number, a symbol that is not there."""
    with serving(_target(_arm(), "arm-virt")) as server:
        output = run_gdb(
            server, "monitor break mode=problem both", "monitor break vm=x both", "monitor break bth",
            "monitor break mod=svc both", "monitor break delete 3", "monitor break",
        )  # fmt: skip
    text = _text(output)
    for said in (
        "no mode 'problem'",
        "'x' is no VM's number",
        "no symbol 'bth'",
        "there are vm=, mode=",
        "no breakpoint 3",
        "no breakpoints of the monitor's",
    ):
        assert said in text


@ONE_EACH
def test_dprintf_prints_from_the_target(run_gdb: RunGdb, board: Board) -> None:
    """In the style `agent`: registers and memory, with a condition or without; the guest runs on meanwhile."""
    value, place, kind = ("r6", "r4", "long") if board.is_power else ("r3", "r1", "int")
    with serve(board) as server:
        output = run_gdb(
            server, "set dprintf-style agent", f'dprintf store,"now %d, %#x\\n", ${value}, 16',
            f'dprintf again,"memory %ld\\n", *({kind} *)${place}', f"condition 2 *({kind} *)${place} > 0",
            "break inner_end", "continue", f"p {board.counter}",
        )  # fmt: skip
    text = _text(output)
    assert re.findall(r"^now (\d), 0x10$", text, re.MULTILINE) == ["1", "2", "3"]
    assert re.findall(r"^memory (\d)$", text, re.MULTILINE) == ["1", "2"]
    assert "$1 = 3" in output.text


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.name)
def test_a_physical_address_is_watched(run_gdb: RunGdb, board: Board) -> None:
    """Each store to it is a stop behind the instruction, with the old and the new value; reads are another matter; and
    on the way back the store stops before it is made."""
    one, two = ("0" * 15 + "1", "0" * 15 + "2") if board.is_power else ("01000000", "02000000")
    with serve(board) as server:
        output = run_gdb(
            server, 'eval "monitor watch phys=%lu", (unsigned long)&counter', "continue", "p $pc != store", "continue",
            f"p {board.counter}", "reverse-continue", "p $pc == store", f"p {board.counter}", "monitor watch delete 1",
            'eval "monitor watch phys=%lu size=1 read", (unsigned long)&counter', "monitor watch", "tbreak inner",
            "monitor goto start", "maintenance flush register-cache", "continue", "continue", "p $pc",
        )  # fmt: skip
    text = _text(output)
    assert f"New value = {one}" in text
    assert f"Old value = {one}\nNew value = {two}" in text
    assert f"stores there next; it holds {one}" in text
    assert re.findall(r"^\$\d+ = (\d+)$", output.text, re.MULTILINE) == ["1", "2", "1", "1"]
    assert "watchpoint 2: read of 1 bytes at phys=" in text


@pytest.mark.parametrize(("name", "device"), [("power_mmio", "uart16550"), ("arm_hyp", "pl011")])
def test_a_device_is_watched(run_gdb: RunGdb, name: str, device: str) -> None:
    """By its name, or an address: the stop is behind the access, and tells what it moved; then the next one."""
    guest = find_guest(name)
    elf = parse_elf(build(guest).elf, name)
    options = MachineOptions(guest.vcpus, core=guest.core, ram_size=(guest.memory or 64) << 20)
    with serving(MachineTarget(lambda: build_machine(elf, guest.machine, options))) as server:
        output = run_gdb(
            server, f"monitor watch device={device} access", "continue", "continue", "monitor watch device=nothing",
            "monitor watch phys=0xff7ffffff0", "monitor watch delete all",
            "monitor watch",
        )  # fmt: skip
    text = _text(output)
    hits = re.findall(rf"^Watchpoint 1: access of \d+ bytes at {device}: (?:store of|load).*$", text, re.MULTILINE)
    assert len(hits) == 2
    assert "there is no device 'nothing': there are" in text
    assert "the guest has no memory at 0xff7ffffff0" in text
    assert "no watchpoints of the monitor's" in text


@ONE_EACH
def test_a_hundred_watchpoints_are_heeded(board: Board) -> None:
    """Behind a hundred on other words, of any length, one on the counter stops before the store to it."""
    counter = board.elf().symbols["counter"]
    with serve(board) as server, RspClient(server.address) as client:
        client.handshake()
        for number in range(100):
            assert client.ask(b"Z2,%x,%x" % (counter + 0x10_0000 + 0x40 * number, 1 + number % 40)) == b"OK"
        assert client.ask(b"Z2,%x,%x" % (counter, board.word)) == b"OK"
        assert b"watch:%x;" % counter in client.ask(b"vCont;c")
