"""Claims about the `monitor` commands that show what lies beneath, under a real gdb, as text and as JSON."""

import json
import re
from typing import Any

import pytest

from trapline.firmware.catalogue import build, find_guest
from trapline.server.boards.machine import MachineOptions
from trapline.server.boards.registry import build_machine
from trapline.server.machine.elf import parse_elf
from trapline.server.rsp.target import MonitorContext
from trapline.server.target import MachineTarget

from ..rsp.serving import serving
from .conftest import Output, RunGdb
from .machines import BOARDS, EVERY, ONE_EACH, Board, serve, target

pytestmark = pytest.mark.gdb


def _text(output: Output) -> str:
    return "\n".join([output.text, *output.errors])


def _json(output: Output) -> list[Any]:
    return [json.loads(line) for line in _text(output).splitlines() if line.startswith("{")]


def _ask(made: MachineTarget, line: str) -> str:
    """What a command writes, without a session."""
    name, *words = line.split()
    told: list[str] = []
    command = next(one for one in made.monitor_commands() if one.name == name)
    command.run(MonitorContext(made.threads()[0].id, told.append), words)
    return "".join(told)


@EVERY
def test_every_command_has_help_and_answers_in_json(board: Board) -> None:
    """One line that is valid JSON, of the command's name and its result or error, whatever it is given."""
    made = target(board)
    for command in made.monitor_commands():
        assert command.summary
        assert "[--json]" in command.usage
        if command.name in ("reset", "quit"):
            continue
        for words in ([], ["0x40000000"], ["nonsense"], ["all"]):
            told = _ask(made, " ".join([command.name, *words, "--json"]))
            assert told.count("\n") == 1, command.name
            answer = json.loads(told)
            assert answer["command"] == command.name
            assert ("result" in answer) is not ("error" in answer)


@ONE_EACH
def test_a_walk_comes_to_where_the_translation_leads(run_gdb: RunGdb, board: Board) -> None:
    """The same as `monitor translate` says, by the same interrupt where it fails; what it reads is in memory."""
    with serve(board) as server:
        output = run_gdb(
            server, "monitor walk $pc fetch --json", "monitor translate $pc fetch",
            "monitor walk 0xfff12340 store --json", "monitor translate 0xfff12340 store",
        )  # fmt: skip
    good, bad = (one["result"] for one in _json(output))
    text = _text(output)
    assert f"-> {good['physical']}" in text
    assert good["fault"] is None
    assert bad["fault"] is None or f"raises {bad['fault']}(" in text


def test_a_walk_tells_why_no_entry_of_the_page_table_fits(run_gdb: RunGdb) -> None:
    """Both groups, slot by slot, with the reason of each; the hit is told where there is one."""
    with serve(BOARDS[0]) as server:
        output = run_gdb(server, "monitor walk 0x12345678", "monitor walk $pc fetch", "monitor walk 0x12345678 --json")
    text = _text(output)
    miss, hit = text.split("fails: data_storage", 1)
    assert len(re.findall(r"primary group 0x\w+, slot \d: not valid", miss)) == 8
    assert len(re.findall(r"secondary group 0x\w+, slot \d: not valid", miss)) == 8
    assert re.search(r"^\(0x40000000, 0x12345678\), decided at storage_control/hash_table.isa:\d+$", hit, re.MULTILINE)
    assert ": the page asked for" in hit
    assert _json(output)[0]["result"]["fault"] == "data_storage"


def test_a_walk_goes_through_both_stages(run_gdb: RunGdb) -> None:
    """A guest's address on arm-kvm: descriptors of stage 2, read where they lie."""
    with serve(BOARDS[3]) as server:
        output = run_gdb(server, "monitor walk $pc", "monitor walk 0x12345678")
    text = _text(output)
    assert len(re.findall(r"read_descriptor\(physical=0x\w+, size=0x8, level=0x[12]", text)) >= 3
    assert "fails: data_abort" in text


@ONE_EACH
def test_an_instruction_is_explained_and_tried(run_gdb: RunGdb, board: Board) -> None:
    """Bits, meaning, and what it would do now: nothing of that happens."""
    with serve(board) as server:
        output = run_gdb(
            server, "break store", "continue", f"p {board.counter}", "monitor explain", f"p {board.counter}",
            "monitor explain --json", "stepi", f"p {board.counter}", "monitor explain 0xfffffff0",
        )  # fmt: skip
    assert re.findall(r"^\$\d = (\d+)$", output.text, re.MULTILINE) == ["0", "0", "1"]
    text = _text(output)
    assert re.search(r"^  \|( OPCD |cond )\|", text, re.MULTILINE)
    stored = "0" * 15 + "1" if board.is_power else "01000000"
    assert f"stores {stored} at physical" in text
    (told,) = _json(output)
    assert told["result"]["text"].split()[0] == ("std" if board.is_power else "str")
    assert told["result"]["now"][0].startswith(f"stores {stored}")
    assert "there is no code at 0xfffffff0" in text


@EVERY
def test_the_last_instructions_are_told_with_what_they_changed(run_gdb: RunGdb, board: Board) -> None:
    """Behind the stop at `store`: the addition before it, with its register; the machine stands where it stood."""
    with serve(board) as server:
        output = run_gdb(
            server, "break store", "continue", "continue", "monitor trace 3", "p $pc == store", "monitor history",
            "monitor trace 2 --json", "monitor trace 0",
        )  # fmt: skip
    text = _text(output)
    assert re.search(r"<again\+0x4>:  addi? r\d, r\d, #?1\n +\w+\[\d\]: 0x1 -> 0x2$", text, re.MULTILINE)
    assert "$1 = 1" in text
    assert "the present" in text
    assert [one["changes"] for one in _json(output)[0]["result"]][1] != []
    assert "give a number of instructions" in text


def test_a_partitions_own_things_are_shown(run_gdb: RunGdb) -> None:
    """Areas that it has registered, virtual cores, presentation controllers, control entries, counts."""
    guest = find_guest("power_areas")
    elf = parse_elf(build(guest).elf, guest.name)
    options = MachineOptions(guest.vcpus, ram_size=64 << 20)
    with serving(MachineTarget(lambda: build_machine(elf, guest.machine, options))) as server:
        output = run_gdb(
            server, "monitor catch world-switch", *["continue"] * 3, "monitor vpa --json", "monitor vcore --json",
            "monitor irq --json", "monitor tce --json", "monitor stats --json", "monitor engine --json",
        )  # fmt: skip
    vpa, vcores, irq, tce, stats, engine = (one["result"] for one in _json(output))
    assert int(vpa["vpa"]["address"], 16) > 0
    assert vpa["vpa"]["length"] > 0
    assert vcores[0]["threads"][0]["vcpu"] == 0
    assert irq["xics"][0]["MFRR"] == "0xff"
    assert tce[0]["liobn"] == "0x80000000"
    assert stats["instructions"] == sum(stats["per_vcpu"]) > 0
    assert engine["vcpus"][0]["engine"] in ("native", "reference")


@EVERY
def test_memory_is_shown_by_any_view(run_gdb: RunGdb, board: Board) -> None:
    """The same word at its addresses: of the vcpu, the guest, and the host; what is written in a view is there."""
    size = board.word
    with serve(board) as server:
        output = run_gdb(
            server, "set $place = (unsigned long)&counter", f"set var {board.counter} = 0x1234",
            "eval \"monitor walk %lu --json\", $place", "monitor view", "monitor view guest",
            f"p/x {board.counter}", f"set var {board.counter} = 0x5678", "monitor view host",
            "maintenance flush dcache", f"eval \"monitor view guest %lu {size}\", $place", "monitor view vcpu=0",
            f"p/x {board.counter}", "monitor view nothing", "monitor view current", "monitor view",
        )  # fmt: skip
    text = _text(output)
    assert re.findall(r"^\$\d+ = (0x\w+)$", text, re.MULTILINE) == ["0x1234", "0x5678"]
    assert ("5678" if board.is_power else "7856") in re.findall(r"^0x\w+ +([0-9a-f ]+?) {2}", text, re.MULTILINE)[0]
    assert "addresses are now those of view guest" in text
    assert "there is no view 'nothing'" in text
    assert "* current" in text


def test_a_view_by_physical_addresses_of_the_host(run_gdb: RunGdb) -> None:
    """Where a partition's memory lies in the host, with plain gdb commands; and it ends with the session."""
    with serve(BOARDS[0]) as server:
        found = run_gdb(server, "set var *(long *)&counter = 0x4321", "eval \"monitor walk %lu --json\", &counter")
        physical = _json(found)[0]["result"]["physical"]
        output = run_gdb(server, "monitor view host", f"p/x *(long *){physical}", f"set var *(long *){physical} = 7")
        after = run_gdb(server, "monitor view", "p *(long *)&counter")
    assert "$1 = 0x4321" in output.text
    assert "$1 = 7" in after.text
    assert "* current" in _text(after)


def test_views_of_the_regimes_of_an_arm_guest(run_gdb: RunGdb) -> None:
    """With stage 1 off a virtual address is the intermediate physical one: stage 2 leads to the same word."""
    with serve(BOARDS[3]) as server:
        output = run_gdb(
            server, "set var *(int *)&counter = 0x4321", "monitor view stage2", "p/x *(int *)&counter",
            "monitor view pl1", "p/x *(int *)&counter", "monitor view stage1", "p/x *(int *)&counter",
        )  # fmt: skip
    assert re.findall(r"^\$\d = (\w+)$", output.text, re.MULTILINE) == ["0x4321"] * 3
