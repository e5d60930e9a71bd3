"""Claims about what lies beneath gdb's view on real machines: `monitor`, physical memory, several clients."""

import pytest

from trapline.server.rsp.client import RspClient

from .conftest import RunGdb
from .machines import ARM_KVM, EVERY, ONE_EACH, PSERIES, Board, serve

pytestmark = pytest.mark.gdb


@EVERY
def test_help_lists_every_command_and_explains_one(run_gdb: RunGdb, board: Board) -> None:
    """Also which of them there are depends on the machine: no page table where there is none."""
    with serve(board) as server:
        output = run_gdb(server, "monitor help", "monitor help translate")
    text = output.text + "\n".join(output.errors)
    for command in ("info", "translate", "phys", "registers", "events", "reset", "quit"):
        assert f"\n{command}" in text or f"  {command}" in text
    assert ("hpt ADDRESS" in text) == (board is PSERIES)
    assert ("slb" in text) == board.is_power
    assert ("banked" in text) == (not board.is_power)
    assert "where a translation leads" in text
    assert ("hyp|pl1|pl0" in text) == (not board.is_power)


@EVERY
def test_an_unknown_command_is_answered_with_a_guess(run_gdb: RunGdb, board: Board) -> None:
    """One clear error; the session goes on."""
    with serve(board) as server:
        output = run_gdb(server, "monitor trnslate 0", "monitor translate", "monitor phys zero", "p 1+1")
    text = output.text + "\n".join(output.errors)
    assert "did you mean translate?" in text
    assert "an address is missing" in text
    assert "'zero' is no number" in text
    assert "$1 = 2" in output.text


def test_mistakes_are_told_in_words_of_ours(run_gdb: RunGdb) -> None:
    """Nothing of Python's; nothing is written for no bytes, and help helps with itself."""
    with serve(PSERIES) as server:
        wrong = [f"monitor poke 0x2000 {bytes_}".rstrip() for bytes_ in ("1 zz", "300", "")]
        output = run_gdb(server, *wrong, "monitor help help")
    text = output.text + "\n".join(output.errors)
    assert "two hexadecimal digits each: 'zz' is none" in text
    assert "two hexadecimal digits each: '300' is none" in text
    assert "two hexadecimal digits each: none is there" in text
    assert "invalid literal" not in text
    assert "this list, or one command" in text


@EVERY
def test_physical_memory_is_read_and_written(run_gdb: RunGdb, board: Board) -> None:
    """`poke` and `guest` use the guest's physical addresses, `translate` says where the core goes."""
    at = board.elf().symbols["pattern"]
    with serve(board) as server:
        output = run_gdb(
            server,
            f"monitor guest {at:#x} 8",
            f"monitor poke {at:#x} 0x58",
            f"monitor guest {at:#x} 8",
            "maintenance flush dcache",
            "x/1cb &pattern",
            f"monitor translate {at:#x} load",
        )
    text = output.text + "\n".join(output.errors)
    assert "Traplin" in text
    assert "Xraplin" in text
    assert "88 'X'" in output.text
    # The model maps a page of stage 2 when the guest first touches it; a page that is mapped has a place in the host.
    assert (f"{at:#x}: a load raises data_abort" if board is ARM_KVM else f"{at:#x} -> 0x") in text


@EVERY
def test_physical_memory_that_is_not_there_is_an_error(run_gdb: RunGdb, board: Board) -> None:
    """Not zeros, and no OK."""
    with serve(board) as server:
        output = run_gdb(server, *(f"monitor {what} 0xfff0000000 8" for what in ("guest", "poke", "phys")))
    text = output.text + "\n".join(output.errors)
    assert text.count("fff0000000") >= 3
    assert "00000000 00000000" not in text


@EVERY
def test_events_show_what_the_hypervisor_did(run_gdb: RunGdb, board: Board) -> None:
    """Machines under a model show the exits of the guest's end; on bare machines nothing leaves the guest."""
    with serve(board) as server:
        output = run_gdb(server, "break finish", "continue", "monitor events on", "continue", "monitor info exits")
    text = output.text + "\n".join(output.errors)
    assert ("H_PUT_TERM_CHAR" in text) == (board is PSERIES)
    if board is ARM_KVM:
        assert "mmio" in text


@ONE_EACH
def test_info_says_what_the_machine_is(run_gdb: RunGdb, board: Board) -> None:
    """Memory, devices, vcpus with their program counters."""
    with serve(board, vcpus=2) as server:
        output = run_gdb(server, "monitor info")
    text = output.text + "\n".join(output.errors)
    for part in (board.name, "memory ", "device ", "vcpu 0: ", "vcpu 1: "):
        assert part in text


@ONE_EACH
def test_a_second_gdb_is_told_why_it_has_to_wait(run_gdb: RunGdb, board: Board) -> None:
    """And the first one does not notice."""
    with serve(board) as server, RspClient(server.address) as first:
        first.handshake()
        output = run_gdb(server)
        assert any("another debugger is connected" in line for line in output.errors)
        assert first.ask(b"qC") == b"QCp1.1"


@pytest.mark.parametrize("board", [PSERIES, ARM_KVM], ids=lambda board: board.name)
def test_threads_that_are_off_do_not_hang_gdb(run_gdb: RunGdb, board: Board) -> None:
    """Stepping one says that nothing can run, and the other goes on."""
    with serve(board, vcpus=2) as server:
        output = run_gdb(
            server, "set scheduler-locking on", "thread 2", "stepi", "thread 1", "stepi", "p (long)$pc - (long)&_start"
        )
    assert output.errors == ["No vcpu that was resumed can run: all are powered off or wait for ever."]
    assert "$1 = 4" in output.text
