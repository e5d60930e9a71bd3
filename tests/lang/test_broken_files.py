"""A corpus of broken files: shipped ones with one mistake each, by a fixed seed. None is told badly."""

from __future__ import annotations

import functools
import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from trapline.isa.lang.checking import check_files
from trapline.isa.lang.load import ARCH

SOAK = 300
SLICE = 6
MOST_MESSAGES = 3
ARCHITECTURES = ("power", "arm", "riscv")
FILES = {
    arch: sorted(path for path in (ARCH / arch).rglob("*.isa") if 1000 < len(path.read_text()))
    for arch in ARCHITECTURES
}


def _places(pattern: str, text: str) -> list[re.Match[str]]:
    """Where a pattern is in a text, comments left out."""
    starts = [0, *(found.end() for found in re.finditer("\n", text))]
    found = []
    for one in re.finditer(pattern, text):
        line = max(start for start in starts if start <= one.start())
        if "//" not in text[line : one.start()]:
            found.append(one)
    return found


def _cut(pattern: str, new: str) -> Callable[[str, random.Random], str | None]:
    def mutate(text: str, chosen: random.Random) -> str | None:
        places = _places(pattern, text)
        if not places:
            return None
        one = chosen.choice(places)
        return text[: one.start()] + one.expand(new) + text[one.end() :]

    return mutate


MUTATIONS: dict[str, Callable[[str, random.Random], str | None]] = {
    "a brace is gone": _cut(r"\}\n", "\n"),
    "a brace too many": _cut(r"\n(?=(instruction|function|register|format) )", "\n}\n"),
    "a name is misspelt in a body": _cut(
        r"(?<=\b)(GPR|MSR|XER|CIA|NIA|CPSR|SPSR|HSR|SCTLR|MSTATUS|X)(?=[ .\[)])", r"\1x"
    ),
    "a width is wrong": _cut(r": u(32|64|5|16)\b(?=[,) ])", ": u7"),
    "a word of the grammar is misspelt": _cut(r"\n(i)(nstruction|nterrupt) ", r"\n\2 "),
    "a semicolon": _cut(r"(?<=[\])0-9a-z])\n(?=    )", ";\n"),
    "a quote is gone": _cut(r'"(?= )', ""),
    "a parenthesis is gone": _cut(r"\)(?=[ \n])", ""),
    "an operator is gone": _cut(r" (\+|&|\||<<) (?=[A-Za-z0-9(])", " "),
    "a field's width is off by one": _cut(r"(?<=[A-Z]:)(\d+)(?= )", r"1\1"),
    "a colon is gone": _cut(r" : (?=[A-Z])", " "),
    "a format is misspelt": _cut(r"(?<=: )([A-Za-z_]\w*)(?=\(\w+ = )", r"\1q"),
    "a function is misspelt": _cut(r"\b(zero_extend|sign_extend|truncate)\(", r"\1ed("),
    "an operand is misspelt in a template": _cut(r"(syntax +\S+ )([A-Za-z]\w+)(?=,)", r"\1\2Z"),
    "the file ends in the middle": lambda text, chosen: text[: chosen.randrange(len(text) // 3, len(text))],
    "a stray character": lambda text, chosen: (lambda at: text[:at] + "`" + text[at:])(text.index("\n\n") + 1),
}


@functools.cache
def _corpus(count: int) -> list[tuple[str, Path, str]]:
    """What was done, to which file, and what it became."""
    chosen = random.Random(16)
    made: list[tuple[str, Path, str]] = []
    names = sorted(MUTATIONS)
    while len(made) < count:
        arch = ARCHITECTURES[len(made) % len(ARCHITECTURES)]
        name, path = chosen.choice(names), chosen.choice(FILES[arch])
        text = path.read_text()
        broken = MUTATIONS[name](text, chosen)
        if broken is not None and broken != text:
            made.append((name, path, broken))
    return made


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the shipped files: what was made of them is kept from one of the broken ones to the next."""
    copy = tmp_path_factory.mktemp("arch")
    for arch in ARCHITECTURES:
        shutil.copytree(ARCH / arch, copy / arch)
    return copy


def _told_badly(folder: Path, broken: tuple[str, Path, str]) -> str:
    """What is wrong with what is told of one; "" if nothing is."""
    name, path, text = broken
    place = folder / path.relative_to(ARCH)
    arch = path.relative_to(ARCH).parts[0]
    before = place.read_text()
    place.write_text(text)
    try:
        problems, texts = check_files([folder / arch / f"{arch}.isa"])
    except Exception as error:  # noqa: BLE001 - any traceback is what this looks for
        return f"{name} in {path.name}: {type(error).__name__}: {error}"
    finally:
        place.write_text(before)
    told = [f"{p.span.file}:{p.span.line}: {p.message}" for p in problems]
    what = f"{name} in {path.name}: " + "\n    ".join(["", *told[:6]])
    if len(problems) > MOST_MESSAGES:
        return f"{len(problems)} messages for {what}"
    if any(not 1 <= p.span.line <= texts[p.span.file].count("\n") + 1 for p in problems):
        return f"not located: {what}"
    return ""


def test_a_slice_of_the_corpus_is_told_well(folder: Path) -> None:
    """No traceback, at most three messages, each in a line that there is. Arm's, which is read longest, is soaked."""
    quick = [one for one in _corpus(SOAK) if "arm" not in one[1].relative_to(ARCH).parts[:1]]
    assert [bad for one in quick[:: len(quick) // SLICE] if (bad := _told_badly(folder, one))] == []


@pytest.mark.soak
def test_the_corpus_is_told_well(folder: Path) -> None:
    """All 300 of them."""
    assert [bad for one in _corpus(SOAK) if (bad := _told_badly(folder, one))] == []
