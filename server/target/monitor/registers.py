"""`monitor registers`: registers of the description with their fields, and what the fields' values mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from ....isa.errors import TraplineError
from ....isa.model.items import BitRange, Description
from ...rsp.errors import MonitorError
from ...rsp.target import MonitorContext
from ..controls import Controls

_ISS: Final = "iss_"
"""How bit fields begin that are the part of a syndrome that depends on its class."""
_CLASS_WIDTH: Final = 6
_FEWEST: Final = 3
"""Constants that make a list of what a field's values are called."""

def registers_command(target: Controls, context: MonitorContext, words: Sequence[str]) -> object:
    """Some registers by the description's names. Raises MonitorError."""
    core = target.vcpu(context.thread).core
    if not words:
        raise MonitorError("registers: name one or more, as the description has them")
    told: list[dict[str, object]] = []
    for word in words:
        name, _, element = word.partition("[")
        register = core.description.registers.get(name)
        if register is None:
            near = [one for one in core.description.registers if one.lower() == name.lower()]
            raise MonitorError(f"registers: there is no {name!r}" + (f"; did you mean {near[0]}?" if near else ""))
        try:
            index = int(element.rstrip("]"), 0) if element else None
            indices = range(register.count) if register.count and index is None else (index,)
            for one in indices:
                value = core.get(name, one)
                shown = name if one is None else f"{name}[{one}]"
                fields = list(_fields(core.description, name, value))
                text = " ".join(f"{field['name']}={field['value']}" for field in fields)
                context.write(f"{shown} = {value:#x}{f'  [{text}]' if text else ''}\n")
                context.write("".join(f"  {field['name']}: {field['means']}\n" for field in fields if field["means"]))
                told.append({"name": shown, "value": hex(value), "title": register.title, "fields": fields})
        except (ValueError, TraplineError) as error:
            raise MonitorError(f"registers: {error}") from error
    return told


def _fields(description: Description, name: str, value: int) -> Iterator[dict[str, object]]:
    for one in fields_of(description, name):
        bits = value >> one.low & ((1 << one.width) - 1)
        means = _meaning(description, f"{name}.{one.name}", one, bits)
        yield {"name": one.name, "value": hex(bits), "title": one.title, "means": means}
        if means and one.width == _CLASS_WIDTH:
            yield from _syndrome(description, bits, value)


def _syndrome(description: Description, syndrome_class: int, value: int) -> Iterator[dict[str, object]]:
    """The parts of a syndrome that belong to its class: those of the bit field whose title names the class."""
    for name, layout in description.bitfields.items():
        if name.startswith(_ISS) and f"{syndrome_class:#04x}" in layout.title.lower():
            for one in layout.fields:
                bits = value >> one.low & ((1 << one.width) - 1)
                yield {"name": f"{name}.{one.name}", "value": hex(bits), "title": one.title, "means": ""}


def fields_of(description: Description, name: str) -> Sequence[BitRange]:
    """A register's fields, its own or those of its type."""
    register = description.registers[name]
    bits = description.bitfields.get(register.type_name)
    return register.fields or (() if bits is None else bits.fields)


def _meaning(description: Description, place: str, field: BitRange, value: int) -> str:
    """What a value of a field is called: a member of the enum that `@mode` names, or a constant FIELD_NAME."""
    mode = description.annotations.get("mode", {})
    if str(mode.get("field", "")) == place:
        members = description.enums[str(mode["enum"])].members
        return next((name.replace("_", " ") for name, number in members.items() if number == value), "")
    prefix = f"{field.name}_"
    known = {
        name.removeprefix(prefix): one.value
        for name, one in description.constants.items()
        if name.startswith(prefix) and one.width == field.width
    }
    found = next((name for name, number in known.items() if number == value), "")
    return found.replace("_", " ").lower() if len(known) >= _FEWEST else ""


def banked_command(target: Controls, context: MonitorContext, words: Sequence[str]) -> object:
    """Banked copies of registers."""
    core = target.vcpu(context.thread).core
    told: dict[str, object] = {}
    for name in banked_names(core.description):
        shown = core.description.registers[name].annotations["gdb"]["name"]
        context.write(f"{shown:>10} = {core.get(name):#010x}\n")
        told[str(shown)] = hex(core.get(name))
    return told


def banked_names(description: Description) -> list[str]:
    """Registers that gdb is shown as banked ones."""
    notes = {name: one.annotations.get("gdb", {}) for name, one in description.registers.items()}
    return [name for name, note in notes.items() if str(note.get("feature", "")).endswith(".banked")]


def slb_command(target: Controls, context: MonitorContext, words: Sequence[str]) -> object:
    """The segment lookaside buffer."""
    core = target.vcpu(context.thread).core
    told: list[dict[str, object]] = []
    for index in range(core.constant("SLB_ENTRIES")):
        esid, vsid = core.read("SLB_ESID", index), core.read("SLB_VSID", index)
        if esid | vsid:
            context.write(f"{index:>2}  {esid:016x} {vsid:016x}\n")
            told.append({"entry": index, "esid": hex(esid), "vsid": hex(vsid)})
    return told
