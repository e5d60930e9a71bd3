"""Claims: random tables of both stages lead where a model leads that was written apart (DDI 0406C, B3)."""

from __future__ import annotations

import random
from functools import cache

import pytest

from trapline.server.boards.machine import Machine
from trapline.tests.oracle.arm_tables import (
    ATTRIBUTES,
    FETCH,
    LOAD,
    RAM,
    RAM_SIZE,
    STORE,
    Controls,
    Fault,
    Found,
    Tables,
    translate,
)
from trapline.tests.oracle.slices import soak_seeds
from trapline.tests.server.guests import arm

KINDS = {LOAD: 0, STORE: 1, FETCH: 2}


@cache
def machine() -> Machine:
    """Its memory holds the tables."""
    return arm("b .", "arm-virt")


def controls(draw: random.Random) -> Controls:
    """Registers in which every field takes part; sizes that the architecture allows."""

    def bit(chance: float) -> int:
        return int(draw.random() < chance)

    level1 = draw.getrandbits(1)
    sizes = range(-8, 2) if level1 else range(-2, 8)
    values = {name: bit(0.25) for name in ("EE", "HEE", "AFE", "TRE", "WXN", "UWXN", "PTW")}
    values |= {name: bit(0.06) for name in ("PD0", "PD1", "EPD0", "EPD1")}
    values |= {"M": bit(0.93), "EAE": bit(0.5), "VM": bit(0.6), "N": draw.choice((0, 0, 1, 2, 3, 7))}
    values |= {"T0SZ": draw.choice((0, 0, 1, 2, 5)), "T1SZ": draw.choice((0, 0, 1, 2, 5))}
    values |= {"SL0": level1, "S2T0SZ": draw.choice(sizes) & 15, "DACR": draw.getrandbits(32) | 0x5555_5555 * bit(0.7)}
    for name in ("TTBR0", "TTBR1", "VTTBR"):
        values[name] = RAM + draw.randrange(RAM_SIZE) & -(1 << 14)
    if values["EAE"]:
        mair = int.from_bytes(bytes(draw.choice(ATTRIBUTES) for _ in range(8)), "little")
        values |= {"PRRR": mair & 0xFFFF_FFFF, "NMRR": mair >> 32}
    else:
        types = sum(draw.randrange(3) << 2 * n for n in range(8))
        values |= {"PRRR": types | draw.getrandbits(16) << 16, "NMRR": draw.getrandbits(32)}
    return Controls(values)


def put_controls(c: Controls) -> None:
    """The same in the core's registers."""
    core = machine().vcpus[0].core
    core.put_fields("SCTLR", M=c.M, EE=c.EE, AFE=c.AFE, TRE=c.TRE, WXN=c.WXN, UWXN=c.UWXN)
    core.put_fields("HSCTLR", EE=c.HEE)
    core.put_fields("HCR", VM=c.VM, PTW=c.PTW)
    core.put_fields("VTCR", SL0=c.SL0, T0SZ=c.S2T0SZ)
    core.put("TTBCR", 0)
    if c.EAE:
        core.put_fields("TTBCR", EAE=1, T0SZ=c.T0SZ, T1SZ=c.T1SZ, EPD0=c.EPD0, EPD1=c.EPD1)
    else:
        core.put_fields("TTBCR", N=c.N, PD0=c.PD0, PD1=c.PD1)
    for name, value in (("DACR", c.DACR), ("MAIR0", c.PRRR), ("MAIR1", c.NMRR)):
        core.put(name, value)
    for name in ("TTBR0", "TTBR1", "VTTBR"):
        core.put(name, c.values[name])


def described(address: int, access: int, privileged: bool) -> Found | Fault:
    """What the description finds."""
    core = machine().vcpus[0].core
    (value,) = core.call("translate_both_stages", address, KINDS[access], int(privileged))
    parts = {f.name: value >> f.low & (1 << f.width) - 1 for f in core.description.bitfields["translation"].fields}
    if not parts["FAULT"]:
        return Found(parts["PA"], parts["SIZE"], parts["KINDS"], parts["ATTR"], parts["SH"])
    what = {f.name: parts["FAULT"] >> f.low & (1 << f.width) - 1 for f in core.description.bitfields["fault"].fields}
    kind = next(name for name, number in core.description.enums["fault_kind"].members.items() if number == what["KIND"])
    return Fault(kind, what["LEVEL"], bool(what["STAGE2"]), bool(what["S1PTW"]), what["IPA"])


def compare(seed: int, count: int) -> tuple[list[str], set[str]]:
    """Cases that differ, and what kinds of answers there were."""
    draw = random.Random(seed)
    memory = machine().memory
    differing: list[str] = []
    seen: set[str] = set()

    def put(address: int, size: int, value: int, big: bool) -> None:
        memory.write(address, value.to_bytes(size, "big" if big else "little"))

    for number in range(count):
        c = controls(draw)
        put_controls(c)
        tables = Tables(draw, c, put)
        for _ in range(4):
            address, access = draw.getrandbits(32), draw.choice((LOAD, STORE, FETCH))
            address &= draw.choice((0xFFFF_FFFF, 0x0FFF_FFFF, 0x01FF_FFFF))
            privileged = bool(draw.getrandbits(1))
            theirs = translate(tables, address, access, privileged)
            ours = described(address, access, privileged)
            stage = ("2" if theirs.stage2 else "1") if isinstance(theirs, Fault) else ""
            seen.add(f"{theirs.kind} {theirs.level} of {stage}" if isinstance(theirs, Fault) else "found")
            if ours != theirs:
                differing.append(
                    f"seed {seed} case {number}: {address:#x} {access} {privileged} {c.values}: {ours} {theirs}"
                )
    return differing, seen


EVERY = {f"{kind} {level} of 1" for kind in ("translation", "access_flag", "permission") for level in (1, 2, 3)}
EVERY |= {f"{kind} {level} of 2" for kind in ("translation", "access_flag", "permission") for level in (1, 2, 3)}
EVERY |= {
    "domain 1 of 1",
    "domain 2 of 1",
    "external 1 of 1",
    "external 2 of 1",
    "external 2 of 2",
    "external 3 of 2",
    "found",
}


def test_random_tables_lead_where_the_manual_leads() -> None:
    """Address, size, permissions, attributes, shareability or the fault; all combinations of formats and stages."""
    differing, seen = compare(seed=1, count=700)
    assert not differing, "\n".join([f"{len(differing)} differ", *differing[:5]])
    assert seen >= EVERY


def test_tables_of_both_stages_may_lie_in_the_same_memory() -> None:
    """A descriptor that stage 1 reads in one byte order, and stage 2 in the other: once in some ten thousand draws."""
    differing, _ = compare(seed=3725520599, count=702)
    assert not differing, "\n".join(differing)


@pytest.mark.soak
def test_soak() -> None:
    """The same with other seeds: 10,000 translations for each slice that TRAPLINE_SOAK says."""
    for seed in soak_seeds():
        differing, _ = compare(seed, count=2500)
        assert not differing, "\n".join([f"{len(differing)} differ", *differing[:5]])
