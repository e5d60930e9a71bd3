"""Syntax trees are kept file by file: what was not edited is not parsed again, and comes back as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from trapline.isa.cache_files import put_whole
from trapline.isa.lang.checking import check_files
from trapline.isa.lang.load import ARCH
from trapline.isa.lang.text import parse
from trapline.isa.lang.text.kept_trees import parsed
from trapline.isa.lang.text.sources import read_sources
from trapline.isa.lang.tree.diagnostics import Problems

FILES = sorted(ARCH.rglob("*.isa"))
FAMILIES = [path for path in FILES if "family" in path.read_text()]
SAMPLE = [*FAMILIES[::4], *FILES[::9]]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache directory."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("TRAPLINE_CACHE", str(folder))
    return folder


@pytest.fixture
def texts(cache: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that are parsed."""
    found: list[str] = []
    own = parse.parse

    def noted(text: str, file: str) -> object:
        found.append(text)
        return own(text, file)

    monkeypatch.setattr(parse, "parse", noted)
    return found


@pytest.mark.parametrize("path", SAMPLE, ids=lambda path: path.name)
def test_a_tree_comes_back_as_it_was(texts: list[str], path: Path) -> None:
    """All nodes and places, and whether a word is a token, into which families weave; in whatever file it is then."""
    text = path.read_text()
    first = parsed(text, "here.isa")
    again = parsed(text, "here.isa")
    assert repr(again) == repr(first)
    moved = parsed(text, "there.isa")
    assert repr(moved) == repr(first).replace("here.isa", "there.isa")
    assert texts == [text]


def test_an_edit_costs_its_own_file(texts: list[str], tmp_path: Path) -> None:
    """Two files that use each other's items: of three loads the first parses both, the last the one that was edited."""
    entry, other = tmp_path / "entry.isa", tmp_path / "other.isa"
    entry.write_text('use "other.isa"\nfunction one(x: u8) -> u8 "One" { return two(x) }\n')
    other.write_text('function two(x: u8) -> u8 "Two" { return x }\n')
    counts = []
    for _ in range(2):
        problems = Problems()
        assert len(read_sources([entry], problems).items) == 2
        counts.append(len(texts))
    other.write_text('// Nothing else.\nfunction two(x: u8) -> u8 "Two" { return x }\n')
    items = read_sources([entry], Problems()).items
    counts.append(len(texts))
    assert counts == [2, 2, 3]
    assert {item.name: item.span.line for item in items} == {"one": 2, "two": 2}


def test_a_file_with_a_mistake_is_parsed_each_time(texts: list[str], tmp_path: Path) -> None:
    """Its diagnosis is no tree."""
    wrong = tmp_path / "wrong.isa"
    wrong.write_text("function {\n")
    first, second = (check_files([wrong])[0] for _ in range(2))
    assert first == second
    assert len(first) == 1
    assert len(texts) == 2


@pytest.mark.parametrize("damage", [b"", b"[]", b"[-3,[9999]]", b"[-3,[0]]", b'{"a":1}', b"[[]]"])
def test_a_damaged_tree_is_made_again(cache: Path, texts: list[str], damage: bytes) -> None:
    """Cut off, or what another version could leave; it is put right."""
    text = 'function one(x: u8) -> u8 "One" { return x }\n'
    first = parsed(text, "a.isa")
    (path,) = cache.glob("*.tree")
    if damage:
        assert put_whole(path, damage)
    else:
        path.write_bytes(path.read_bytes()[:-1])
    again = parsed(text, "a.isa")
    assert repr(again) == repr(first)
    parsed(text, "a.isa")
    assert len(texts) == 2
