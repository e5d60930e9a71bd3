"""The native engine runs guests; the reference engine stands in only where nobody chose, and never in silence."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator

import pytest

from trapline.isa.engine.errors import EngineError
from trapline.isa.engine.native.building import code_cache
from trapline.isa.engine.native.building.builders import Builders
from trapline.isa.engine.native.building.make import Maker
from trapline.isa.engine.native.building.store import Store
from trapline.isa.engine.native.running.engine import NativeEngine
from trapline.isa.engine.reference import ReferenceEngine
from trapline.server.boards import registry
from trapline.server.boards.machine import MachineOptions
from trapline.server.boards.registry import build_machine
from trapline.server.engine_choice import choose_engine
from trapline.server.tree import hardware

from . import test_arm_machines, test_power_bare, test_pseries, test_target
from .guests import RAM, description, guest

NOTHING = "_start:\n1: b 1b\n"


def test_the_native_engine_is_the_usual_one() -> None:
    """Nobody has to ask for it."""
    machine = build_machine(guest(NOTHING, "power7", 0), options=MachineOptions(ram_size=RAM))
    assert isinstance(machine.vcpus[0].core.engine, NativeEngine)


@pytest.fixture
def no_llvm(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host without llvmlite, as far as native code is concerned."""

    def refuse(*_: object, **__: object) -> None:
        raise EngineError("the native engine needs llvmlite, which cannot be loaded")

    monkeypatch.setattr(code_cache, "native_code", refuse)


def test_without_llvm_the_user_is_told(no_llvm: None, capsys: pytest.CaptureFixture[str]) -> None:
    """The guest runs on the reference engine, and standard error says why."""
    machine = build_machine(guest(NOTHING, "power7", 0), options=MachineOptions(ram_size=RAM))
    engine = machine.vcpus[0].core.engine
    assert isinstance(engine, ReferenceEngine)
    assert not isinstance(engine, NativeEngine)
    told = capsys.readouterr().err
    assert "llvmlite, which cannot be loaded" in told
    assert "the reference engine runs the guest" in told
    assert told.count("\n") == 1


def test_code_that_llvm_rejects_is_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason is LLVM's."""

    def reject(*_: object) -> None:
        raise EngineError("LLVM rejects the native engine's code: expected type")

    monkeypatch.setattr(code_cache, "_loaded", {})
    monkeypatch.setattr(Store, "read", lambda *_: None)
    monkeypatch.setattr(Builders, "_is_damaged", lambda *_: True)
    monkeypatch.setattr(Maker, "make", reject)
    told: list[str] = []
    assert choose_engine(description("power7"), None, tell=told.append) == "reference"
    assert "LLVM rejects" in told[0]


def test_who_asks_for_the_native_engine_gets_it_or_an_error(
    no_llvm: None, capsys: pytest.CaptureFixture[str]
) -> None:
    """No other engine in its place."""
    with pytest.raises(EngineError, match="llvmlite"):
        build_machine(guest(NOTHING, "power7", 0), options=MachineOptions(ram_size=RAM, engine="native"))
    build_machine(guest(NOTHING, "power7", 0), options=MachineOptions(ram_size=RAM, engine="reference"))
    assert not capsys.readouterr().err


def claims() -> Iterator[Callable[[], None]]:
    """What the tests of machines and target claim, as far as they need no arguments."""
    for module in (test_pseries, test_power_bare, test_arm_machines, test_target):
        for name, function in vars(module).items():
            if name.startswith("test_") and not inspect.signature(function).parameters:
                yield function


def _name(claim: Callable[[], None]) -> str:
    return f"{claim.__module__.rpartition('.')[2]}-{claim.__name__}"


@pytest.mark.parametrize("claim", list(claims()), ids=_name)
def test_claims_hold_under_the_reference_engine(claim: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """The same tests, where nobody chooses an engine and the reference engine is what there is."""
    for module in (registry, hardware):
        monkeypatch.setattr(module, "choose_engine", lambda description, wanted, progress=None: wanted or "reference")
    claim()
