"""The claims of the other files hold on the native engine, too."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator

import pytest

from . import (
    arm_hosts,
    hosts,
    test_arm_face,
    test_arm_traps,
    test_arm_vgic,
    test_events,
    test_face,
    test_face_of_vcpus,
    test_memory,
    test_moved_everywhere,
    test_vcores,
)

POWER = (test_face, test_face_of_vcpus, test_memory, test_vcores, test_events, test_moved_everywhere)
ARM = (test_arm_face, test_arm_traps, test_arm_vgic)


def claims() -> Iterator[Callable[[], None]]:
    """Tests that need no arguments."""
    for module in POWER + ARM:
        for name, function in vars(module).items():
            if name.startswith("test_") and not inspect.signature(function).parameters:
                yield function


@pytest.mark.parametrize("claim", list(claims()), ids=lambda claim: claim.__name__)
def test_claims_hold_on_the_native_engine(claim: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each as it stands, with hosts of the native engine."""
    for module in (hosts, arm_hosts):
        monkeypatch.setitem(module.__dict__, "ENGINE", ["native"])
    claim()
