"""The same guest under host code in hypervisor state and under the hypervisor model: what it leaves for is the same."""

from __future__ import annotations

import pytest

from trapline.firmware.catalogue import find_guest
from trapline.firmware.power_exits import BUDGET, POWER_GUESTS, difference, stub_machine, under_model, under_stub
from trapline.server.verdict import Outcome

CASES = [
    *[("power7", name, find_guest(name).threads) for name in POWER_GUESTS],
    # One thread, of which the vcpus have turns.
    ("power7", "power_threads", 1),
    ("power7", "power_naps", 1),
    # The 970 has no storage interrupts for the hypervisor, so no devices.
    ("ppc970", "power_hcalls", 1),
    ("ppc970", "power_areas", 1),
    ("ppc970", "power_threads", 1),
    ("ppc970", "power_rma", 1),
]


@pytest.mark.parametrize(("core", "name", "threads"), CASES)
def test_a_guest_leaves_for_the_same_under_stub_and_model(core: str, name: str, threads: int) -> None:
    """It passes under both, and each of its vcpus has the same exits, calls with answers, and device accesses."""
    guest = find_guest(name)
    stub, by_code, _ = under_stub(guest, core, threads)
    model, by_model = under_model(guest, core)
    for machine in (stub, model):
        assert machine.verdict is not None
        assert machine.verdict.outcome is Outcome.PASSED
    assert not difference(by_code, by_model)
    assert set(by_code) == set(range(guest.vcpus))
    assert len(by_code[0]) >= 20


def test_threads_of_a_stub_nap_in_the_partition() -> None:
    """Most of their cedes do not leave: real mode naps, and the decrementer wakes them there."""
    guest = find_guest("power_naps")
    _, trace, passed_on = under_stub(guest, "power7", guest.threads)
    for n in range(1, guest.vcpus):
        cedes = sum(step[0] == "H_CEDE" for step in trace[n])
        assert cedes == 7
        assert 2 * passed_on[n] < cedes


def test_a_stub_that_forgets_who_had_its_thread_loses_its_registers() -> None:
    """The host's flag matters: SRR1 speaks of the last doze, which kept everything. Without it the host says so."""
    guest = find_guest("power_naps")
    machine, image = stub_machine(guest, "power7", guest.threads)
    machine.memory.write(image.symbols["flag_state_lost"], bytes.fromhex("60000000"))
    shown = bytearray()
    machine.console.add_sink(shown.extend)
    machine.run(BUDGET)
    assert machine.verdict is not None
    assert machine.verdict.outcome is Outcome.FAILED
    assert b"PASS power_naps\nFAIL host: a secondary thread has lost its registers" in shown
