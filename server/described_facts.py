"""What annotations of the architecture tell of a core: its time registers, how its modes are called.

`@time(offset = REGISTER, shift = REGISTER, frequency = NUMBER or REGISTER)`, where threads share a core also
`undispatched = REGISTER` and `threads = REGISTER`;
`@mode(cases = "REGISTER.FIELD text, ..., text")` or `@mode(field = "REGISTER.FIELD", enum = ENUM, text = "{} mode")`.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from ..isa.model.items import Description
from .core import Core

_USUAL_FREQUENCY: Final = 1_000_000_000
"""Ticks a second of a core without time registers, one an instruction."""


class TimeRegisters(NamedTuple):
    """What the machine adds to a core's own time, and log2 of the instructions in a tick; "" where there is none."""

    offset: str
    shift: str


def time_registers(description: Description) -> TimeRegisters:
    """The core's, as far as it has them."""
    notes = description.annotations.get("time", {})
    offset, shift = (str(notes.get(name, "")) for name in ("offset", "shift"))
    known = description.registers
    return TimeRegisters(offset if offset in known else "", shift if shift in known else "")


def utilisation_registers(description: Description) -> tuple[str, str]:
    """What a thread is dealt of its core's ticks, and how many threads the core has; "" where there are none."""
    notes = description.annotations.get("time", {})
    dealt, threads = (str(notes.get(name, "")) for name in ("undispatched", "threads"))
    known = description.registers
    return (dealt, threads) if dealt in known and threads in known else ("", "")


def clock_rate(description: Description) -> tuple[int, int]:
    """Instructions per tick of the core's time, and ticks per second."""
    shift = time_registers(description).shift
    frequency = description.annotations.get("time", {}).get("frequency", _USUAL_FREQUENCY)
    if isinstance(frequency, str):
        frequency = description.registers[frequency].reset
    return 1 << description.registers[shift].reset if shift else 1, int(frequency)


def mode_text(core: Core) -> str:
    """What the core's present mode is called; "" where the description does not say."""
    notes = core.description.annotations.get("mode", {})
    if "field" in notes:
        members = core.description.enums[str(notes["enum"])].members
        value = _read(core, str(notes["field"]))
        name = next((name for name, number in members.items() if number == value), "?")
        return str(notes.get("text", "{}")).replace("{}", name.replace("_", " "))
    for case in str(notes.get("cases", "")).split(","):
        field, _, text = case.strip().partition(" ")
        if "." not in field:
            return case.strip()
        if _read(core, field):
            return text
    return ""


def present(core: Core, register: str) -> int:
    """What a register holds, or what a view is, which changes nothing."""
    return core.look(register) if core.register(register).kind == "view" else core.read(register)


def _read(core: Core, place: str) -> int:
    register, _, field = place.partition(".")
    return core.field(register, field) if field else present(core, register)
