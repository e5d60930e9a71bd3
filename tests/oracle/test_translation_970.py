"""Claims: the PowerPC 970's TLB and segment registers are those of its own book; on both engines.

PowerPC 970FX User's Manual, 4.2; PowerPC Operating Environment 2.02, 4.11; Power ISA 2.06 Book III-S, 5.9.3.2.
"""

from __future__ import annotations

import pytest

from trapline.asmgen import Layout, Source, assemble, target_for
from trapline.server.boards.machine import MachineOptions
from trapline.server.boards.registry import build_machine
from trapline.server.verdict import Outcome
from trapline.tests.server.guests import RAM, gpr, guest, load

from .power_translation import World, place
from .power_worlds import CODE
from .test_translation_power import Machine, machine

BOTH = pytest.mark.parametrize("natively", [False, True], ids=["reference", "native"])
SEGMENT = (1 << 27, 0x123 << 12)
PAGE = 0x5000
FIRST, SECOND = 0x200000, 0x300000
PARTITIONS = {1: 1 << 57, 2: 2 << 57}
"""HID4 of a partition: LPID5, its last four bits."""


def prepared(natively: bool) -> tuple[Machine, int]:
    """Data relocated, fetches not; the page table's entry for PAGE leads to FIRST, and its address."""
    world = World("ppc970", msr=1 << 63 | 1 << 60 | 1 << 4, hid4=PARTITIONS[1], sdr1=0x40000, slb=[SEGMENT])
    (group, _), _ = place(world, PAGE, SEGMENT[1])
    ava = place(world, PAGE, SEGMENT[1])[1]
    entry = group[0]
    world.table = {entry: ava << 7 | 1, entry + 8: FIRST | 0x192}
    own = machine("ppc970", natively)
    own.enter(world)
    own.put(FIRST, 111)
    own.put(SECOND, 222)
    return own, entry


def loads(own: Machine, text: str = "") -> int:
    """What `ld` from PAGE finds, after other instructions."""
    image = assemble([Source("t.s", f"{text}\nld 5, 0(4)\n")], target_for(own.state.description), Layout(base=CODE))
    code = image.sections[0].data
    for at in range(0, len(code), 4):
        own.put(CODE + at, int.from_bytes(code[at : at + 4], "big"), 4)
    own.engine.invalidate_code(CODE, len(code))
    own.state.write("GPR", PAGE, 4)
    own.state.write("GPR", PARTITIONS[2], 6)
    own.state.pc = CODE
    own.engine.state_changed()
    own.engine.run(len(code) // 4)
    assert own.state.pc == CODE + len(code)
    return own.state.read("GPR", 5)


@BOTH
def test_an_entry_that_another_partition_left_is_hit(natively: bool) -> None:
    """No entry knows its partition: after a switch by HID4 the old page is found, until software flushes."""
    own, entry = prepared(natively)
    assert loads(own) == 111
    own.put(entry + 8, SECOND | 0x192)
    assert loads(own, "mtspr 1012, 6\nisync\n") == 111
    assert loads(own, "tlbie 4\n") == 222


@BOTH
def test_a_changed_entry_needs_its_flush(natively: bool) -> None:
    """Also in one partition; tlbiel flushes one class of 256, and an SLB entry written anew flushes nothing."""
    own, entry = prepared(natively)
    assert loads(own) == 111
    own.put(entry + 8, SECOND | 0x192)
    assert loads(own, "slbia\nli 7, 0\nslbmfev 8, 7\nslbmfee 9, 7\nslbmte 8, 9\n") == 111
    assert loads(own, "addis 7, 4, 1\nld 8, 0(4)\n") == 111
    assert loads(own, "addi 7, 4, 0x1000\ntlbiel 7\n") == 111
    assert loads(own, "tlbiel 4\n") == 222


@BOTH
def test_a_first_store_looks_at_the_page_table_again(natively: bool) -> None:
    """An entry without its change bit does not serve stores; one finds what stands in memory now, and sets C there."""
    own, entry = prepared(natively)
    own.put(entry + 8, FIRST | 0x112)
    assert loads(own) == 111
    own.put(entry + 8, SECOND | 0x112)
    assert loads(own, "li 5, 77\nstd 5, 0(4)\n") == 77
    assert (own.get(SECOND), own.get(FIRST), own.get(entry + 8)) == (77, 111, SECOND | 0x192)


@BOTH
def test_a_full_class_forgets_its_oldest_entry(natively: bool) -> None:
    """Four pages of one class fit; the fifth takes the first one's place, whose changed entry is seen then."""
    own, entry = prepared(natively)
    world = World("ppc970", sdr1=0x40000, slb=[SEGMENT])
    assert loads(own) == 111
    own.put(entry + 8, SECOND | 0x192)
    for n in range(1, 5):
        address = PAGE + (n << 20)
        groups, ava = place(world, address, SEGMENT[1])
        own.put(groups[0][0] + 8 * 16 - 16, ava << 7 | 1)
        own.put(groups[0][0] + 8 * 16 - 8, FIRST | 0x192)
        text = f"addis 7, 4, {n << 4}\nld 8, 0(7)\n"
        assert loads(own, text) == (111 if n < 4 else 222)


@BOTH
def test_segment_registers_are_the_first_slb_entries(natively: bool) -> None:
    """mtsr loads ESID, V, VSID, Ks, Kp, N; mfsr and mfsrin give that back; the indirect ones take an address."""
    own, _ = prepared(natively)
    text = "lis 7, 0x7000\nori 7, 7, 0x123\nmtsr 5, 7\nlis 8, 0x7000\nmtsrin 7, 8\nmfsr 9, 5\nmfsrin 10, 8\n"
    assert loads(own, text) == 111
    state = own.state
    assert (state.read("SLB_ESID", 5), state.read("SLB_VSID", 5)) == (0x58000000, 0x123E00)
    assert (state.read("SLB_ESID", 7), state.read("SLB_VSID", 7)) == (0x78000000, 0x123E00)
    assert (state.read("GPR", 9), state.read("GPR", 10)) == (0x70000123, 0x70000123)


def test_tlbie_while_another_processor_switches_partitions_is_reported() -> None:
    """Between mtspr HID4 and isync of one processor, tlbie of another is undefined: the run ends and says so."""
    switch = load(6, PARTITIONS[2]) + "cmpdi %r3, 0\nbne 1f\nmtspr 1012, %r6\n"
    for between, outcome in (("", Outcome.DIED), ("isync\n", Outcome.BUDGET)):
        code = f"{switch}{between}2: b 2b\n1: tlbie %r6\nli %r31, 1\n3: b 3b\n"
        options = MachineOptions(core="ppc970", vcpus=2, ram_size=RAM, engine="reference", quantum=100)
        own = build_machine(guest(f".org 0x4000\n_start:\n{code}", "ppc970", 0), "power-bare", options)
        verdict = own.run(400)
        assert verdict.outcome is outcome
        assert ("undefined: tlbie" in verdict.reason) == (outcome is Outcome.DIED)
        assert gpr(own, 31, 1) == (outcome is Outcome.BUDGET)
