"""Claims about what gdb-multiarch understands of a server when it connects: toy targets."""

import pytest

from trapline.server.rsp.client import RspClient
from trapline.server.rsp.execution import ThreadId

from ..rsp.fake_target import FullToyTarget
from ..rsp.serving import serving
from ..rsp.toy_arch import ARM, POWER, PVR, PVR_VALUE, ToyArch
from .conftest import RunGdb

pytestmark = pytest.mark.gdb
FIRST = ThreadId(1, 1)
BOTH = pytest.mark.parametrize("arch", [POWER, ARM], ids=lambda arch: arch.name)


@BOTH
def test_a_bare_target_remote_gets_architecture_byte_order_and_symbols(run_gdb: RunGdb, arch: ToyArch) -> None:
    """Without a file, a ``set architecture`` or a ``set endian``, and without a warning."""
    with serving(FullToyTarget(arch)) as server:
        output = run_gdb(server, "show endian", "show architecture", "info symbol $pc", "x/i $pc")
    assert output.errors == []
    assert f"currently {arch.byte_order} endian" in output.text
    assert ('"powerpc:common64"' if arch is POWER else '(currently "arm') in output.text
    assert "loop in section .text" in output.text
    assert "0x1000 <loop>" in output.text


@BOTH
def test_every_register_is_shown(run_gdb: RunGdb, arch: ToyArch) -> None:
    """``info all-registers`` comes to its end; one without a value is <unavailable>."""
    target = FullToyTarget(arch)
    target.set(FIRST, arch.counter, 0x1234)
    with serving(target) as server:
        output = run_gdb(server, "info all-registers", "info registers spr")
    assert output.errors == []
    shown = {line.split()[0] for line in output.text.splitlines() if line.split()}
    assert {register.name for register in arch.description.by_number.values()} <= shown
    assert "0x1234" in output.text
    assert f"{PVR_VALUE:#x}" in output.text
    assert "hidden         <unavailable>" in output.text


@BOTH
def test_registers_can_be_set(run_gdb: RunGdb, arch: ToyArch) -> None:
    """The target has the value, in its byte order."""
    target = FullToyTarget(arch)
    with serving(target) as server:
        output = run_gdb(server, "set $r3 = 0x1234", "p/x $r3", "set $pc = store_counter", "x/i $pc")
    assert output.errors == []
    assert "$1 = 0x1234" in output.text
    assert target.get(FIRST, 3) == 0x1234
    assert "store_counter" in output.text


def test_a_write_that_is_refused_is_told_with_its_reason(run_gdb: RunGdb) -> None:
    """Not OK and thrown away."""
    target = FullToyTarget(POWER)
    with serving(target) as server:
        output = run_gdb(server, "set $toypvr = 1", "p/x $toypvr")
    assert any("toypvr is read-only" in line for line in output.errors)
    assert target.get(FIRST, PVR) == PVR_VALUE


@BOTH
def test_a_register_with_fields_shows_and_takes_them(run_gdb: RunGdb, arch: ToyArch) -> None:
    """As a whole through ``.value``, one by one through ``.fields``; also where they show as flags."""
    target = FullToyTarget(arch)
    with serving(target) as server:
        output = run_gdb(
            server,
            "p $lpcr",
            "p $toymode",
            "set $lpcr.value = 5",
            "p $lpcr.fields",
            "set $lpcr.fields.LPES = 3",
            "p/x $lpcr.value",
            "set $toymode.value = 1",
            "p $toymode.fields",
        )
    assert output.errors == []
    assert "{value = 33554444, fields = {LPES = 3, ILE = true, HDICE = false}}" in output.text
    assert "[ LPES=0 ILE HDICE ]" in output.text
    assert "{LPES = 1, ILE = false, HDICE = true}" in output.text
    assert "0xd" in output.text
    assert "[ LPES=0 HDICE ]" in output.text


@BOTH
def test_memory_is_read_written_searched_and_compared(run_gdb: RunGdb, arch: ToyArch) -> None:
    """x, set, find, compare-sections, load."""
    target = FullToyTarget(arch)
    with serving(target) as server:
        output = run_gdb(
            server,
            "set *(unsigned int *)0x9000 = 0xdeadbeef",
            "x/xw 0x9000",
            "find /w 0x8000, +0x4000, 0xdeadbeef",
            "compare-sections",
            "set *(int *)0x1004 = 0",
            "load",
            "compare-sections",
        )
    assert "0x9000:\t0xdeadbeef" in output.text
    assert "1 pattern found" in output.text
    assert output.text.count("matched.") == 2
    assert target.ram[0x8000:0x8004] == (0xDEADBEEF).to_bytes(4, arch.byte_order)


def test_unmapped_memory_is_an_error_in_gdb(run_gdb: RunGdb) -> None:
    """Reads do not show zeros, writes do not succeed."""
    with serving(FullToyTarget(POWER)) as server:
        output = run_gdb(server, "x/x 0", "set *(int *)0 = 1", "set *(int *)0x400000 = 1")
    assert output.errors == [
        "Cannot access memory at address 0x0",
        "Cannot access memory at address 0x0",
        "Cannot access memory at address 0x400000",
    ]


def test_monitor_commands_print_on_the_console(run_gdb: RunGdb) -> None:
    """With help, and a guess at what was meant."""
    with serving(FullToyTarget(POWER)) as server:
        output = run_gdb(server, "monitor help", "monitor countr", "monitor counter")
    text = "\n".join(output.errors)
    assert "help [COMMAND]" in text
    assert "did you mean counter?" in text
    assert "p1.1: 0" in text


def test_a_second_gdb_is_told_why_it_cannot_connect(run_gdb: RunGdb) -> None:
    """Instead of waiting for an answer that never comes."""
    with serving(FullToyTarget(POWER)) as server, RspClient(server.address) as first:
        first.handshake()
        output = run_gdb(server)
        assert any("another debugger is connected" in line for line in output.errors)
        assert first.ask(b"qC") == b"QCp1.1"


def test_gdb_can_connect_again_and_again(run_gdb: RunGdb) -> None:
    """After detach, disconnect, and just leaving."""
    with serving(FullToyTarget(POWER)) as server:
        for last in ("detach", "disconnect", "stepi"):
            assert run_gdb(server, "p $r3", last).errors == []


def test_partitions_are_inferiors_with_vcpus_as_threads(run_gdb: RunGdb) -> None:
    """``attach 2`` gets the second partition, with its registers and its breakpoints."""
    with serving(FullToyTarget(POWER, partitions=2, vcpus=2)) as server:
        output = run_gdb(
            server,
            "info os processes",
            "add-inferior",
            "inferior 2",
            "attach 2",
            "info threads",
            "hbreak *0x1010",
            "continue",
            "monitor counter",
            "kill inferiors 1",
            "info inferiors",
            connect="target extended-remote",
        )
    assert "not attached" in output.text
    for thread in ("1.1", "1.2", "2.1", "2.2"):
        assert f'Thread {thread} "vcpu' in output.text
    assert "Truncated register" not in "\n".join(output.errors)
    assert "pause ()" in output.text
    assert "<null>" in output.text
