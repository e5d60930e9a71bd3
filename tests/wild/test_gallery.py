"""A gallery of guests that run wild: each is caught, within bounded steps, and told with its first cause.

And guests that take many interrupts, or wait with interrupts off, and are none of them.
"""

from __future__ import annotations

import pytest

from trapline.server.verdict import Outcome

from .guests import GALLERY, WildGuest
from .programs import built
from .sane import SANE, SaneGuest

ENGINES = ("native", "reference")
MOST_STEPS = 1_000_000


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("guest", GALLERY, ids=lambda guest: f"{guest.name}, {guest.board} {guest.core}")
def test_a_wild_guest_is_told_with_its_first_cause(guest: WildGuest, engine: str) -> None:
    """The run ends with a status of its own, soon, and one message names where it all began."""
    machine = built(guest.source, guest.core, guest.base, guest.board, engine)
    verdict = machine.run(MOST_STEPS)
    assert verdict.outcome is (Outcome.DIED if guest.kind == "died" else Outcome.WILD), verdict.reason
    address = machine.elf.symbols[guest.at] if isinstance(guest.at, str) else guest.at
    assert f"{address:#x}" in verdict.reason
    for text in guest.says:
        assert text in verdict.reason
    if guest.kind != "died":
        assert machine.wild is not None
        assert (machine.wild.kind, hex(machine.wild.address)) == (guest.kind, hex(address)), verdict.reason
        assert machine.wild.message == verdict.reason


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("guest", SANE, ids=lambda guest: f"{guest.name}, {guest.board} {guest.core}")
def test_a_guest_with_many_interrupts_is_not_called_wild(guest: SaneGuest, engine: str) -> None:
    """It ends as it would if nobody looked; what waits for ever with interrupts on is still running."""
    machine = built(guest.source(engine), guest.core, guest.base, guest.board, engine, guest.vcpus)
    verdict = machine.run(guest.steps if engine == "native" else guest.steps // 40)
    assert verdict.outcome is guest.outcome, verdict.reason
    assert machine.wild is None


def test_both_engines_say_the_same_of_a_wild_guest() -> None:
    """What is found, and after how many steps, is a function of the guest."""
    for guest in (GALLERY[0], GALLERY[4], GALLERY[10]):
        said = []
        for engine in ENGINES:
            machine = built(guest.source, guest.core, guest.base, guest.board, engine)
            for vcpu in machine.vcpus:
                vcpu.core.engine.interrupts.limit(20)
            said.append((machine.run(MOST_STEPS).reason, machine.steps, machine.statistics().interrupts))
        assert said[0] == said[1]


def test_nothing_is_called_wild_on_request() -> None:
    """With `wild_after` zero a guest runs to the end of its budget, which is counted natively."""
    machine = built("_start:\n.long 0\n", "power7", 0x4000, "pseries", "native", wild_after=0)
    calls = 0
    engine = machine.vcpus[0].core.engine
    run = engine.run

    def counted(budget: int, step_over: bool = False) -> object:
        nonlocal calls
        calls += 1
        return run(budget, step_over)

    engine.__dict__["run"] = counted
    verdict = machine.run(2_000_000)
    assert verdict.outcome is Outcome.BUDGET
    assert "found most often at 0x700" in verdict.reason
    assert machine.statistics().interrupts == {"program": 2_000_000}
    assert calls < 400, "interrupts are entered without Python"
