"""Engines of a machine that goes on with another description: what they hold stays, what they execute is new.

Registers stay where they are, so the descriptions have to lay them out alike. Each engine remains the object that it
was: whoever refers to one refers to the right one afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..model.items import Description, Register
from .errors import EngineError
from .layout import layout_of
from .reference import ReferenceEngine
from .state import State


def differences(old: Description, new: Description) -> Iterator[str]:
    """What keeps a machine of one description from going on with another, in words."""
    if (old.name, old.core) != (new.name, new.core):
        yield f"it describes {new.name}, core '{new.core}', and the machine is a {old.name}, core '{old.core}'"
        return
    before, after = _storage(old), _storage(new)
    for name, register in before.items():
        other = after.get(name)
        if other is None:
            yield f"register {name} is gone"
        elif other.width != register.width:
            yield f"register {name} had {register.width} bits, and has {other.width}"
        elif other.count != register.count:
            yield f"register {name} had {register.count or 1} elements, and has {other.count or 1}"
        elif other.scope != register.scope:
            yield f"register {name} was of each {register.scope}, and is of each {other.scope}"
    for name in after:
        if name not in before:
            yield f"register {name} is new"
    if [*before] != [*after] and {*before} == {*after}:
        yield "registers are declared in another order"
    for kind in ("interrupts", "exits", "instruction_sets", "devices"):
        gone = [name for name in getattr(old, kind) if name not in getattr(new, kind)]
        come = [name for name in getattr(new, kind) if name not in getattr(old, kind)]
        yield from (f"{kind[:-1].replace('_', ' ')} {name} is gone" for name in gone)
        yield from (f"{kind[:-1].replace('_', ' ')} {name} is new" for name in come)
    if old.features != new.features:
        yield f"its features are {', '.join(new.features) or 'none'} now"


def kept_back(old: Description, new: Description) -> Iterator[str]:
    """What has changed and takes effect at a restart only: whoever made the machine has read it then."""
    for name, constant in old.constants.items():
        if name in new.constants and new.constants[name].value != constant.value:
            yield f"constant {name}: hypervisor models and devices keep {constant.value}"
    for name, device in old.devices.items():
        if name in new.devices and device != new.devices[name] and _plain(device) != _plain(new.devices[name]):
            yield f"device {name}"
    for name, call in old.hypercalls.items():
        other = new.hypercalls.get(name)
        if other is None or (other.number, other.level) != (call.number, call.level):
            yield f"hypervisor call {name}"


def _plain(device: object) -> object:
    from ..model.digest import digest_of_meaning

    return digest_of_meaning(device)


def _storage(description: Description) -> Mapping[str, Register]:
    return {name: one for name, one in description.registers.items() if one.kind == "storage"}


def take_description(engines: Sequence[ReferenceEngine], description: Description) -> None:
    """All engines of a machine, none of which runs, execute `description` from now on.

    Raises EngineError, and leaves everything as it is, where registers lie elsewhere or native code cannot be had.
    """
    first = engines[0]
    if layout_of(description).places.keys() != first.state.layout.places.keys() or any(
        layout_of(description).blocks[scope].size != block.size for scope, block in first.state.layout.blocks.items()
    ):
        raise EngineError("registers lie elsewhere in the other description", hint="start the machine again")
    for engine in engines:
        engine.prepare_for(description)
    kept = [_Kept(engine) for engine in engines]
    for engine in engines:
        engine.close()
    for one in kept:
        one.begin(description)


class _Kept:
    """What an engine has been told from outside."""

    def __init__(self, engine: ReferenceEngine) -> None:
        self.engine = engine
        self.made_with = engine.made_with()
        self.state: State = engine.state
        self.breakpoints = frozenset(engine.breakpoints)
        self.watchpoints, self.before = engine.watchpoints, engine.watch_before
        self.answers = dict(engine._answers)
        self.faults = dict(engine.faults_asked)
        self.log = engine.interrupts.save()

    def begin(self, description: Description) -> None:
        """Makes the engine anew, as the object that it is."""
        engine: Any = self.engine
        self.state.take_description(description)
        vars(engine).clear()
        engine.__init__(description, self.state, **self.made_with)
        engine.interrupts.load(self.log)
        engine.answer_exits(self.answers)
        for interrupt, (answer, bits) in self.faults.items():
            engine.answer_faults(interrupt, answer, bits)
        engine.set_breakpoints(self.breakpoints)
        engine.set_watchpoints(self.watchpoints, self.before)
