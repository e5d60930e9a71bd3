"""What was made of items is kept: an edit costs what it changes, and what comes out is what would be made anew."""

from __future__ import annotations

import random
import re
import shutil
from pathlib import Path

import msgspec
import pytest

from trapline.isa.lang.checking import checked_files
from trapline.isa.lang.load import ARCH, load_files
from trapline.isa.lang.units import store
from trapline.isa.lang.units.unit import Unit
from trapline.isa.model.stored import encode

RISCV = ARCH / "riscv"
EDITS = 8


class Kept:
    """A cache directory of its own, and the units that were made since it was asked last."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.made: list[str] = []
        self._folder = folder
        self._monkeypatch = monkeypatch
        own = store.Store.put

        def noted(self_: store.Store, file: str, key: str, unit: Unit) -> None:
            names = [str(getattr(one, "name", "")) for one in (*unit.functions, *unit.forms, *unit.aliases)]
            self.made.append(names[0] if names else "")
            own(self_, file, key, unit)

        monkeypatch.setattr(store.Store, "put", noted)
        self.begin("first")

    def begin(self, name: str) -> None:
        """Another cache, empty if it was not there; the process remembers nothing."""
        self._monkeypatch.setenv("TRAPLINE_CACHE", str(self._folder / name))
        self.forget()

    def forget(self) -> None:
        """As another process would begin."""
        store._here.clear()

    def take(self) -> list[str]:
        """What was made, once."""
        made, self.made = self.made, []
        return made


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kept:
    """See `Kept`."""
    return Kept(tmp_path / "caches", monkeypatch)


@pytest.fixture
def riscv(tmp_path: Path) -> Path:
    """A copy of the RISC-V description; its entry file."""
    shutil.copytree(RISCV, tmp_path / "riscv")
    return tmp_path / "riscv" / "riscv.isa"


def test_an_edit_makes_what_it_changes_and_what_depends_on_it(kept: Kept, riscv: Path) -> None:
    """A body's edit makes one unit; a width's also those that name it; a second start makes none."""
    extra = riscv.parent / "extra.isa"
    riscv.write_text(riscv.read_text() + '\nuse "extra.isa"\n')
    text = """
const EXTRA : u64 = 1
function one_extra(x : u64) -> u64 { return x + EXTRA }
function two_extra(x : u64) -> u64 { return one_extra(x) }
function three_extra(x : u64) -> u64 { return x }
"""
    seen = []
    for old, new in (("", ""), ("", ""), ("return x }", "return ~x }"), ("EXTRA : u64 = 1", "EXTRA : u64 = 2"),
                     ("one_extra(x : u64) -> u64", "one_extra(given : u64) -> u64 { let x = given return x + EXTRA }"
                      "\nfunction four_extra(x : u64) -> u64")):  # fmt: skip
        text = text.replace(old, new) if old else text
        extra.write_text(text)
        kept.forget()
        problems, _ = checked_files([riscv])
        assert [problem.message for problem in problems if problem.severity == "error"] == []
        seen.append(kept.take())
    assert len(seen[0]) > 150
    assert seen[1] == []
    assert seen[2] == ["three_extra"]
    assert seen[3] == ["one_extra"]
    # Its parameter has another name, which is part of how it is called; lines below it have moved.
    assert set(seen[4]) == {"one_extra", "two_extra", "three_extra", "four_extra"}


def _edits(texts: dict[Path, str], chosen: random.Random) -> dict[Path, str]:
    """A few edits of which each leaves the description in order: widths and names stay, numbers and lines do not."""
    path = chosen.choice([*texts])
    text = texts[path]
    kind = chosen.choice(("number", "line", "title", "swap"))
    if kind == "line":
        found = re.finditer(r"(?m)^(function|instruction|register|format) ", text)
        at = chosen.choice([one.start() for one in found] or [0])
        text = text[:at] + "\n// An edit.\n" + text[at:]
    elif kind == "title":
        text = re.sub(r'(?m)^(function|instruction) (\w+)([^\n"]*) "([^"\n]+)"', r'\1 \2\3 "\4, edited"', text, count=2)
    elif kind == "number":
        text = re.sub(r"<< 2\b", "<< 3", text, count=1)
    else:
        items = re.split(r"(?m)(?=^function )", text)
        if all(one.count("{") == one.count("}") for one in items):
            text = "".join([items[0], *reversed(items[1:])])
    return texts | {path: text}


def test_what_is_kept_comes_to_what_is_made_anew(kept: Kept, riscv: Path) -> None:
    """After each of a row of edits, the description made with what was kept is that of an empty cache, byte by byte."""
    chosen = random.Random(28)
    texts = {path: path.read_text() for path in sorted(riscv.parent.glob("*.isa"))}
    for number in range(EDITS):
        texts = _edits(texts, chosen)
        for path, text in texts.items():
            path.write_text(text)
        kept.begin("first")
        warm = encode(load_files([riscv], "rv64", riscv.parent))
        made = len(kept.take())
        kept.begin(f"empty{number}")
        cold = encode(load_files([riscv], "rv64", riscv.parent))
        assert warm == cold
        assert made < len(kept.take()) or not number


def test_a_warning_is_told_again(kept: Kept, tmp_path: Path) -> None:
    """What is kept has nothing to tell: an item with a warning is looked at each time."""
    path = tmp_path / "register.isa"
    shutil.copy(RISCV.parent.parent.parent / "docs" / "examples" / "toy8" / "toy8.isa", path)
    path.write_text(path.read_text() + "\nfunction nobody_calls(x : u8) -> u8 { return x }\n")
    told = []
    for _ in range(2):
        kept.forget()
        told.append([problem.message for problem in checked_files([path])[0]])
    assert told[0] == told[1] == ["nothing names function 'nobody_calls'"]


def test_a_damaged_file_of_units_counts_as_absent(kept: Kept, riscv: Path, tmp_path: Path) -> None:
    """Cut off, or whole and no unit: everything is made again."""
    checked_files([riscv])
    made = len(kept.take())
    for number, path in enumerate(sorted((tmp_path / "caches" / "first").glob("*.units"))):
        if number % 2:
            path.write_bytes(path.read_bytes()[:100])
        else:
            from trapline.isa.cache_files import put_whole

            put_whole(path, msgspec.json.encode([{"0" * 24: [1, 2, 3]}]))
    kept.forget()
    checked_files([riscv])
    assert len(kept.take()) == made
