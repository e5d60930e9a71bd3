"""What the reference engine's tests claim of runs, memory, breakpoints and watchpoints holds for the native engine."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator

import pytest

from trapline.isa.engine.interface import Bus, PhysicalMemory
from trapline.isa.engine.native.running.engine import NativeEngine
from trapline.isa.engine.native.tier.tiers import BOTH, EAGER, Tiers
from trapline.isa.engine.state import State
from trapline.isa.model.items import Description

from ..engine import test_exit_answers, test_memory_access, test_reference_run, test_watchpoints, toy

_REFERENCE_ALONE = {
    "test_stores_beside_code_leave_the_decoded_code_alone",  # looks into the reference engine's own table
}


def claims() -> Iterator[Callable[[], None]]:
    """The tests that need nothing but the toy machine."""
    for module in (test_reference_run, test_exit_answers, test_memory_access, test_watchpoints):
        for name, function in vars(module).items():
            if name.startswith("test_") and name not in _REFERENCE_ALONE and not inspect.signature(function).parameters:
                yield function


@pytest.mark.parametrize("tiers", [BOTH, EAGER], ids=["both", "eager"])
@pytest.mark.parametrize("claim", list(claims()), ids=lambda claim: claim.__name__)
def test_claims_of_the_reference_engine_hold(
    claim: Callable[[], None], tiers: Tiers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same test, with native engines in the toy machine, also where the block tier compiles all it can."""
    made: list[NativeEngine] = []

    def native(
        description: Description,
        state: State,
        memory: PhysicalMemory,
        bus: Bus,
        vcpu: int = 0,
        coverage: set[int] | None = None,
    ) -> NativeEngine:
        assert coverage is None
        made.append(NativeEngine(description, state, memory, bus, vcpu, tiers=tiers))
        return made[-1]

    monkeypatch.setattr(toy, "ReferenceEngine", native)
    claim()
    assert made
