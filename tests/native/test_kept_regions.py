"""Regions are kept from run to run, and used where the code and its modes are those that they were made from."""

from __future__ import annotations

import hashlib
import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from trapline.isa.engine.native.tier import beside, compile, kept, later
from trapline.isa.engine.native.tier import tier as tier_module
from trapline.isa.engine.native.tier.kept import Kept
from trapline.isa.engine.native.tier.requests import Facts, Made
from trapline.isa.engine.native.tier.tier import RegionTier
from trapline.isa.engine.native.tier.tiers import Tiers

from .test_regions import CODE, LOOP, MSR, SF, Machine

KEEPING = Tiers(threshold=40, kept=True)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty one, for regions alone."""
    monkeypatch.setattr(tier_module, "cache_directory", lambda: tmp_path)
    return tmp_path


def ran(code: tuple[int, ...] = LOOP, steps: int = 5000) -> tuple[Machine, RegionTier]:
    """A new machine that has executed a program."""
    machine = Machine(KEEPING, code)
    machine.engine.run(steps)
    assert machine.engine.regions is not None
    return machine, machine.engine.regions


def files(cache: Path) -> list[Path]:
    """All regions that are kept."""
    return sorted(cache.glob("regions-*/*.region"))


def counts(tier: RegionTier) -> tuple[int, int]:
    """Regions that were compiled, and that were found."""
    return tier.made, tier.found


def test_the_next_run_begins_with_what_units_have_done_here(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody could pay for is made when the process ends, once for code that lies in a region already."""
    machine = Machine(Tiers(units=2, later=1 << 40, kept=True), LOOP)
    machine.engine.run(5000)
    tier = machine.engine.regions
    assert tier is not None
    assert tier.left() is None, "so little is not worth a process"
    monkeypatch.setattr(later, "_WORTH", 1000)
    monkeypatch.setattr(tier_module, "_HOT", 1000)
    left = tier.left()
    assert left is not None
    assert counts(tier) == (0, 0)
    later.compile_left(replace(left, regions=(*left.regions, *left.regions)))
    assert len(files(cache)) == len(left.regions) == 1
    second, tier = ran()
    assert counts(tier) == (0, 1)
    assert second.state.snapshot() == machine.state.snapshot()
    assert tier.left() is None


def test_what_is_left_is_compiled_by_one_process_at_a_time(cache: Path) -> None:
    """Another one begins when it has ended, however that was."""
    folder, done = cache / "regions-x", cache / "done"
    beside.begin_beside(folder, lambda: False, done.touch)
    assert beside.wait_beside(cache, 60)
    assert done.exists()
    marker = beside._claimed(folder, lambda: False)
    assert marker is not None
    assert not beside.wait_beside(cache, 0.1)
    assert beside._claimed(folder, lambda: False) is None
    os.close(marker)
    assert beside.wait_beside(cache, 60)


def test_the_second_run_compiles_nothing(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its regions are in place after a few rounds, no IR is written, and it ends as the first one did."""
    first, tier = ran()
    assert (counts(tier), len(files(cache))) == ((1, 0), 1)
    monkeypatch.setattr(compile, "compile_region", lambda _: pytest.fail("compiled again"))
    second, tier = ran(steps=300)
    assert counts(tier) == (0, 1)
    second.engine.run(5000 - 300)
    assert second.state.snapshot() == first.state.snapshot()


def test_an_object_is_the_same_for_every_engine(cache: Path) -> None:
    """No address of this process is in it: two engines make the same file."""
    ran()
    (path,) = files(cache)
    whole = path.read_bytes()
    path.unlink()
    other = Machine(KEEPING)
    ran()
    assert path.read_bytes() == whole
    assert other.regions == 0


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def flip(data: bytes) -> bytes:
    at = random.Random(1).randrange(len(data))
    return data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :]


def other_kind(data: bytes) -> bytes:
    """A whole file, of something else."""
    content = b"\x02\0\0\0{}" + data[38:]
    return hashlib.sha256(content).digest() + content


@pytest.mark.parametrize("damage", [cut, flip, other_kind, lambda _: b"", lambda data: data + b"x"])
def test_a_damaged_file_counts_as_absent_and_is_made_again(cache: Path, damage: Callable[[bytes], bytes]) -> None:
    """Cut short, with a bit changed, of another kind, empty, or longer."""
    ran()
    (path,) = files(cache)
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    _, tier = ran()
    assert counts(tier) == (1, 0)
    assert path.read_bytes() == whole
    assert counts(ran()[1]) == (0, 1)


def test_a_file_under_another_name_is_not_used(cache: Path) -> None:
    """What it is stands in it, too."""
    ran()
    (path,) = files(cache)
    path.rename(path.with_name(path.name.replace(f"{CODE:x}", f"{CODE + 4:x}")))
    assert counts(ran()[1]) == (1, 0)


def test_other_code_at_the_same_address_is_not_taken_for_it(cache: Path) -> None:
    """One instruction differs; both regions are kept, and each program finds its own."""
    ran()
    other = (0x38630002, *LOOP[1:])  # addi r3,r3,2
    machine, tier = ran(other)
    assert (counts(tier), machine.state.read("GPR", 3)) == ((1, 0), 2000)
    assert len(files(cache)) == 2
    assert counts(ran()[1]) == (0, 1)
    assert counts(ran(other)[1]) == (0, 1)


def test_a_region_for_other_modes_is_not_taken(cache: Path) -> None:
    """A loop in 64-bit mode, then in 32-bit mode, where CTR is compared as a word."""
    ran()
    machine = Machine(KEEPING)
    machine.enter(MSR)
    machine.state.write("CTR", 1 << 32 | 500)
    machine.engine.run(5 * 400)
    assert machine.engine.regions is not None
    assert counts(machine.engine.regions) == (1, 0)
    machine.engine.run(5 * 100)
    assert machine.state.pc == CODE + 20
    assert len(files(cache)) == 2


def test_a_region_is_not_put_around_a_breakpoint(cache: Path) -> None:
    """It stops where it should, as in the run that made the region."""
    ran()
    machine = Machine(KEEPING)
    machine.engine.set_breakpoints(frozenset({CODE + 12}))
    for _ in range(100):
        stop = machine.engine.run(1000)
        assert stop.pc == CODE + 12
    assert machine.engine.regions is not None
    assert machine.engine.regions.found == 0


def test_a_region_with_stale_modes_does_not_stay(cache: Path) -> None:
    """A mode that changes between its uses is told apart by the next region; the first is of no use to anybody."""
    ran()
    before = files(cache)
    machine = Machine(KEEPING)
    for number in range(300):
        machine.enter(MSR if number >= 100 else MSR | SF)
        machine.engine.run(50)
    assert before[0] not in files(cache)


def made(pc: int, size: int) -> Made:
    return Made(Facts("PPC", pc, ((pc & 4095, 0x60000000, 4),), (("MSR", 0, 63, 1, 1),), False, ()), bytes(size))


def test_what_was_used_longest_ago_goes_first(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All regions of a description together have a bound."""
    monkeypatch.setattr(kept, "MOST_BYTES", 50_000)
    monkeypatch.setattr(kept, "_LOOKED_AFTER", 1)
    store = Kept(cache / "regions-x")
    for number in range(10):
        one = made(0x1000 * number, 9000)
        store.put(one)
        store.note(one.facts)
        for path in store.folder.glob(f"PPC-{0x1000 * number:x}-*"):
            os.utime(path, (number, number))
    left = {path.name.split("-")[1] for path in store.folder.iterdir()}
    assert left == {f"{0x1000 * number:x}" for number in range(5, 10)}
    assert not list(store.find("PPC", 0x1000))
    assert list(store.find("PPC", 0x9000)) == [made(0x9000, 9000)]


def test_folders_of_other_versions_go_when_they_are_many(cache: Path) -> None:
    """Descriptions are edited: what no version uses any more is not kept for ever."""
    for number in range(12):
        store = Kept(cache / f"regions-{number}")
        store.put(made(0, 100))
        os.utime(store.folder, (number, number))
    assert len(list(cache.glob("regions-*"))) <= 9
    assert (cache / "regions-11").exists()


def test_whatever_stands_in_a_file_is_read_back_alike() -> None:
    """Names of registers and numbers of any width."""
    one = made(1 << 63, 1000)
    wide = replace(one, facts=replace(one.facts, loops=True, volatile=(("VSR", 63, 100, 28, (1 << 28) - 1),)))
    assert Made.unpacked(wide.packed()) == wide
