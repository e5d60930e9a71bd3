"""Gives registers of vcpu 0 values before the guest begins, by the names that the description or gdb has for them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ...isa.errors import TraplineError
from ...isa.model.items import Description, Register
from ..core import Core


class RegisterValueError(TraplineError):
    """There is no such register, it cannot be written, or the value does not fit it."""


def apply_registers(core: Core, values: Iterable[tuple[str, int]]) -> None:
    """Writes each, with all that hangs on it, in the order given. Raises RegisterValueError."""
    for name, value in values:
        if name.lower() == "pc":
            core.pc = _fitting(name, value, core.description.address_width)
            continue
        register, index = find_register(core.description, name)
        try:
            core.put(register.name, _fitting(name, value, register.width), index)
        except TraplineError as error:
            if isinstance(error, RegisterValueError):
                raise
            raise RegisterValueError(f"--reg {name}: {error.message}", error.hint) from error


def find_register(description: Description, name: str) -> tuple[Register, int | None]:
    """The register that NAME, NAME[n] or NAMEn stands for, case ignored. Raises RegisterValueError."""
    known = _known(description)
    found = known.get(name.lower())
    if found is None:
        numbered = re.fullmatch(r"(.+)\[(\w+)\]", name)
        if numbered is not None and numbered[2].isdigit():
            found = known.get(f"{numbered[1]}{int(numbered[2])}".lower())
    if found is None:
        import difflib

        close = difflib.get_close_matches(name.lower(), known, 3)
        hint = f"did you mean {' or '.join(close)}?" if close else "gdb's `info registers all` lists them"
        raise RegisterValueError(f"--reg: {description.core} has no register '{name}'", hint)
    return found


def _known(description: Description) -> dict[str, tuple[Register, int | None]]:
    """Names in small letters; the description's own count before gdb's."""
    known: dict[str, tuple[Register, int | None]] = {}
    for register in description.registers.values():
        for index in range(register.count) if register.count else (None,):
            known.setdefault(f"{register.name}{'' if index is None else index}".lower(), (register, index))
    for register in description.registers.values():
        notes = register.annotations.get("gdb")
        if notes is None:
            continue
        for index in range(int(notes.get("count", register.count or 1))):
            shown = str(notes["name"]).replace("{}", str(index))
            known.setdefault(shown.lower(), (register, index if register.count else None))
    return known


def _fitting(name: str, value: int, width: int) -> int:
    if value >> width:
        raise RegisterValueError(f"--reg {name}: {value:#x} does not fit its {width} bits")
    return value
