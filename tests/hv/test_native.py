"""The claims of the other files hold on the native engine, too."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator

import pytest

from . import hosts, test_events, test_face, test_face_of_vcpus, test_memory, test_vcores


def claims() -> Iterator[Callable[[], None]]:
    """Tests that need no arguments."""
    for module in (test_face, test_face_of_vcpus, test_memory, test_vcores, test_events):
        for name, function in vars(module).items():
            if name.startswith("test_") and not inspect.signature(function).parameters:
                yield function


@pytest.mark.parametrize("claim", list(claims()), ids=lambda claim: claim.__name__)
def test_claims_hold_on_the_native_engine(claim: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each as it stands, with hosts of the native engine."""
    monkeypatch.setitem(hosts.__dict__, "ENGINE", ["native"])
    claim()
