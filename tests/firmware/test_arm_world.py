"""The same guest under the Arm host stub and under the KVM/Arm model: the same exits with the same syndromes."""

from __future__ import annotations

from functools import cache

import pytest

from trapline.firmware.arm_exits import Exits, difference, under_model, under_stub
from trapline.firmware.catalogue import find_guest


@cache
def stub(name: str) -> Exits:
    """On the reference engine."""
    return under_stub(find_guest(name), "reference")


@cache
def model(name: str, engine: str = "reference") -> Exits:
    """On an engine."""
    return under_model(find_guest(name), engine)


@pytest.mark.parametrize("name", ["arm_world", "arm_world_t32"])
def test_stub_and_model_see_the_same_exits(name: str) -> None:
    """Syndrome by syndrome, with the addresses of aborts; VFP is given equally often, and the guest says the same."""
    assert difference(stub(name), model(name)) == ""
    assert len(model(name).taken) > 70
    assert model(name).vfp > 1
    assert model(name).console == "PASS arm_world_guest\n"


def test_the_exits_cover_what_a_guest_can_trap_for() -> None:
    """Aborts of both kinds, calls, SMC, WFI, system registers of 32 and 64 bits."""
    classes = {hsr >> 26 for hsr, _, _ in stub("arm_world").taken}
    assert classes == {0x01, 0x03, 0x04, 0x12, 0x13, 0x20, 0x24}


def test_a_difference_is_told() -> None:
    """Another syndrome, an exit more, VFP once more, a guest that fails: each in words."""
    one = stub("arm_world")
    changed = [*one.taken[:5], (one.taken[5][0] ^ 1, 0, 0), *one.taken[6:]]
    assert "exit 5 is" in difference(one, Exits(changed, one.vfp, one.console))
    assert "exits under" in difference(one, Exits(one.taken[:-1], one.vfp, one.console))
    assert "VFP" in difference(one, Exits(one.taken, one.vfp + 1, one.console))
    assert "FAIL" in difference(one, Exits(one.taken, one.vfp, "FAIL arm_world_guest: check 01\n"))


def test_the_native_engine_agrees() -> None:
    """The same exits of the model on the native engine."""
    assert model("arm_world", "native") == model("arm_world")
