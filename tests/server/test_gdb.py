"""A real gdb-multiarch attached to machines: symbols, registers, breakpoints, watchpoints, monitor, the end."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from trapline.server.boards.machine import Machine
from trapline.server.rsp.server import GdbServer
from trapline.server.target import MachineTarget
from trapline.server.verdict import Outcome

from ..oracle import require
from ..patience import HANGS
from .guests import arm, partition, power_off, say

pytestmark = pytest.mark.gdb
GDB = "gdb-multiarch"


@contextmanager
def serving(machine: Machine) -> Iterator[GdbServer]:
    """A server for one client, in a thread."""
    require.oracle(GDB)
    with GdbServer(MachineTarget(lambda: machine)) as server:
        thread = threading.Thread(target=server.serve_one, daemon=True)
        thread.start()
        yield server
        server.close()
        thread.join(timeout=10)


def gdb(server: GdbServer, *commands: str) -> str:
    """What gdb prints, errors included."""
    settings = ("set confirm off", "set pagination off", "set width 0", server.connect_hint())
    arguments = [part for command in (*settings, *commands) for part in ("-ex", command)]
    done = subprocess.run(
        [GDB, "-nx", "-q", "-batch", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=HANGS,
        check=False,
    )
    return done.stdout


def test_partition_from_symbols_to_its_end() -> None:
    """A bare `target remote` has symbols and byte order; the guest's end is gdb's, too."""
    code = ".globl counted\ncounted:\nli %r31, 0x77\nnop\n" + say("PASS\n") + power_off()
    with serving(partition(code)) as server:
        said = gdb(
            server,
            "break *counted+4",
            "continue",
            "print/x $r31",
            "set $r30 = 0x1234567890",
            "print/x $r30",
            "print $lpcr.fields.VPM1",
            "set $hsprg0 = 5",
            "print $hsprg0",
            "monitor info machine",
            "continue",
        )
    assert "counted" in said
    assert "= 0x77\n" in said
    assert "= 0x1234567890\n" in said
    assert "$3 = true\n" in said
    assert "$4 = 5\n" in said
    assert "device uart16550" in said
    assert "exited normally" in said


@pytest.mark.parametrize("name", ["arm-virt", "arm-kvm"])
def test_arm_machines_step_watch_and_call_by_mode(name: str) -> None:
    """Steps, a watchpoint with old and new value, and banked registers that other servers do not show."""
    code = "mov r1, #0x40000000\nadd r1, r1, #0x8000\nmov r2, #7\nstr r2, [r1]\nnop\nOFF"
    with serving(arm(code, name)) as server:
        said = gdb(
            server,
            "stepi 2",
            "print/x $r1",
            "watch *(int *) 0x40008000",
            "continue",
            "set $sp_irq = 0x1000",
            "print/x $sp_irq",
            "info threads",
            "delete",
            "continue",
        )
    assert "= 0x40008000\n" in said
    assert "Old value = 0\nNew value = 7\n" in said
    assert "= 0x1000\n" in said
    assert ("hyp mode" if name == "arm-virt" else "svc mode") in said
    assert f"exited with code {Outcome.SILENT.value:03o}" in said


def test_unmapped_memory_is_an_error_not_zero() -> None:
    """Reading where nothing is mapped is refused, and writing as well."""
    with serving(partition("nop\n")) as server:
        said = gdb(server, "x/x 0x20000000", "set *(int *) 0x20000000 = 1", "print/x $pc")
    assert "Cannot access memory at address 0x20000000" in said
    assert "= 0x4000\n" in said


def test_two_vcpus_are_two_threads() -> None:
    """Both vcpus are listed with what they do."""
    with serving(partition("1: b 1b\n", vcpus=2)) as server:
        said = gdb(server, "info threads", "thread 2", "print $pc")
    assert 'vcpu0" (running, supervisor)' in said
    assert 'vcpu1" (powered off)' in said
