"""Claims about plans of the disassembler: they write what the long way writes, and they are used."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from trapline.asmgen import Disassembled, Disassembler
from trapline.isa.model.items import Form

from .described import target

CORES = ("power7", "ppc970", "armv7ve")
ADDRESSES = (0, 0x1000, 0x7FFF_FFFC, 0xFFFF_F000)
WORDS = 10
FORMS = 250


def words_of(form: Form, rng: random.Random) -> list[int]:
    """Words of a form, most of them near each other, so that they fall into few classes; one has reserved bits set."""
    base = rng.getrandbits(form.length)
    found = []
    for number in range(WORDS):
        free = base ^ 1 << rng.randrange(form.length) if number % 3 else rng.getrandbits(form.length)
        word = free & ~form.mask | form.match
        found.append(word if number == WORDS - 1 else word & ~form.should_mask | form.should_be)
    return found


@pytest.mark.parametrize("core", CORES)
def test_a_plan_writes_what_the_long_way_writes(core: str) -> None:
    """Words of many forms, at several addresses: the same text, target and reason with plans and without."""
    quick, slow = Disassembler(target(core)), Disassembler(target(core), uses_plans=False)
    rng = random.Random(f"plans {core}")
    forms = rng.sample(list(target(core).description.forms.values()), FORMS)
    for form in forms:
        chosen = quick.instruction_set(form.instruction_set)
        for word in words_of(form, rng):
            data = target(core).writer(form.instruction_set).bytes_of(word, form.length // 8)
            address = rng.choice(ADDRESSES)
            assert list(quick.run(data, address, chosen)) == list(slow.run(data, address, chosen))
    assert quick.written_by_plan > FORMS
    assert not slow.written_by_plan


def test_most_words_of_a_program_are_written_by_plan() -> None:
    """Of a thousand words of common forms all but a few are written without trying templates or reading text back."""
    rng = random.Random("a program")
    names = ("addi", "lwz", "rldicl", "b", "bc", "or", "cmpi")
    forms = [target("power7").description.forms[name] for name in names]
    drawn = [rng.getrandbits(32) & ~form.mask & ~form.should_mask | form.match | form.should_be
             for form in rng.choices(forms, k=3000)]
    code = b"".join(word.to_bytes(4, "big") for word in drawn)
    disassembler = Disassembler(target("power7"))
    list(disassembler.run(code, 0x1000, disassembler.instruction_set()))
    assert disassembler.written_by_plan > 2000


@pytest.mark.parametrize("core", CORES)
def test_what_one_run_has_learned_serves_the_next(core: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kept plans write the same texts and targets as the long way, and a second run learns next to nothing."""
    monkeypatch.setenv("TRAPLINE_CACHE", str(tmp_path))
    rng = random.Random(f"kept {core}")
    forms = rng.sample(list(target(core).description.forms.values()), FORMS // 2)
    words = [(form, word) for form in forms for word in words_of(form, rng)]

    def texts(disassembler: Disassembler) -> list[Disassembled]:
        return [disassembler.word(word, form.length // 8, 0x1000, disassembler.instruction_set(form.instruction_set))
                for form, word in words]

    first, second = Disassembler(target(core)), Disassembler(target(core))
    learned = texts(first)
    first.keep_plans()
    assert len(list(tmp_path.glob("*.plans"))) == 1
    assert texts(second) == learned == texts(Disassembler(target(core), uses_plans=False))
    assert second.written_by_plan > first.written_by_plan
    # A damaged file is as good as none.
    (kept,) = tmp_path.glob("*.plans")
    kept.write_bytes(kept.read_bytes()[:-1])
    assert texts(Disassembler(target(core))) == learned
