"""The worlds that a core executes in, as its description calls them: modes, translation on or off, and whose partition.

`@worlds(NAME = "TESTS", ..., host = "TESTS", vm = "REGISTER.FIELD")` behind an architecture's name: NAME is a world
where the tests hold. Tests with spaces between must all hold, `|` stands between alternatives; one is `REGISTER.FIELD`
(not zero), `REGISTER.FIELD=NUMBER`, or either behind a `!`. `vm` is the number of the partition or VM (LPID, VMID) that
executes, except where `host` holds. The members of the enum that `@mode` names are worlds, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ...isa.engine.kept import kept_product
from ...isa.errors import TraplineError
from ...isa.lang.tree.diagnostics import did_you_mean
from ...isa.model.items import Description
from ..core import Core
from ..described_facts import present

HOST: Final = "host"
_VM: Final = "vm"


class WorldError(TraplineError):
    """The core has no such world."""


@dataclass(frozen=True, slots=True)
class _Test:
    register: str
    field: str
    value: int | None
    """None: anything but zero."""
    negated: bool

    def holds(self, core: Core) -> bool:
        found = core.field(self.register, self.field) if self.field else present(core, self.register)
        return (bool(found) if self.value is None else found == self.value) is not self.negated


_Condition = tuple[tuple[_Test, ...], ...]
"""Alternatives, of each all must hold."""


@dataclass(frozen=True, slots=True)
class World:
    """Where a core must be: in one of `modes`, if there are any, and in VM `vm` (None: anywhere, HOST: in none)."""

    vm: int | str | None
    modes: tuple[str, ...]

    def __str__(self) -> str:
        said = [] if self.vm is None else [f"vm={self.vm}"]
        return " ".join([*said, *([f"mode={','.join(self.modes)}"] if self.modes else [])])

    def holds(self, core: Core) -> bool:
        """Whether the core is there now."""
        known = worlds_of(core.description)
        if self.modes and not any(_holds(known[mode], core) for mode in self.modes):
            return False
        return self.vm is None or vm_of(core) == self.vm


def world(description: Description, vm: str | None, modes: str | None) -> World | None:
    """Of what a user writes, `vm` a number or `host`, `modes` with commas between. Raises WorldError."""
    known = worlds_of(description)
    chosen = tuple(one.strip().lower() for one in modes.split(",")) if modes is not None else ()
    for mode in chosen:
        if mode not in known:
            there = f"there are {', '.join(known)}" if known else "its description names none"
            raise WorldError(f"the core has no mode {mode[:40]!r}", did_you_mean(mode, known) or there)
    number: int | str | None = None
    if vm is not None:
        if HOST not in known or _vm_place(description) is None:
            raise WorldError(f"core {description.core} does not tell which VM it executes")
        try:
            number = HOST if vm == HOST else int(vm, 0)
        except ValueError:
            raise WorldError(f"{vm[:40]!r} is no VM's number", "write vm=1, or vm=host") from None
    return World(number, chosen) if chosen or number is not None else None


def vm_of(core: Core) -> int | str:
    """The number of the VM that the core executes now, or HOST: none."""
    place = _vm_place(core.description)
    known = worlds_of(core.description)
    if place is None or HOST not in known or _holds(known[HOST], core):
        return HOST
    register, field = place
    return core.field(register, field) if field else core.read(register)


def worlds_now(core: Core) -> list[str]:
    """The names of the worlds that the core is in."""
    return [name for name, condition in worlds_of(core.description).items() if _holds(condition, core)]


def worlds_of(description: Description) -> Mapping[str, _Condition]:
    """Those of a description by name."""
    return kept_product(description.fingerprint, "worlds", lambda: _made(description))


def _made(description: Description) -> Mapping[str, _Condition]:
    found: dict[str, _Condition] = {}
    mode = description.annotations.get("mode", {})
    if "field" in mode:
        register, _, field = str(mode["field"]).partition(".")
        for name, value in description.enums[str(mode["enum"])].members.items():
            found[name] = ((_Test(register, field, value, False),),)
    for name, text in description.annotations.get("worlds", {}).items():
        if name != _VM:
            found[name] = tuple(tuple(map(_test, one.split())) for one in str(text).split("|"))
    return found


def _test(text: str) -> _Test:
    place, equals, value = text.removeprefix("!").partition("=")
    register, _, field = place.partition(".")
    return _Test(register, field, int(value, 0) if equals else None, text.startswith("!"))


def _vm_place(description: Description) -> tuple[str, str] | None:
    register, _, field = str(description.annotations.get("worlds", {}).get(_VM, "")).partition(".")
    return (register, field) if register in description.registers else None


def _holds(condition: _Condition, core: Core) -> bool:
    return any(all(test.holds(core) for test in alternative) for alternative in condition)
