"""The marks of words that code was decoded from: whoever decodes sets them, and old ones go."""

from __future__ import annotations

import random

import pytest

from trapline.isa.engine.interface import WatchKind, Watchpoint
from trapline.isa.engine.native.running.engine import NativeEngine
from trapline.isa.engine.native.shared.decoded_words import DecodedWords, PageMarks
from trapline.isa.engine.native.tier.tiers import EAGER, INTERPRETER, Tiers
from trapline.server.machine.physical import MemorySlot
from trapline.server.machine.ram import GuestRam

from .loops import branch_back
from .pair import CODE, Pair
from .test_differential import agree
from .test_slow_paths import STATES, requests_of

TIERS = pytest.mark.parametrize("tiers", [INTERPRETER, EAGER], ids=["interpreter", "regions"])
SPOT = CODE + 0x400
STORES = {
    # addi %r4, %r4, 1; stw %r3, 0(%r1)
    "power7": (0x38840001, 0x90610000),
    # add r4, r4, #1; str r3, [r1]
    "armv7ve": (0xE2844001, 0xE5813000),
}
BANK = {"power7": "GPR", "armv7ve": "R"}
NEXT_PAGE = 0x1000


def place(pair: Pair, parts: dict[int, bytes], registers: dict[int, int], state: dict[str, int]) -> None:
    """Code at offsets in the page of CODE."""
    pair.prepare(random.Random(1), state, bytes(4))
    for side in pair.sides:
        for offset, words in parts.items():
            side.ram.write(CODE + offset, words)
        for index, value in registers.items():
            side.state.write("GPR" if "MSR" in state else "R", value, index)
        side.engine.invalidate_code(CODE, NEXT_PAGE)
        side.engine.state_changed()


def words_of(core: str, *words: int) -> bytes:
    """Instructions as they stand in memory."""
    return b"".join(word.to_bytes(4, "big" if core == "power7" else "little") for word in words)


def to_spot(core: str) -> bytes:
    """A branch from CODE to SPOT."""
    return branch_back("PPC" if core == "power7" else "A32", CODE - SPOT)


def back(core: str, offset: int) -> bytes:
    """A branch from an offset to CODE."""
    return branch_back("PPC" if core == "power7" else "A32", offset)


@TIERS
@pytest.mark.parametrize("core", STORES)
def test_code_that_native_code_decoded_is_decoded_again_when_it_was_written(core: str, tiers: Tiers) -> None:
    """The engine decodes the first instruction of the page, native code that at SPOT, which then overwrites itself."""
    pair = Pair(core, tiers)
    parts = {0: to_spot(core), 0x400: words_of(core, *STORES[core]) + back(core, 0x408)}
    other = STORES[core][0] + 6
    place(pair, parts, {1: SPOT, 3: other, 4: 0}, STATES[core])
    for budget in (2, 1, 1, 5, 20, 40):
        agree(pair, budget, f"{budget}")
    assert pair.sides[1].state.read(BANK[core], 4) > 40


@TIERS
def test_an_instruction_in_two_words_is_decoded_again_when_the_second_was_written(tiers: Tiers) -> None:
    """T32: a call whose second half, which stands in a word by itself, gets another target."""
    pair = Pair("armv7ve", tiers)
    halves = {
        0x000: (0xE1FF,),  # b 0x402
        0x402: (0xF000, 0xF87D),  # bl 0x500
        0x500: (0x800B, 0x3401, 0xE57C),  # strh r3, [r1]; adds r4, #1; b 0
        0x520: (0x3402, 0xE56D),  # adds r4, #2; b 0
    }
    parts = {at: b"".join(half.to_bytes(2, "little") for half in found) for at, found in halves.items()}
    place(pair, parts, {1: SPOT + 4, 3: 0xF88D, 4: 0}, {"CPSR": 0x1F3})
    for budget in (5, 2, 3, 30, 60):
        agree(pair, budget, f"{budget}")
    assert pair.sides[1].state.read("R", 4) > 20


@TIERS
@pytest.mark.parametrize("core", STORES)
def test_what_was_executed_by_itself_is_read_again_when_it_was_written(core: str, tiers: Tiers) -> None:
    """A breakpoint's instruction is executed in Python, which keeps it decoded; native code stores there meanwhile."""
    pair = Pair(core, tiers)
    parts = {0: words_of(core, STORES[core][1]) + back(core, 4), 0x400: words_of(core, STORES[core][0])}
    place(pair, parts, {1: SPOT + 0x100, 3: STORES[core][0] + 6, 4: 0}, STATES[core])
    agree(pair, 20, "stores beside")
    for target in (SPOT + 0x100, SPOT):
        for side in pair.sides:
            side.engine.set_breakpoints(frozenset({SPOT}))
            side.state.pc = SPOT
            assert side.engine.run(1, step_over=True).retired == 1
            side.engine.set_breakpoints(frozenset())
            side.state.pc = CODE
            side.state.write(BANK[core], target, 1)
            side.engine.state_changed()
        agree(pair, 20, "stores again")
    for side in pair.sides:
        side.engine.set_breakpoints(frozenset({SPOT}))
        side.state.pc = SPOT
        side.engine.run(1, step_over=True)
    assert not pair.differences()
    assert pair.sides[1].state.read(BANK[core], 4) == 1 + 1 + 7


@TIERS
@pytest.mark.parametrize("core", STORES)
def test_code_in_a_watched_page_is_decoded_again_when_it_was_written(core: str, tiers: Tiers) -> None:
    """Where an access near what is watched is not watched itself."""
    pair = Pair(core, tiers)
    parts = {0: to_spot(core), 0x400: words_of(core, *STORES[core]) + back(core, 0x408)}
    for before in (False, True):
        place(pair, parts, {1: SPOT, 3: STORES[core][0] + 6, 4: 0}, STATES[core])
        for side in pair.sides:
            side.engine.set_watchpoints([Watchpoint(SPOT + 0x20, 4, WatchKind.WRITE)], before)
        for budget in (2, 1, 1, 5, 20):
            agree(pair, budget, f"{before} {budget}")
        for side in pair.sides:
            side.engine.set_watchpoints([], before)


@pytest.mark.parametrize(("block", "asks"), [(0, True), (0x380, True), (0x400, True), (0x480, False)])
def test_icbi_of_a_block_asks_where_one_of_its_words_is_code(block: int, asks: bool) -> None:
    """The last word of a block is enough."""
    pair = Pair("power7", INTERPRETER)
    nop = 0x60000000
    parts = {
        0: words_of("power7", 0x7C00_0FAC) + branch_back("PPC", -0x3F8),  # icbi 0, %r1; b 0x3fc
        0x3FC: words_of("power7", nop, nop, nop) + back("power7", 0x408),
    }
    place(pair, parts, {1: CODE + block}, STATES["power7"])
    agree(pair, 20, "at first")
    asked = requests_of(pair.sides[1].engine)
    agree(pair, 40, "then")
    assert ("code_changed" in asked) == asks


def test_marks_go_where_no_code_is_any_more() -> None:
    """The words of a store that hit no code, and the line around them as far as there is none."""
    words = DecodedWords()
    words.show(MemorySlot(0, 0x10000, 0x4000, GuestRam(0x4000)), ())
    marks = words.of(0x12)
    assert marks is not None
    for word in (0, 1, 15, 16, 17, 18, 40):
        marks.mark(4 * word, 4)
    code = {16}
    words.look_again(0x12, 0x45, 0x47, lambda at, size: any(at < 4 * w + 4 and 4 * w < at + size for w in code))
    assert marked(marks) == {0, 1, 15, 16, 40}
    words.look_again(0x12, 0x3C, 0x40, lambda at, size: False)
    assert marked(marks) == {16, 40}
    words.clear(0x12)
    assert not marked(marks)
    assert words.of(0x14) is None


def test_all_words_are_marked_where_code_was_decoded_before_the_map_was_made() -> None:
    """Slots were exchanged: what was marked is not known any more."""
    words = DecodedWords()
    words.show(MemorySlot(0, 0x10000, 0x4000, GuestRam(0x4000)), (0x11, 0x77))
    found = [words.of(page) for page in range(0x10, 0x14)]
    assert [marks is not None and len(marked(marks)) for marks in found] == [0, 1024, 0, 0]


def marked(marks: PageMarks) -> set[int]:
    """The numbers of the words that are marked."""
    return {word for word in range(1024) if marks.bits[word >> 3] >> (word & 7) & 1}


def test_every_decoded_instruction_is_marked() -> None:
    """Whoever decoded it."""
    pair = Pair("power7", INTERPRETER)
    parts = {0: to_spot("power7"), 0x400: words_of("power7", *STORES["power7"]) + back("power7", 0x408)}
    place(pair, parts, {1: SPOT + 0x800, 3: 0, 4: 0}, STATES["power7"])
    pair.sides[1].run(50)
    engine = pair.sides[1].engine
    assert isinstance(engine, NativeEngine)
    marks = engine.decoded_words.of(CODE >> 12)
    assert marks is not None
    decoded = {offset >> 2 for page in engine._by_number[CODE >> 12] for offset, *_ in page.entries()}
    assert decoded == marked(marks)
