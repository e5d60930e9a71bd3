"""`undescribed` and `absent`: classes of words without a form, and what is told where one is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from trapline.isa.lang.checking import check_files
from trapline.isa.lang.load import load_files
from trapline.isa.model.decoder import Decoder
from trapline.isa.model.word_classes import class_of
from trapline.tests.lang.manual import description


def test_a_class_has_the_words_of_all_its_encodings_and_no_form(tmp_path: Path) -> None:
    """The manual's own: two opcodes are one class, which says that the core has them; the decoder does not."""
    path = tmp_path / "manual.isa"
    path.write_text(description())
    made = load_files([path], "tiny1")
    for word in (50 << 26 | 5, 51 << 26):
        found = class_of(made, word, 32)
        assert found is not None
        assert (found.name, found.is_architected, found.because) == ("dlwz", True, "decorations are not described")
        assert Decoder(made, "T").decode(word, 32) is None
    assert made.word_classes["old_registers"].numbers == (("SPR", (4,)), ("SPR", (5,)))
    assert made.names["read_spr"].spellings[9] == ("count",)
    assert sum(map(len, made.names["read_spr"].spellings)) == 1
    old = class_of(made, 31 << 26 | 10 << 1, 32)
    assert old is not None
    assert not old.is_architected
    assert class_of(made, 52 << 26, 32) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('undescribed more : D(OPCD = 14) because "…"', "instruction 'addi' has all words of this encoding of 'more'"),
        ('undescribed nothing because "…"', "'nothing' names no words"),
        ('absent odd at SPR(9) because "…"', "register 'COUNT' stands there"),
        ('absent odd at SQR(9) because "…"', "there is no space 'SQR'"),
        ('names twice of read SQR', "there is no space 'SQR'"),
        ('extend register STATUS { at SPR(99) as count read anyone }', "'count' names both"),
        ('absent odd : DD(OPCD = 60) because "…"', "there is no format 'DD'"),
        ('absent odd : D(OPCD = 64) because "…"', "64 does not fit field 'OPCD' of 6 bits"),
        ("absent odd : D(OPCD = 60)\n", "cannot stand here"),
    ],
)
def test_a_mistake_in_a_class_is_told_where_it_is(text: str, message: str, tmp_path: Path) -> None:
    """One message each."""
    path = tmp_path / "planted.isa"
    path.write_text(f"{description()}\n{text}\nfeature LAST\n")
    problems, _ = check_files([path])
    assert [message in problem.message for problem in problems] == [True], problems
