"""Claims: no word is two instructions; decoder, disassembler and assembler agree on every pattern."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

import pytest

from trapline.asmgen import Disassembler, Layout, Source, assemble
from trapline.asmgen.instructions import DescribedTarget
from trapline.asmgen.layout.options import Reading
from trapline.isa.model.decoder import Decoder, is_excluded
from trapline.isa.model.items import Form

from .described import target

SETS = [("power7", "PPC"), ("ppc970", "PPC"), ("armv7ve", "A32"), ("armv7ve", "T32"), ("rv64", "RV")]
SHORT = [("armv7ve", "T32", 0xE800), ("rv64", "RV", 0xC000)]
"""Sets with instructions of 16 bits, and how many patterns a first unit of 16 bits has that stand alone."""
FEW, MANY = 3, 200
_KEY_BITS = 12


class _Matching:
    """Which forms a word is, looked at one by one: no tree. Those that differ from it in the bits that are fixed most
    often are left out once for all words that have these bits."""

    def __init__(self, forms: list[Form]) -> None:
        self._forms = forms
        often = Counter(bit for form in forms for bit in range(form.length) if form.mask >> bit & 1)
        self._key = sum(1 << bit for bit, _ in often.most_common(_KEY_BITS))
        self._possible: dict[int, list[Form]] = {}

    def of(self, word: int) -> list[Form]:
        """All forms that the word is."""
        key = word & self._key
        if key not in self._possible:
            self._possible[key] = [one for one in self._forms if not (one.match ^ key) & one.mask & self._key]
        return [one for one in self._possible[key] if word & one.mask == one.match and not is_excluded(one, word)]

    def agrees(self, word: int, found: Form | None) -> bool:
        """Whether the word is of one instruction, of which the decoder has found a form; or of none."""
        forms = self.of(word)
        if found is None:
            return not forms
        # Of one instruction's forms a special case stands before a general one.
        return found in forms and {one.instruction for one in forms} == {found.instruction}


def _near(form: Form, chosen: random.Random, count: int) -> Iterator[int]:
    """Words of a form, with random bits where it fixes none; and words next to it, which differ in one fixed bit."""
    free = (1 << form.length) - 1 & ~form.mask
    for _ in range(count):
        yield form.match | chosen.getrandbits(form.length) & free
    for bit in range(form.length):
        if form.mask >> bit & 1:
            yield (form.match ^ 1 << bit) | chosen.getrandbits(form.length) & free


def _check(core: str, instruction_set: str, seed: int, count: int) -> int:
    description = target(core).description
    decoder, chosen = Decoder(description, instruction_set), random.Random(seed)
    own = [form for form in description.forms.values() if form.instruction_set == instruction_set]
    checked = 0
    for length in sorted({form.length for form in own}):
        forms = [form for form in own if form.length == length]
        matching = _Matching(forms)
        for form in forms:
            for word in _near(form, chosen, count):
                assert matching.agrees(word, decoder.decode(word, length)), f"{word:#x}: {matching.of(word)}"
                checked += 1
    return checked


@pytest.mark.parametrize(("core", "instruction_set"), SETS)
def test_no_word_is_two_instructions(core: str, instruction_set: str) -> None:
    """Words of each form and their neighbours: the decoder finds the form, or none, that trying all of them finds."""
    assert _check(core, instruction_set, 32, FEW) > 1000


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("core", "instruction_set"), SETS)
def test_no_word_is_two_instructions_whatever_its_free_bits_are(core: str, instruction_set: str, seed: int) -> None:
    """The same with many more words."""
    assert _check(core, instruction_set, 1000 + seed, MANY) > 10_000


def _alone(core: DescribedTarget, instruction_set: str) -> list[int]:
    """All first units of 16 bits behind which no second one follows."""
    long = core.description.instruction_sets[instruction_set].long
    return [unit for unit in range(1 << 16) if not core.table.functions.call(long, unit)[0]]


@pytest.mark.parametrize(("core", "instruction_set", "count"), SHORT)
def test_every_pattern_of_16_bits_is_one_instruction_or_none(core: str, instruction_set: str, count: int) -> None:
    """All of them: the decoder's form is the only one; the listing of all of them, assembled, is they again."""
    described = target(core)
    units = _alone(described, instruction_set)
    assert len(units) == count
    own = [form for form in described.description.forms.values()
           if form.instruction_set == instruction_set and form.length == 16]  # fmt: skip
    matching, decoder = _Matching(own), Decoder(described.description, instruction_set)
    for unit in units:
        assert matching.agrees(unit, decoder.decode(unit, 16)), f"{unit:#06x}: {matching.of(unit)}"
    disassembler = Disassembler(described)
    chosen = disassembler.instruction_set(instruction_set)
    writer = described.writer(instruction_set)
    lines, data, place = [*chosen.directives, *(f".option no{name}" for name in described.options)], b"", 0x10000
    texts = 0
    for unit in units:
        code = writer.bytes_of(unit, 2)
        (found_here,) = disassembler.run(code, place, chosen)
        assert found_here.text.startswith(".") == bool(found_here.reason), found_here
        if found_here.form.startswith("t16_it"):
            # What follows it would have to have its conditions.
            continue
        texts += not found_here.reason
        lines.append(found_here.text)
        data += code
        place += 2
    image = assemble([Source("all.s", "\n".join(lines))], described, Layout(base=0x10000), Reading(is_divided=False))
    assert next(one for one in image.sections if one.name == ".text").data == data
    assert texts > 0.7 * len(units)
