"""Events of a partition: every call, exit and change is told while somebody listens, and nothing is done for nobody."""

from __future__ import annotations

import pytest

from trapline.server.hv.book3s.vcpu import Book3sVcpu
from trapline.server.hv.exits import PaprHcall, Unknown
from trapline.server.machine import events
from trapline.server.machine.events import EventStream

from ..server.guests import hcall, load, number
from .hosts import host, put, until, vcpu_of, vm_of, vm_with

ENTER = hcall("H_ENTER", 1 << 39, 0x910, 0x123001, 0x20192)
LEAVE = load(3, 0xF00) + "sc 1\n"


def vcpu_with(code: str, stream: EventStream) -> Book3sVcpu:
    """A partition that tells a stream, about to execute some code."""
    vm = vm_of(host(events=stream))
    put(vm, code)
    return vcpu_of(vm)


def test_real_mode_calls_are_told_with_arguments_and_results() -> None:
    """Though they never leave the engine; a call that changes its arguments is told of what it was asked."""
    stream = EventStream()
    told: list[events.Hcall] = []
    subscription = stream.subscribe(events.Hcall, told.append)
    vcpu = vcpu_with(ENTER + hcall("H_READ", 0, 0x910) + hcall("H_PROD", 0) + LEAVE + ENTER + LEAVE, stream)
    until(vcpu, PaprHcall)
    assert [(one.name, one.level, one.arguments[:2], one.results[:3]) for one in told] == [
        ("H_ENTER", "real_mode", (1 << 39, 0x910), (0, 0x910, 0x910)),
        ("H_READ", "real_mode", (0, 0x910), (0, 0x123001, 0x20192)),
        ("H_PROD", "kernel", (0, 0x20192), (0,)),
    ]
    stream.unsubscribe(subscription)
    vcpu.complete_hcall((0,))
    until(vcpu, PaprHcall)
    assert len(told) == 3
    assert vcpu.core.read("HCALLS_TOLD") == 0


def test_changes_of_the_page_table_are_told() -> None:
    """Entered, protected, removed, taken away by the host and brought back; what changed nothing is not."""
    stream = EventStream()
    told: list[events.HptChange] = []
    stream.subscribe(events.HptChange, told.append)
    removed = hcall("H_BULK_REMOVE", 0x40 << 56 | 0x910, 0, 3 << 62)
    vcpu = vcpu_with(ENTER + ENTER + hcall("H_PROTECT", 3, 0x910, 0) + LEAVE + removed + LEAVE, stream)
    until(vcpu, PaprHcall)
    vm_with(vcpu).page_out(0x20000, 0x1000)
    vcpu.complete_hcall((0,))
    until(vcpu, PaprHcall)
    own = [one for one in told if one.index == 0x910]
    base = vm_with(vcpu).host_address(0x20000)
    valid, absent = 0x123001, 0x123020
    assert [(one.before, one.after) for one in own] == [
        ((0, 0), (valid, base | 0x192)),
        ((valid, base | 0x192), (valid, base | 0x193)),
        ((valid, base | 0x193), (absent, base | 0x193)),
        ((absent, base | 0x193), (0, base | 0x193)),
    ]
    assert {one.lpid for one in told} == {vcpu.vm.lpid}


def test_exits_that_the_model_answers_are_told() -> None:
    """By the interrupt's name."""
    stream = EventStream()
    told: list[events.Exit] = []
    stream.subscribe(events.Exit, told.append)
    vcpu = vcpu_with("2: b 2b\n", stream)
    vcpu.run(1)
    vcpu.core.put("HDEC", 3)
    vcpu.host_interrupt()
    vcpu.run(20)
    vcpu.kick()
    vcpu.run(1)
    assert [one.reason for one in told] == ["external", "hypervisor_decrementer", "signal"]


def test_illegal_instructions_are_exits() -> None:
    """KVM hands them back as program interrupts, and counts both; told or not, the thread ends up in one state."""
    code, ends = "1: .long 0\n2: b 2b\n", []
    for listens in (True, False):
        stream = EventStream()
        told: list[events.Exit] = []
        if listens:
            stream.subscribe(events.Exit, told.append)
        vcpu = vcpu_with(code, stream)
        vcpu.run(5)
        assert (vcpu.statistics.sum_exits, vcpu.statistics.queue_intr) == (5, 5), "0x700 holds no handler"
        assert [one.reason for one in told] == ["hypervisor_emulation_assistance"] * (5 if listens else 0)
        ends.append([vcpu.core.read(name) for name in ("SRR0", "SRR1", "HSRR0", "HSRR1", "HEIR", "MSR")])
    assert ends[0] == ends[1]
    assert ends[0][1] & 0x1F0000 == 0x80000


def test_calls_are_counted_though_nobody_listens() -> None:
    """By number, those of real mode and those of the kernel."""
    vcpu = vcpu_with(ENTER * 3 + hcall("H_PROD", 0) + LEAVE, EventStream())
    until(vcpu, PaprHcall)
    assert vm_with(vcpu).calls() == {number("H_ENTER"): 3, number("H_PROD"): 1}
    assert vcpu.statistics.sum_exits == 2


@pytest.mark.parametrize("core", ["power7", "ppc970"])
def test_an_interrupt_without_an_answer_ends_the_run_with_a_dump(core: str) -> None:
    """KVM_EXIT_UNKNOWN, its vector, and the registers."""
    vm = vm_of(host(core))
    put(vm, "2: b 2b\n")
    vcpu = vcpu_of(vm)
    vcpu.run(1)
    vcpu.core.set_input("SYSTEM_RESET_PENDING", 1)
    left = vcpu.run(10)
    assert isinstance(left, Unknown)
    assert left.trap == 0x100
    assert "pc  = 0000000000004000" in left.dump
