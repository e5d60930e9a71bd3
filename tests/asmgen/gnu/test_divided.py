"""Claims about T32 statements before unified syntax: no word of them means to us what it does not mean to GNU as."""

from __future__ import annotations

import random
import re
import subprocess
from collections.abc import Callable
from io import BytesIO
from itertools import product
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from trapline.asmgen import AssemblyErrors, Source
from trapline.asmgen.layout.options import Reading
from trapline.asmgen.object_assembler import assemble_object

from ...oracle.objects.ours import target
from ...oracle.require import oracle

_WORDS = ("add", "sub", "mov", "cmp", "cmn", "mvn", "neg", "and", "orr", "eor", "bic", "adc", "sbc", "mul", "ror",
          "lsl", "lsr", "asr", "rsb", "tst", "teq", "cpy")
_NUMBERS = ("#0", "#1", "#-1", "#7", "#8", "#31", "#255", "#256", "#508", "#1020")
_OPERANDS = (
    *(f"{a}, {b}" for a, b in product(("r0", "r8", "sp"), ("r0", "r1", "r9", *_NUMBERS))),
    *(f"{a}, {b}, {c}" for a, b, c in product(("r0", "sp"), ("r0", "r1", "sp"), ("r0", "r2", *_NUMBERS))),
)
_MEMORY = [f"{word} r0{mark}, {{{registers}}}" for word, mark, registers in product(
    ("ldmia", "stmia", "ldm", "stm"), ("", "!"), ("r0, r1", "r1", "r1-r3", "r2, r9"))]
_REGISTERS = [f"{word}{s} {operands}" for word, s, operands in product(_WORDS, ("", "s"), _OPERANDS)]
SAMPLE = 300
"""Statements of a run of `make test`, beside all of memory."""
_UNPREDICTABLE = re.compile(r"cmp.* pc|ldm\w* r0!, {r0")
"""Of what GNU as takes, what we refuse: comparisons with pc, and a base that is loaded and written back."""
Refused = set[int]


def _made(statements: list[str], assemble: Callable[[str], tuple[bytes, Refused]]) -> dict[str, str]:
    """What each statement makes, in a section of its own; those that are refused are left out."""
    left = list(statements)
    while True:
        source = ".thumb\n" + "".join(f'.section .s{n}, "ax"\n{one}\n' for n, one in enumerate(left))
        elf, lines = assemble(source)
        if not lines:
            break
        left = [one for n, one in enumerate(left) if 2 * n + 3 not in lines]
    return {one: _section(elf, f".s{n}") for n, one in enumerate(left)}


def _section(elf: bytes, name: str) -> str:
    found = ELFFile(BytesIO(elf)).get_section_by_name(name)
    return bytes(found.data()).hex() if found is not None else ""


def _by_gnu(source: str, folder: Path) -> tuple[bytes, Refused]:
    given, made = folder / "a.s", folder / "a.o"
    given.write_text(source)
    done = subprocess.run([oracle("arm-linux-gnueabihf-as"), "-march=armv7ve", "-o", str(made), str(given)],
                          capture_output=True, text=True, timeout=60)
    lines = {int(line) for line in re.findall(r"a\.s:(\d+): Error", done.stderr)}
    return (b"" if lines else made.read_bytes()), lines


def _by_us(source: str) -> tuple[bytes, Refused]:
    try:
        return assemble_object(Source("a.s", source), target("armv7ve"), reading=Reading(max_errors=10_000)).elf, set()
    except AssemblyErrors as errors:
        return b"", {one.place.line for one in errors.diagnostics if one.place is not None}


def _check(statements: list[str], folder: Path) -> None:
    theirs = _made(statements, lambda source: _by_gnu(source, folder))
    ours = _made(statements, _by_us)
    both = [one for one in theirs if one in ours]
    assert len(both) > len(statements) // 8
    assert {one: ours[one] for one in both} == {one: theirs[one] for one in both}
    # What divided syntax lacks is read as unified only where the word has one meaning in both.
    divided = next(one.divided for one in target("armv7ve").instruction_sets if one.divided)
    assert [one for one in ours if one not in theirs and one.split()[0] in divided] == []
    assert [one for one in theirs if one not in ours and not _UNPREDICTABLE.match(one)] == []


@pytest.mark.oracle
def test_statements_without_a_syntax_are_those_of_gnu_as(tmp_path: Path) -> None:
    """A sample of all words with all kinds of operands, and all of memory."""
    _check([*random.Random(1_104).sample(_REGISTERS, SAMPLE), *_MEMORY], tmp_path)


@pytest.mark.oracle
@pytest.mark.soak
def test_all_statements_without_a_syntax_are_those_of_gnu_as(tmp_path: Path) -> None:
    """The same of all."""
    _check([*_REGISTERS, *_MEMORY], tmp_path)


def test_what_divided_syntax_lacks_names_the_way_out() -> None:
    """`add r0, r1, #300` sets flags in one syntax and none in the other: it is refused where nothing says which."""
    with pytest.raises(AssemblyErrors) as caught:
        assemble_object(Source("a.s", ".thumb\nadd r0, r1, #300\n"), target("armv7ve"))
    (one,) = caught.value.diagnostics
    assert one.place is not None
    assert (one.place.line, one.place.column) == (2, 1)
    assert "no instruction of divided syntax" in one.message
    assert ".syntax unified" in one.hint


def test_a_write_back_that_is_not_written_is_told() -> None:
    """`ldmia r0, {r1}` writes r0 as well in divided syntax, which GNU as warns of."""
    made = assemble_object(Source("a.s", ".thumb\nldmia r0, {r1, r2}\n"), target("armv7ve"))
    (notice,) = made.notices
    assert notice.kind == "warning"
    assert "writes its base register back" in notice.message
