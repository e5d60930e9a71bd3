"""What else is made of a description: decoder, pure functions, cached code, coverage, engines by name."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from trapline.isa.cache_files import KEPT
from trapline.isa.engine.coverage import coverage_report, statement_lines
from trapline.isa.engine.create import create_engine
from trapline.isa.engine.errors import EngineError
from trapline.isa.engine.pure import compile_functions
from trapline.isa.engine.python_cache import load_generated
from trapline.isa.engine.state import State
from trapline.isa.lang.load import load_core
from trapline.isa.model.decoder import Decoder, is_excluded

from .toy import ToyMachine, encode, toy


@pytest.mark.parametrize(("core", "set_name"), [("power7", "PPC"), ("armv7ve", "A32"), ("armv7ve", "T32")])
def test_the_decision_tree_finds_what_trying_every_form_finds(core: str, set_name: str) -> None:
    """Random words, and words near encodings, of the shipped descriptions."""
    description = load_core(core)
    decoder = Decoder(description, set_name)
    forms = [form for form in description.forms.values() if form.instruction_set == set_name]
    random_numbers = random.Random(set_name)
    for _ in range(1500):
        form = random_numbers.choice(forms)
        word = random_numbers.getrandbits(form.length) & ~form.mask | form.match
        if random_numbers.random() < 0.3:
            word ^= 1 << random_numbers.randrange(form.length)
        matching = [
            other.name
            for other in forms
            if other.length == form.length and word & other.mask == other.match and not is_excluded(other, word)
        ]
        found = decoder.decode(word, form.length)
        assert found.name in matching if found else not matching, f"{word:#x}"


def test_pure_functions_run_without_a_core() -> None:
    """Compiled with what they call; one that needs a core says so, an unknown one is a KeyError."""
    functions = compile_functions(toy())
    assert functions["doubled"](5) == 10
    with pytest.raises(EngineError, match="'start_up' uses registers"):
        functions["start_up"]
    with pytest.raises(KeyError):
        functions["missing"]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache directory."""
    monkeypatch.setenv("TRAPLINE_CACHE", str(tmp_path))
    return tmp_path


def load(written: list[int], fingerprint: str = "print") -> object:
    """Loads a module of one constant; `written` notes that its source was made."""

    def source() -> str:
        written.append(1)
        return "VALUE = 5\n"

    return load_generated("module", fingerprint, source, {})["VALUE"]


def test_generated_code_is_taken_from_the_cache_until_the_description_changes(cache: Path) -> None:
    """The second load makes no source; another fingerprint does. The source stays readable beside the code."""
    written: list[int] = []
    assert [load(written), load(written)] == [5, 5]
    assert len(written) == 1
    assert [path.read_text() for path in cache.glob("*.engine.py")] == ["VALUE = 5\n"]
    load(written, "other")
    assert len(written) == 2


@pytest.mark.parametrize("damage", [b"", b"short", b"x" * 200])
def test_a_damaged_cache_entry_is_made_again(cache: Path, damage: bytes) -> None:
    """Whatever is in the file, the code that runs is what was generated."""
    written: list[int] = []
    load(written)
    (entry,) = cache.glob("*.engine.code")
    whole = entry.read_bytes()
    for content in (damage, whole[:-3], whole[:40] + b"\0" + whole[41:]):
        entry.write_bytes(content)
        assert load(written) == 5
        assert entry.read_bytes() == whole


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Code is generated each time then."""
    occupied = tmp_path / "file"
    occupied.write_text("not a directory")
    monkeypatch.setenv("TRAPLINE_CACHE", str(occupied))
    written: list[int] = []
    assert [load(written), load(written)] == [5, 5]
    assert len(written) == 2


def test_the_cache_does_not_grow_without_end(cache: Path) -> None:
    """Of each name the newest entries stay; other names are left alone."""
    load_generated("module-coverage", "print", lambda: "VALUE = 1\n", {})
    for number in range(KEPT + 3):
        load([], f"print {number}")
    assert len(list(cache.glob("module-*.engine.code"))) == KEPT + 1


def test_coverage_knows_which_statements_ran() -> None:
    """By place in the description; what did not run is reported as missed."""
    seen: set[int] = set()
    machine = ToyMachine(coverage=seen)
    machine.place(0x100, [encode("special")])
    machine.engine.run(1)
    assert seen <= statement_lines(toy())
    source = Path(__file__).with_name("toy.isa").read_text().splitlines()
    (report,) = coverage_report(toy(), seen, statement_lines(toy()))
    assert [source[line - 1].strip() for line in report.run if "R[1] = 2" in source[line - 1]] == ["R[1] = 2"]
    assert any("TABLE == 0" in source[line - 1] for line in report.run)
    assert any("raise endless" in source[line - 1] for line in report.missed)


def test_engines_are_made_by_name_and_never_replaced_silently() -> None:
    """A name that is no engine's is an error that lists those that there are."""
    machine = ToyMachine()
    state = State(toy())
    assert create_engine("reference", toy(), state, machine.memory, machine.bus).state is state
    with pytest.raises(EngineError, match=r"there are: .*reference"):
        create_engine("natvie", toy(), state, machine.memory, machine.bus)
