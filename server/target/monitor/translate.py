"""`monitor translate`: where a translation leads, in the core's present state or in a regime by name.

A description names its regimes by functions `regime_NAME(address : u64, kind : access) -> translation`. The value has
parts PA, SIZE, KINDS, ATTR, SH and FAULT; a fault is a bit field `fault` (Arm ARM, B3.12).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ....isa.engine.interface import Fault
from ....isa.errors import TraplineError
from ....isa.model.items import Description
from ...core import Core
from ...rsp.errors import MonitorError
from ...rsp.target import MonitorContext
from ...wild.report import has_memory
from ..controls import Controls
from ..views import REGIME, regimes
from .words import number

KINDS: Final = {"load": 0, "store": 1, "fetch": 2}
_POLICIES: Final = {
    0x4: "non-cacheable",
    0xA: "write-through",
    0xB: "write-through",
    0xE: "write-back",
    0xF: "write-back",
}
_SHAREABILITIES: Final = ("non-shareable", "", "outer shareable", "inner shareable")


def usage(description: Description) -> str:
    """How the command is written for a core."""
    names = "|".join(regimes(description))
    return "translate ADDRESS [load|store|fetch]" + (f" [{names}]" if names else "")


def translate_command(target: Controls, context: MonitorContext, words: Sequence[str]) -> None:
    """See the module. Raises MonitorError."""
    core = target.vcpu(context.thread).core
    address = number(core, "translate", words, 0)
    kind, regime = "load", ""
    known = regimes(core.description)
    for word in words[1:]:
        if word in KINDS:
            kind = word
        elif word in known:
            regime = word
        else:
            names = ", ".join([*KINDS, *known])
            raise MonitorError(f"translate: {word[:40]!r} is none of {names}")
    try:
        text = _in_regime(target, core, address, kind, regime) if regime else _as_it_is(target, core, address, kind)
    except TraplineError as error:
        raise MonitorError(f"translate: {error}") from error
    context.write(text + "\n")


def _as_it_is(target: Controls, core: Core, address: int, kind: str) -> str:
    found = core.engine.translate(address, KINDS[kind])
    if isinstance(found, Fault):
        shown = ", ".join(f"{argument:#x}" for argument in found.arguments)
        return f"{address:#x}: a {kind} raises {found.interrupt}({shown})"
    return _led(target, core, address, found.physical, found.region, found.permitted)


def _in_regime(target: Controls, core: Core, address: int, kind: str, regime: str) -> str:
    (value,) = core.call(REGIME + regime, address, KINDS[kind])
    found = _parts(core.description, "translation", value)
    if found["FAULT"]:
        return f"{address:#x} in {regime}: a {kind} has {_fault(core.description, found['FAULT'])}"
    region = min(found["SIZE"], 63)
    text = _led(target, core, address, found["PA"], region, found["KINDS"])
    return f"{text}; {regime}: {_attributes(found['ATTR'], found['SH'])}"


def _led(target: Controls, core: Core, address: int, physical: int, region: int, permitted: int) -> str:
    allowed = [name for name, bit in (("load", 1), ("store", 2), ("fetch", 4)) if permitted & bit]
    there = _what_is_at(target, core, physical)
    return f"{address:#x} -> {physical:#x}{there}, {1 << region:#x} bytes alike, {' '.join(allowed)}"


def _what_is_at(target: Controls, core: Core, physical: int) -> str:
    """What a physical address of the core leads to, where it is not memory."""
    if has_memory(core, physical):
        return ""
    window = target.machine.bus.window_at(physical)
    return f" ({window}, no memory)" if window is not None else " (no memory is there)"


def _parts(description: Description, name: str, value: int) -> dict[str, int]:
    fields = description.bitfields[name].fields
    return {one.name: value >> one.low & ((1 << one.width) - 1) for one in fields}


def _fault(description: Description, value: int) -> str:
    what = _parts(description, "fault", value)
    kinds = {number: name for name, number in description.enums["fault_kind"].members.items()}
    text = f"a {kinds.get(what['KIND'], 'unknown')} fault at level {what['LEVEL']}".replace("_", " ")
    if what["STAGE2"]:
        walk = ", on a stage 1 walk" if what["S1PTW"] else ""
        text += f" of stage 2{walk}, for intermediate physical address {what['IPA']:#x}"
    return text


def _attributes(attributes: int, shareability: int) -> str:
    outer, inner = attributes >> 4, attributes & 15
    if not outer:
        return "Device" if inner & 0xC else "Strongly-ordered"
    policies = [_POLICIES.get(policy, f"policy {policy:#x}") for policy in (outer, inner)]
    policy = policies[0] if policies[0] == policies[1] else f"outer {policies[0]}, inner {policies[1]}"
    return f"Normal {policy}, {_SHAREABILITIES[shareability]}"
