"""Virtual cores: threads that run together or not at all, nap while others run, and leave together."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trapline.server.hv.book3s.vcore import ThreadState, VcoreState
from trapline.server.hv.book3s.vcpu import Book3sVcpu
from trapline.server.hv.exits import Halt, Interrupted, PaprHcall
from trapline.server.hv.kvm import Interrupt
from trapline.server.machine import events
from trapline.server.machine.events import Event, EventStream

from ..server.guests import hcall, load
from . import hosts
from .hosts import gpr, host, put, refused, start, until, vcpu_of, vm_of, vm_with

LEAVE = load(3, 0xF00) + "sc 1\n"


def threads(count: int, code: str, stream: EventStream | None = None) -> list[Book3sVcpu]:
    """The vcpus of one virtual core, each about to execute some code."""
    vm = vm_of(host(threads=4, events=stream))
    put(vm, code)
    found = [vcpu_of(vm, n) for n in range(count)]
    for vcpu in found:
        start(vcpu)
    return found


def state_of(vcpu: Book3sVcpu) -> VcoreState:
    """What its core does now."""
    return vcpu.vcore.state


def heard(stream: EventStream, *kinds: type[Event]) -> list[Event]:
    """What is told of some kinds from now on."""
    found: list[Event] = []
    for kind in kinds:
        stream.subscribe(kind, found.append)
    return found


def test_threads_of_a_vcore_share_a_core() -> None:
    """SDR1, LPIDR, time base and hypervisor decrementer are one; LPCR and DEC are each thread's."""
    first, second = threads(2, "")
    first.run(1)
    second.run(1)
    assert first.core.state.blocks["core"] is second.core.state.blocks["core"]
    first.core.put("HDEC", 1000)
    assert second.core.get("HDEC") == pytest.approx(1000, abs=2)


def test_a_vcpu_starts_blocked_and_does_not_hold_its_core() -> None:
    """A sibling that was never run is no reason to wait."""
    first, second = threads(2, "")
    assert second.thread_state is ThreadState.BLOCKED
    assert isinstance(first.run(10), Interrupted)


def test_a_core_waits_for_a_thread_that_is_busy_in_the_host() -> None:
    """The sibling's run says for whom, until that one is back."""
    first, second = threads(2, LEAVE)
    assert isinstance(until(first, PaprHcall), PaprHcall)
    assert second.run(10) == Halt(sibling=0)
    assert second.core.retired == 0
    first.complete_hcall((0,))
    assert isinstance(until(second, PaprHcall), PaprHcall)


def test_threads_get_hardware_threads_in_order_and_move_up() -> None:
    """The first runnable thread runs the core; one that leaves is taken out, those behind it move up."""
    vcpus = threads(3, LEAVE)
    vcore = vcpus[0].vcore
    for vcpu in vcpus:
        vcpu.run(1)
    assert [vcore.ptid(vcpu) for vcpu in vcpus] == [0, 1, 2]
    assert vcore.runner is vcpus[0]
    assert vcore.entry_exit_count & 0xFF == 3, "late threads joined"
    until(vcpus[1], PaprHcall)
    assert [vcore.ptid(vcpu) for vcpu in (vcpus[0], vcpus[2])] == [0, 1]
    assert vcore.state is VcoreState.INACTIVE
    assert vcore.entry_exit_count == 0x303, "all came out"


def test_the_first_to_leave_takes_the_others_out() -> None:
    """By the hypervisor decrementer, which is counted; one that naps is woken by an interprocessor interrupt
    instead."""
    stream = EventStream()
    woken = heard(stream, events.Wake)
    vcpus = threads(3, "cmpdi %r3, 1\nbeq 2f\n" + LEAVE + "2:" + hcall("H_CEDE"), stream)
    vcpus[1].set_one_reg("GPR[3]", 1)
    for vcpu in vcpus:
        vcpu.core.put("DEC", 0x7FFFFFFF)
    vcpus[2].run(1)
    vcpus[0].run(1)
    until(vcpus[1], Halt)
    assert vcpus[0].vcore.napping_threads == 1 << vcpus[0].vcore.ptid(vcpus[1])
    until(vcpus[0], PaprHcall)
    assert vcpus[2].statistics.dec_exits == 1
    assert vcpus[1].statistics.dec_exits == 0
    assert [(one.vcpu, one.reason) for one in woken if isinstance(one, events.Wake)] == [(1, "exit")]
    assert vcpus[0].vcore.napping_threads == 0


def test_the_last_idle_thread_leaves_and_the_core_blocks() -> None:
    """A nap for the first, sleep of the core with the second; each end of a cede has its reason."""
    stream = EventStream()
    told = heard(stream, events.Nap, events.Wake, events.VcoreTransition, events.WorldSwitch)
    first, second = threads(2, hcall("H_CEDE") + "li %r30, 1\n", stream)
    for vcpu in (first, second):
        vcpu.core.put("DEC", 0x7FFFFFFF)
    second.run(1)
    until(first, Halt)
    assert [type(one) for one in told] == [events.VcoreTransition, events.WorldSwitch, events.Nap]
    until(second, Halt)
    assert state_of(first) is VcoreState.SLEEPING
    first.end_cede("prod")
    assert state_of(first) is VcoreState.INACTIVE
    first.run(1)
    assert gpr(first, 30) == 1
    wakes = [one for one in told if isinstance(one, events.Wake)]
    assert [(one.vcpu, one.reason) for one in wakes] == [(0, "exit"), (0, "prod")], "the last one woke who napped"
    went = [(one.source, one.target) for one in told if isinstance(one, events.VcoreTransition)]
    assert went == [
        ("inactive", "running"),
        ("running", "exiting"),
        ("exiting", "sleeping"),
        ("sleeping", "inactive"),
        ("inactive", "running"),
    ]


def test_a_prod_before_the_cede_is_not_lost() -> None:
    """The cede returns at once, and the next one waits."""
    code = "cmpdi %r3, 0\nbne 2f\n" + hcall("H_PROD", 1) + LEAVE
    code += "2:" + hcall("H_CEDE") + "li %r30, 1\n" + hcall("H_CEDE") + "li %r30, 2\n"
    first, second = threads(2, code)
    second.set_one_reg("GPR[3]", 1)
    second.core.put("DEC", 0x7FFFFFFF)
    until(first, PaprHcall)
    first.complete_hcall((0,))
    until(second, Halt)
    assert gpr(second, 30) == 1


def test_a_thread_used_for_a_guest_has_lost_the_hosts_registers() -> None:
    """The host's flag says so, once: SRR1 speaks of the last nap only. The primary runs the core in its own context."""
    first, second = threads(2, "2: b 2b\n")
    vcore = first.vcore
    assert not any(vcore.host_thread_wakes(ptid) for ptid in range(4)), "no guest yet"
    first.run(10)
    assert not vcore.host_thread_wakes(1), "one vcpu, which the primary runs"
    second.run(10)
    assert [vcore.host_thread_wakes(ptid) for ptid in range(4)] == [False, True, False, False], "a late thread joined"
    assert not vcore.host_thread_wakes(1)
    first.kick()
    first.run(10)


def test_no_vcpu_runs_while_the_host_uses_secondary_threads() -> None:
    """EBUSY, and nothing is executed; a host whose cores have one thread does not mind."""
    (vcpu,) = threads(1, "2: b 2b\n")
    vm_with(vcpu).kvm.secondaries_online = True
    assert refused(lambda: vcpu.run(10)) == "EBUSY"
    assert vcpu.core.retired == 0
    vm_with(vcpu).kvm.secondaries_online = False
    assert isinstance(vcpu.run(10), Interrupted)
    single = vm_of(host(threads=1))
    put(single, "2: b 2b\n")
    single.kvm.secondaries_online = True
    assert isinstance(vcpu_of(single).run(10), Interrupted)


KINDS = ("leave", "cede", "prod", "interrupt", "answer", "spin")
ACTIONS = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 3)), max_size=40)
CODE = "2: cmpdi %r20, 1\nbeq 3f\ncmpdi %r20, 2\nbeq 4f\naddi %r21, %r21, 1\nb 2b\n"
CODE += "3: li %r20, 0\n" + LEAVE + "b 2b\n4: li %r20, 0\n" + hcall("H_CEDE") + "addi %r22, %r22, 1\nb 2b\n"


@dataclass
class Core:
    """What a core's threads do, by PAPR's and KVM's rules alone; cedes that each has come back from."""

    busy: set[int] = field(default_factory=set)
    ceded: set[int] = field(default_factory=set)
    prodded: set[int] = field(default_factory=set)
    pending: set[int] = field(default_factory=set)
    """An external interrupt is requested."""
    enabled: set[int] = field(default_factory=set)
    """External interrupts are enabled: H_CEDE has done so."""
    in_cede: set[int] = field(default_factory=set)
    returned: list[int] = field(default_factory=lambda: [0] * 4)

    def run(self, n: int, action: str) -> str:
        """What comes of a thread's run that tries an action: halts, blocked, leaves, goes on."""
        if n in self.ceded:
            if n not in self.pending:
                return "halts"
            self.ceded.discard(n)
        if self.busy:
            return "blocked"
        if n in self.in_cede:
            self.in_cede.discard(n)
            self.returned[n] += 1
        if n in self.enabled:
            self.pending.discard(n)
        if action == "cede":
            self.enabled.add(n)
            if n not in self.prodded and n not in self.pending:
                self.ceded.add(n)
                self.in_cede.add(n)
                return "halts"
            # An interrupt that was held off ends it at once, as a prod does, and is taken behind it.
            self.prodded.discard(n)
            self.pending.discard(n)
            self.returned[n] += 1
        if action == "leave":
            self.busy.add(n)
            return "leaves"
        return "goes on"


@settings(max_examples=25, deadline=None, derandomize=True)
@given(ACTIONS)
def test_any_schedule_keeps_what_a_core_must_keep(actions: list[tuple[str, int]]) -> None:
    """Against a small model: no core runs with a busy thread, no wakeup is lost, no thread has two hardware threads."""
    follow(actions)


@pytest.mark.soak
@pytest.mark.parametrize("engine", ["reference", "native"])
def test_many_schedules_keep_what_a_core_must_keep(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of schedules of up to 200 steps, other ones each time, on each engine."""
    monkeypatch.setattr(hosts, "ENGINE", [engine])
    longer = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 3)), min_size=20, max_size=200)
    settings(max_examples=200, deadline=None)(given(longer)(follow))()


def follow(actions: list[tuple[str, int]]) -> None:
    """Four threads that do these things one after the other, beside the model."""
    vcpus = threads(4, CODE)
    put(vm_with(vcpus[0]), "rfid\n", at=0x500)
    vcore, core = vcpus[0].vcore, Core()
    for vcpu in vcpus:
        vcpu.core.put("DEC", 0x7FFFFFFF)
    for action, n in actions:
        vcpu = vcpus[n]
        if action == "answer":
            if n in core.busy:
                vcpu.complete_hcall((0,))
                core.busy.discard(n)
        elif action == "interrupt":
            vcpu.interrupt(Interrupt.SET)
            core.pending.add(n)
        elif action == "prod":
            if n in core.ceded:
                core.ceded.discard(n)
                vcpu.end_cede("prod")
            elif n not in core.busy:
                core.prodded.add(n)
                vcpu.prod()
        elif n not in core.busy:
            tries = "spin" if n in core.ceded else action
            if tries != "spin":
                vcpu.set_one_reg("GPR[20]", {"leave": 1, "cede": 2}[tries])
            elif n not in core.ceded:
                vcpu.set_one_reg("GPR[20]", 0)
            before = vcpu.core.retired
            left = vcpu.run(40)
            match core.run(n, tries):
                case "halts":
                    assert left == Halt()
                case "blocked":
                    assert isinstance(left, Halt)
                    assert left.sibling in core.busy
                    assert vcpu.core.retired == before
                case "leaves":
                    assert isinstance(left, PaprHcall)
                case _:
                    assert isinstance(left, Interrupted)
        assert (vcore.busy() is not None) == bool(core.busy)
        assert len(set(map(id, vcore.runnable))) == len(vcore.runnable)
        assert {one.number for one in vcpus if one.ceded} == core.ceded
        assert [gpr(one, 22) for one in vcpus] == core.returned
        if vcore.state is VcoreState.RUNNING:
            assert not core.busy
        napping = [one for one in vcore.runnable if vcore.napping_threads >> vcore.ptid(one) & 1]
        assert {one.number for one in napping} <= core.ceded
