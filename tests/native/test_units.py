"""The baseline tier: stencils that are copied for what has run for some time, and where they are kept."""

from __future__ import annotations

import functools
import random
import re
import subprocess
from pathlib import Path

import pytest

from trapline.isa.engine.native.copies import HOSTS, Kit, Shelf, Wanted
from trapline.isa.engine.native.stencils import Maker
from trapline.isa.engine.native.stencils.x86 import instructions
from trapline.isa.engine.native.tier import tier
from trapline.isa.engine.native.tier.credit import Credit, Purse
from trapline.isa.engine.native.tier.shelves import keep_kit, read_kits
from trapline.isa.engine.native.tier.tiers import COPIED, Tiers
from trapline.isa.engine.native.units import Unit
from trapline.isa.lang.load import load_core
from trapline.tests.oracle.require import oracle

from .loops import loops
from .pair import CODE, Pair
from .programs import settings
from .test_differential import SETS, agree
from .test_regions_differential import budgets, tier_of

KEPT = Tiers(units=2, later=1 << 40, kept=True)
ADDITION = Wanted("add", 0, 0x7C64_2A14, 4, 0x10000)
"""add r3, r4, r5."""
LOOP = bytes.fromhex("7c642a14" "7c832378" "4bfffff8")
"""add r3, r4, r5; mr r3, r4; b to the first."""
VECTORS = bytes.fromhex("10211000" "106120e4" "10840c02" "10a408ec" "10c62cc4" "10e60a02" "10633880" "4200ffe4")
"""vaddubm, vmsumubm, vavgub, vsldoi, vxor, vminub, vadduwm, bdnz to the first."""


@functools.cache
def maker() -> Maker:
    """Of POWER7."""
    return Maker(load_core("power7"))


def units_of(pair: Pair) -> list[Unit]:
    """Those that the native side has."""
    pages = pair.sides[1].engine._native_pages.values()  # type: ignore[attr-defined]
    return [unit for page in pages for unit in page.units.values() if isinstance(unit, Unit)]


def test_a_stencil_has_a_hole_for_each_register_and_goes_on() -> None:
    """`add` loads one, adds another, and stores a third, in whatever order; nothing else is left open."""
    (stencil,) = maker().make([ADDITION], {"MSR": 1 << 63})
    assert sorted(fix.hole for fix in stencil.fixes) == [0, 1, 2]
    assert {hole.value.name for hole in stencil.holes} == {"RT", "RA", "RB"}  # type: ignore[union-attr]
    assert [jump.to for jump in stencil.jumps] == ["next"]
    assert len(stencil.code) < 40


def test_what_changes_modes_or_needs_the_engine_has_no_stencil() -> None:
    """`mtmsrd` has no variant at all, and so nothing to make one of."""
    writer = maker().writer
    assert not writer.variants(writer.unit.description.forms["mtmsrd"])


def test_instructions_of_the_host_end_where_objdump_says(tmp_path: Path) -> None:
    """Of some hundred stencils; where an operand is put into a register depends on it."""
    described = maker().writer.unit.description
    stencils = maker().usual(list(described.forms)[::3], {"MSR": 1 << 63})
    path = tmp_path / "code"
    path.write_bytes(b"".join(stencil.code for stencil in stencils))
    command = [oracle("objdump"), "-D", "-b", "binary", "-m", "i386:x86-64", "--no-show-raw-insn", str(path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found, start = [], 0
    for stencil in stencils:
        found += [start + one.start for one in instructions(stencil.code)]
        start += len(stencil.code)
    assert len(stencils) > 100
    assert found == [int(number, 16) for number in re.findall(r"^ *([0-9a-f]+):\t", said, re.MULTILINE)]


def test_a_register_takes_the_place_of_memory_in_an_addition() -> None:
    """All three of `add`; the code is shorter by what addresses take."""
    (stencil,) = maker().make([ADDITION], {"MSR": 1 << 63})
    shelf = Shelf(maker().writer.unit.description, maker().kit([stencil]))
    copy = shelf.copy("add", 0, ADDITION.word, 4, ADDITION.pc, {"MSR": 1 << 63})
    assert copy is not None
    places = sorted(place for place, _ in copy.cells)
    assert places == [places[0], places[0] + 8, places[0] + 16]
    code, moved = copy.with_hosts(dict(zip(places, HOSTS, strict=False)))
    assert len(code) == len(copy.code) - 15
    assert moved(len(copy.code)) == len(code)
    assert not copy.kept


def test_a_loop_runs_in_a_unit_that_counts_its_arrivals() -> None:
    """All but the first rounds."""
    pair = Pair("power7", COPIED)
    pair.prepare(random.Random(1), {}, LOOP)
    agree(pair, 3000, "loop")
    (unit,) = units_of(pair)
    assert unit.length == 3
    assert 990 <= unit.heat <= 1000


def test_vector_instructions_run_in_one_unit() -> None:
    """Of `bench -k vmx`: constants of several widths, which LLVM keeps apart, come with a stencil."""
    pair = Pair("power7", COPIED)
    pair.prepare(random.Random(2), {"MSR": 1 << 63 | 1 << 25}, VECTORS)
    for side in pair.sides:
        side.state.write("CTR", 1 << 20)
        side.engine.state_changed()
    agree(pair, 4000, "vectors")
    assert 8 in [unit.length for unit in units_of(pair)]


def test_a_unit_ends_where_a_stencil_is_missing_and_goes_on_when_that_has_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of three instructions one has a stencil at first; the guest ends as without, and what units did stays counted."""
    monkeypatch.setattr(tier, "cache_directory", lambda: tmp_path)
    pair = Pair("power7", Tiers(units=2, later=1 << 40, warm=1 << 40, kept=True, background=True))
    baseline, folder = tier_of(pair)._baseline, tier_of(pair)._folder
    assert folder is not None
    assert baseline is not None
    keep_kit(folder, maker().kit(maker().make([ADDITION], {"MSR": 1 << 63})))
    pair.prepare(random.Random(1), {}, LOOP)
    agree(pair, 3000, "with one stencil")
    assert [unit.length for unit in units_of(pair)] == [1]
    wanted, registers = baseline.wanted()
    assert [one.form for one in wanted] == ["or", "b"]
    earned = baseline.earned
    baseline.arrived(wanted, maker().kit(maker().make(wanted, registers)))
    assert [unit.length for unit in units_of(pair)] == [3]
    assert baseline.earned == earned
    agree(pair, 3000, "with all three")
    assert baseline.earned - earned > 2900


def test_a_unit_goes_with_its_code() -> None:
    """A store of the debugger's changes an instruction in its middle; the loop does the new thing from then on."""
    pair = Pair("power7", COPIED)
    pair.prepare(random.Random(1), {}, LOOP)
    agree(pair, 300, "before")
    for side in pair.sides:
        side.ram.write(CODE + 4, bytes.fromhex("7ca32b78"))
        side.engine.invalidate_code(CODE + 4, 4)
    assert not units_of(pair)
    agree(pair, 300, "behind")
    assert units_of(pair)


def test_other_modes_pass_a_unit_by() -> None:
    """A loop that was copied with 64-bit addresses does what it should with those of 32 bits."""
    pair = Pair("power7", COPIED)
    pair.prepare(random.Random(1), {}, LOOP)
    agree(pair, 300, "64 bits")
    for side in pair.sides:
        side.state.write("MSR", side.state.read("MSR") ^ 1 << 63)
        side.engine.state_changed()
    agree(pair, 300, "32 bits")


@pytest.mark.parametrize(("core", "instruction_set"), SETS)
def test_loops_end_alike_with_stencils_of_an_earlier_run(
    core: str, instruction_set: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Most are taken from the cache; of its files some were damaged, cut short, or are of another version."""
    monkeypatch.setattr(tier, "cache_directory", lambda: tmp_path)
    generator = random.Random(f"{core} {instruction_set}")
    made = []
    for _ in range(2):
        pair = Pair(core, KEPT)
        for number, (drawn, loop) in enumerate(loops(pair, instruction_set, 31, 6, 9)):
            pair.prepare(drawn, settings(pair, loop.form, drawn), loop.words)
            for part, budget in enumerate(budgets(drawn, 5)):
                agree(pair, budget, f"loop {number}, part {part}, {loop.words.hex()}")
        baseline = tier_of(pair)._baseline
        made.append(0 if baseline is None else baseline.made)
        for path in sorted(tmp_path.glob("stencils-*/*"))[::2]:
            whole = bytearray(path.read_bytes())
            if generator.randrange(2):
                whole[generator.randrange(len(whole))] ^= 1 << generator.randrange(8)
            else:
                del whole[generator.randrange(len(whole)) :]
            path.write_bytes(whole)
    assert made[0]
    assert made[1]


def test_a_file_that_is_damaged_or_of_another_version_counts_as_absent_and_goes(tmp_path: Path) -> None:
    """What is whole is read."""
    kit = maker().kit(maker().make([ADDITION], {"MSR": 1 << 63}))
    keep_kit(tmp_path, kit)
    (path,) = tmp_path.iterdir()
    (tmp_path / "older.stencils").write_bytes(path.read_bytes()[:-1])
    assert [found.packed() for found in read_kits(tmp_path)] == [kit.packed()]
    assert [one.name for one in tmp_path.iterdir()] == [path.name]
    with pytest.raises(ValueError, match=r"\w"):
        Kit.unpacked(b"another version")


def test_compiling_is_paid_for_by_what_units_have_saved() -> None:
    """A short guest has no region and no stencil made; a long one may spend half of what it has saved."""
    credit = Credit()
    credit.alone = True
    assert credit.stencils(50_000_000, 0) == (Purse.SAVED, 0)
    assert credit.region(100_000_000, 100_000_000) is None
    assert credit.region(1_000_000_000, 1_000_000_000) is Purse.SAVED
    credit.spend(Purse.SAVED, 0.48)
    assert credit.region(1_000_000_000, 1_000_000_000) is None
    assert credit.stencils(1_000_000_000, 1_000_000_000) == (Purse.SAVED, 15)


def test_what_units_cannot_execute_is_compiled_by_processors_to_spare_and_else_for_a_fiftieth_of_the_time() -> None:
    """Units have saved nothing for it; the guest is not to be slower for what it might gain."""
    credit = Credit()
    credit.alone = False
    assert credit.region(100_000_000, 0) is None
    assert credit.region(250_000_000, 0) is Purse.SPARE
    credit.spend(Purse.SPARE, 0.2)
    assert credit.region(250_000_000, 0) is None
    assert credit.region(300_000_000, 0) is Purse.SPARE
    credit.alone = True
    assert credit.region(5_000_000_000, 0) is None
    assert credit.region(6_000_000_000, 0) is Purse.SAVED


def test_a_stencil_that_was_asked_for_in_vain_is_not_asked_for_again() -> None:
    """Floating-point multiplication is longer than what a stencil may be; that costs tenths of a second to find out."""
    wanted = Wanted("fmul", 0, 0xFC840272, 4, 0x1000)
    kit = Kit.unpacked(maker().kit(maker().make([wanted], {"MSR": 1 << 63 | 0x2000}), [wanted]).packed())
    shelf = Shelf(maker().writer.unit.description, kit)
    assert shelf.refuses("fmul", 0)
    assert not shelf.refuses("add", 0)


def test_what_is_long_with_all_that_it_calls_is_not_even_compiled() -> None:
    """A decimal division would take LLVM half a second, and what came would be too long; loads and stores are not."""
    writer = maker().writer

    def draft(form: str) -> object:
        variant = writer.variants(writer.unit.description.forms[form])[0]
        return writer.write(variant, 0, {"MSR": 1 << 63 | 0x2002000}, lambda _: 0, {})

    assert [draft(form) for form in ("ddivq", "drrnd", "dscriq")] == [None] * 3
    assert None not in [draft(form) for form in ("stwu", "lxvw4x", "ld", "add", "bcctr")]
