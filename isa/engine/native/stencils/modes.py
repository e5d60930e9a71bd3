"""Which bits of registers are modes of stencils: those that are read apart, and written by nothing that is frequent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from ....model import code
from ....model.items import Description, Form
from ...purity import calls, reachable, walk
from ..bodies import Unit
from ..copies import Mode

_WIDEST = 8
"""Bits of the widest mode."""


def modes_of(unit: Unit) -> tuple[Mode, ...]:
    """The modes of a description."""
    description = unit.description
    registers = _selecting(description)
    bodies = [function.body for function in description.functions.values()]
    bodies += [form.body for form in description.forms.values()]
    reads = _reads(tuple(bodies), registers)
    written = dict.fromkeys(registers, 0)
    for form in description.forms.values():
        if not unit.effects.form(form).context:
            for register, mask in _written_by_form(description, form, registers).items():
                written[register] |= mask
    always = _reads(tuple(description.functions[name].body for name in _hooks(description)), registers)
    return tuple(sorted(
        (mode for mode in reads if mode in always or not mode.mask & written[mode.register]),
        key=lambda mode: (mode.register, mode.low),
    ))  # fmt: skip


def _hooks(description: Description) -> list[str]:
    """The functions that say how data and code are read, and what happens behind each instruction."""
    names = [description.hooks.get("big_endian"), description.set_state]
    names += sorted({form.after for form in description.forms.values()})
    return reachable(description.functions, [name for name in names if name])


def _selecting(description: Description) -> frozenset[str]:
    """Registers of the thread, no arrays, that these functions read."""
    names = {register for function in _hooks(description) for register in description.functions[function].reads}
    found = (description.registers[name] for name in names if name in description.registers)
    return frozenset(register.name for register in found if register.scope == "thread" and not register.count)


def _reads(bodies: object, registers: Iterable[str]) -> set[Mode]:
    return {
        Mode(node.operand.register, node.low, node.width)
        for node in walk(bodies)
        if isinstance(node, code.Slice) and node.width <= _WIDEST
        and isinstance(node.operand, code.ReadRegister) and node.operand.register in registers
    }  # fmt: skip


class Looks:
    """What bodies do with the modes; what is found of functions is remembered."""

    def __init__(self, description: Description, modes: Iterable[Mode]) -> None:
        self._description = description
        self._modes = tuple(modes)
        self._masks: dict[str, int] = {}
        for mode in self._modes:
            self._masks[mode.register] = self._masks.get(mode.register, 0) | mode.mask
        self._reads: dict[str, frozenset[Mode]] = {}
        self._writes: dict[str, bool] = {}

    def reads(self, body: code.Body) -> tuple[Mode, ...]:
        """The modes that a quick body, or what it calls, looks at; an interrupt is raised by the form's own handler."""
        body = tuple(_quiet(body))
        names = reachable(self._description.functions, sorted(calls(body)))
        if any(isinstance(node, (code.ReadMemory, code.SetMemory)) for node in walk(body)):
            names += [name for name in _hooks(self._description) if name not in names]
        seen = _reads(body, self._masks).union(*map(self._read_by, names))
        return tuple(mode for mode in self._modes if mode in seen)

    def _read_by(self, function: str) -> frozenset[Mode]:
        if function not in self._reads:
            self._reads[function] = frozenset(_reads(self._description.functions[function].body, self._masks))
        return self._reads[function]

    def writes(self, s: code.SetRegister) -> bool:
        """Whether a statement may write a mode."""
        return bool(_written(s) & self._masks.get(s.register, 0))

    def writes_by_call(self, function: str) -> bool:
        """The same of a function, or what it calls."""
        return any(map(self._written_by, reachable(self._description.functions, [function])))

    def _written_by(self, function: str) -> bool:
        if function not in self._writes:
            self._writes[function] = self._writes_itself(self._description.functions[function].body)
        return self._writes[function]

    def _writes_itself(self, body: code.Body) -> bool:
        return any(isinstance(node, code.SetRegister) and self.writes(node) for node in walk(body))


def _quiet(body: code.Body) -> Iterator[code.Statement]:
    """Statements without those that raise an interrupt."""
    for s in body:
        if isinstance(s, code.If):
            then, otherwise = (tuple(_quiet(arm)) for arm in (s.then, s.otherwise))
            yield msgspec.structs.replace(s, then=then, otherwise=otherwise)
        elif not isinstance(s, code.Raise):
            yield s


def _written_by_form(description: Description, form: Form, registers: Iterable[str]) -> dict[str, int]:
    """The bits of some registers that a form's body, what it calls, or what follows it may write."""
    names = sorted(calls(form.body)) + ([form.after] if form.after else [])
    bodies = (form.body, *(description.functions[name].body for name in reachable(description.functions, names)))
    found = dict.fromkeys(registers, 0)
    for node in walk(bodies):
        if isinstance(node, code.SetRegister) and node.register in found:
            found[node.register] |= _written(node)
    return found


def _written(s: code.SetRegister) -> int:
    """The bits of its register that a statement may change."""
    bits, value = 0, s.value
    while isinstance(value, code.Insert) and isinstance(value.low, code.Const):
        bits |= (1 << value.value.width) - 1 << value.low.value
        value = value.base
    return bits if isinstance(value, code.ReadRegister) and value.register == s.register else -1
