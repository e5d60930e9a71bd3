"""Claim: a write of a translation control register drops translations only where it changes something."""

from __future__ import annotations

import pytest

from trapline.server.boards.machine import MachineOptions
from trapline.server.boards.registry import MACHINES

from .guests import ARM_BASE, description, guest

WRITES = {
    "TTBCR": "mcr p15, 0, r0, c2, c0, 2",
    "HTCR": "mcr p15, 4, r0, c2, c0, 2",
    "VTCR": "mcr p15, 4, r0, c2, c1, 2",
}


@pytest.mark.parametrize("name", WRITES)
def test_a_value_that_stays_drops_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three writes, of which the first and the last change the value."""
    write = WRITES[name]
    elf = guest(f"_start: mov r0, #1\n{write}\n{write}\nmov r0, #2\n{write}\n", "armv7ve", ARM_BASE)
    machine = MACHINES["arm-virt"](description("armv7ve"), elf, MachineOptions(engine="reference"))
    core = machine.vcpus[0].core
    dropped: list[tuple[int | None, int, int | None]] = []
    monkeypatch.setattr(core.engine, "drop_translations", lambda *what: dropped.append(what))
    machine.run(5)
    assert core.read(name) & 7 == 2
    assert len(dropped) == 2
