"""Claims: of what GNU binutils know for our Power cores nothing lacks without a reason, and the page says so."""

from __future__ import annotations

import random
import struct
from functools import cache
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from trapline.isa.coverage.compared import compared, page
from trapline.isa.coverage.power import OBJDUMP, OPTIONS, known_words, listed
from trapline.isa.coverage.report import Coverage, coverage, markdown
from trapline.isa.lang.load import load_core
from trapline.isa.model.decoder import Decoder
from trapline.isa.model.word_classes import class_of
from trapline.tests.oracle.require import foreign_file, oracle

pytestmark = pytest.mark.oracle
PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "power-coverage.md"


@cache
def covered() -> tuple[Coverage, ...]:
    """What the command makes its page of."""
    oracle(OBJDUMP)
    return tuple(one for core in OPTIONS for one in compared(core))


def test_nothing_that_binutils_know_lacks_without_a_reason() -> None:
    """Each word of each mnemonic has a form, or stands in a class of the description that says why it has none."""
    assert {one.core: one.unexplained for one in covered()} == {core: [] for core in OPTIONS}


def test_nothing_of_the_architecture_is_undescribed() -> None:
    """Words without a form are those of other processors, and invalid forms."""
    for core in OPTIONS:
        assert [name for name, one in load_core(core).word_classes.items() if one.is_architected] == []


def test_the_sweep_finds_what_binutils_know() -> None:
    """As many raw mnemonics as objdump has for the cores: a sweep that misses some would make the claim cheap."""
    assert {one.core: len(one.answers) for one in covered()} == {"power7": 846, "ppc970": 539}


def test_vmx_and_vsx_are_whole() -> None:
    """Every vector mnemonic of both facilities has all its words."""
    power7 = covered()[0].answers
    vector = [name for name in power7 if name.startswith(("v", "lv", "stv", "xs", "xv", "xx", "lx", "stx", "dst"))]
    assert [name for name in vector if power7[name].state != "have"] == []
    assert len(vector) > 300


def test_the_page_is_what_the_command_prints() -> None:
    """`trapline isa coverage --against binutils --markdown` makes it anew."""
    assert PAGE.read_text() == markdown(covered(), *page(list(OPTIONS)))


def words_of(path: Path) -> set[int]:
    """The words of a big-endian library's code."""
    sections = ELFFile(path.open("rb")).iter_sections()
    code = [one.data() for one in sections if one["sh_flags"] & 4 and one["sh_type"] != "SHT_NOBITS"]
    return {word for data in code for (word,) in struct.iter_unpack(">I", data[: len(data) & ~3])}


@pytest.mark.parametrize("core", OPTIONS)
def test_the_compilers_libraries_disassemble_without_a_gap(core: str) -> None:
    """Whatever objdump knows of the words of libc, libm and libgcc has a form, or a reason; nearly all have forms."""
    oracle(OBJDUMP)
    names = ("libc.so.6", "libm.so.6", "libgcc_s.so.1")
    words = set().union(*(words_of(foreign_file(f"/usr/powerpc64-linux-gnu/lib/{name}")) for name in names))
    found = coverage(load_core(core), known_words(core, sorted(words)))
    assert found.unexplained == []
    have = sum(answer.have for answer in found.answers.values())
    known = sum(answer.words for answer in found.answers.values())
    assert have > 0.999 * known
    assert known > 50_000


def test_a_class_of_words_is_found_by_its_words() -> None:
    """`rfi` is of other processors on both cores; a word that no book has is in no class."""
    for core in OPTIONS:
        found = class_of(load_core(core), 0x4C000064, 32)
        assert found is not None
        assert (found.name, found.is_architected) == ("rfi", False)
        assert class_of(load_core(core), 0x00000001, 32) is None


LATER = {"power8": "2.07", "power9": "3.0", "power10": "3.1"}
OPCODES = (4, 6, 17, 19, 30, 31, 57, 58, 59, 60, 61, 62, 63)
"""Those that have extended opcodes."""


@cache
def words_of_later_processors() -> dict[int, str]:
    """Words that objdump knows for a later processor, and the first one that has them: each extended opcode."""
    draw = random.Random(1)
    words = [
        opcode << 26 | (draw.getrandbits(15) & -draw.getrandbits(1)) << 11 | low
        for opcode in OPCODES
        for low in range(2048)
        for _ in range(2)
    ]
    found: dict[int, str] = {}
    for processor in reversed(LATER):
        known = listed(words, f"{processor},raw")
        found |= dict.fromkeys((word for word in words if word in known), processor)
    return found


@pytest.mark.parametrize("core", OPTIONS)
def test_every_word_of_a_later_processor_is_told_apart_from_an_illegal_one(core: str) -> None:
    """Power ISA 2.07, 3.0 and 3.1, as objdump knows them: a class says which has a word first, or why nobody has."""
    oracle(OBJDUMP)
    description = load_core(core)
    decoder = Decoder(description, "PPC")
    later = {word: first for word, first in words_of_later_processors().items() if decoder.decode(word, 32) is None}
    assert len(later) > 2500
    told = {word: class_of(description, word, 32) for word in later}
    assert [hex(word) for word, found in told.items() if found is None] == []
    power7 = Decoder(load_core("power7"), "PPC")
    told = {word: found for word, found in told.items() if power7.decode(word, 32) is None}
    right = [word for word, found in told.items() if found is not None and LATER[later[word]] in found.because]
    assert len(right) > 0.95 * len(told)


def test_a_word_of_power7_is_told_apart_on_the_970() -> None:
    """Whatever POWER7 has and the 970 has not is in a class that names the first Power ISA that has it."""
    power7, older = load_core("power7"), load_core("ppc970")
    # tlbie has other operands there.
    missing = [form for name, form in power7.forms.items() if name not in older.forms and name != "tlbie"]
    told = {form.name: class_of(older, form.match, 32) for form in missing}
    assert len(told) > 200
    assert [name for name, found in told.items() if found is None] == []


@pytest.mark.parametrize("word", [0x7C000166, 0x7C00051D, 0x100000C0, 0x7C000228, 0x7C00019C, 0x4C000460])
def test_words_of_later_processors_are_told_apart(word: int) -> None:
    """mtvsrd, tbegin., vaddudm, lqarx, msgsnd, bctar: POWER8 has them first; the diagnosis of a guest says so."""
    for core in OPTIONS:
        found = class_of(load_core(core), word, 32)
        assert found is not None
        assert not found.is_architected
        assert "POWER8 has it first" in found.because
