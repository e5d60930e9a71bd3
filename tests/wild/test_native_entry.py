"""Interrupts that a guest takes itself are entered in native code: however many there are, Python hears of none."""

from __future__ import annotations

import pytest

from trapline.isa.engine.native.running.engine import NativeEngine
from trapline.server.machine import events

from .programs import built

ROUNDS = 50_000
POWER_ROUNDS = f"lis %r5, {ROUNDS}@h\nori %r5, %r5, {ROUNDS}@l\nmtctr %r5\n"
SKIP = "mfsrr0 %r6\naddi %r6, %r6, 4\nmtsrr0 %r6\nrfid\n"
SKIP_IN_HYPERVISOR = "mfspr %r6, 314\naddi %r6, %r6, 4\nmtspr 314, %r6\nhrfid\n"
STORAGE = "lis %r4, 0x7000\n1: ld %r7, 0(%r4)\nbdnz 1b\nwait: b wait\n"
ILLEGAL = "1: .long 0\nbdnz 1b\nwait: b wait\n"
ARM_ROUNDS = f"movw r5, #{ROUNDS & 0xFFFF}\nmovt r5, #{ROUNDS >> 16}\n"
ARM_VECTORS = "adr r0, vectors\nmcr p15, 0, r0, c12, c0, 0\n"
ARM_LOOP = "subs r5, r5, #1\nbne 1b\nwait: b wait\n.align 5\nvectors: b .\n"
MMU = """
    mov r4, #0x41000000
    mov r3, #0x40000000
    orr r3, r3, #0xc00
    orr r3, r3, #2
    add r2, r4, #0x1000
    str r3, [r2]
    mcr p15, 0, r4, c2, c0, 0
    mov r3, #1
    mcr p15, 0, r3, c3, c0, 0
    mrc p15, 0, r3, c1, c0, 0
    orr r3, r3, #1
    mcr p15, 0, r3, c1, c0, 0
    isb
"""
"""One megabyte of RAM is mapped, nothing else."""

GUESTS = {
    "storage fault of a partition": (
        "pseries", "power7", f".org 0x300\n{SKIP}.org 0x4000\n_start:\n{POWER_ROUNDS}{STORAGE}", "data_storage",
    ),
    "illegal word of a partition": (
        "pseries", "power7", f".org 0x700\n{SKIP}.org 0x4000\n_start:\n{POWER_ROUNDS}{ILLEGAL}", "program",
    ),
    "illegal word of a partition on the 970": (
        "pseries", "ppc970", f".org 0x700\n{SKIP}.org 0x4000\n_start:\n{POWER_ROUNDS}{ILLEGAL}", "program",
    ),
    "illegal word on a bare core": (
        "power-bare",
        "power7",
        f".org 0xe40\n{SKIP_IN_HYPERVISOR}.org 0x4000\n_start:\n{POWER_ROUNDS}{ILLEGAL}",
        "program",
    ),
    "undefined instruction": (
        "arm-kvm",
        "armv7ve",
        f"_start:\n{ARM_VECTORS}{ARM_ROUNDS}1: udf #1\n{ARM_LOOP}movs pc, lr\n",
        "undefined_instruction",
    ),
    "word without a form": (
        "arm-kvm",
        "armv7ve",
        f"_start:\n{ARM_VECTORS}{ARM_ROUNDS}1: .word 0xec000000\n{ARM_LOOP}movs pc, lr\n",
        "undefined_instruction",
    ),
    "data abort of a translation": (
        "arm-kvm",
        "armv7ve",
        f"_start:\n{ARM_VECTORS}{ARM_ROUNDS}{MMU}mov r6, #0\n1: ldr r7, [r6]\n{ARM_LOOP}"
        "nop\nnop\nnop\nsubs pc, lr, #4\n",
        "data_abort",
    ),
    "prefetch abort of a translation": (
        "arm-kvm",
        "armv7ve",
        f"_start:\n{ARM_VECTORS}{ARM_ROUNDS}{MMU}mov r6, #0\n1: blx r6\n{ARM_LOOP}nop\nnop\nmov lr, r14\n"
        "adr lr, 1b + 4\nmovs pc, lr\n",
        "prefetch_abort",
    ),
}


@pytest.mark.parametrize("name", GUESTS)
def test_interrupts_of_a_guest_do_not_enter_python(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Native calls, requests and entries by Python do not grow with the interrupts."""
    board, core, source, interrupt = GUESTS[name]
    heard = {"calls": 0, "requests": 0, "entries": 0}

    def counted(method: str, kind: str) -> None:
        original = getattr(NativeEngine, method)

        def call(self: NativeEngine, *arguments: object) -> object:
            heard[kind] += 1
            return original(self, *arguments)

        monkeypatch.setattr(NativeEngine, method, call)

    for method, kind in (("_after", "calls"), ("_requested", "requests"), ("_enter", "entries")):
        counted(method, kind)
    machine = built(source, core, 0x4001_0000 if core == "armv7ve" else 0, board, "native", wild_after=0)
    machine.run(ROUNDS * 8)
    assert machine.statistics().interrupts[interrupt] >= ROUNDS
    assert all(count < 300 for count in heard.values()), heard


def test_interrupts_are_events_where_somebody_listens() -> None:
    """Each one, in order, with its time, vector and address; and nothing any more once nobody does."""
    board, core, source, _ = GUESTS["illegal word of a partition"]
    machine = built(source, core, 0, board, "native")
    heard: list[events.Interrupt] = []
    subscription = machine.events.subscribe(events.Interrupt, heard.append)
    machine.run_slice(3 + 7 * 20)
    assert [(one.name, one.vector, one.address) for one in heard] == [("program", 0x700, 0x400C)] * len(heard)
    assert 20 <= len(heard) <= 24
    assert [one.time for one in heard] == sorted(one.time for one in heard)
    machine.events.unsubscribe(subscription)
    count = len(heard)
    machine.run_slice(1000)
    assert len(heard) == count
    assert machine.statistics().interrupts["program"] > count
