"""Native code is cut in parts: an edit changes those that it has to, whatever has the same key has the same code, and
processes build them beside each other."""

from __future__ import annotations

import os
import random
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from trapline.isa.engine.errors import EngineError
from trapline.isa.engine.native.building import code_cache
from trapline.isa.engine.native.building.builders import Builders
from trapline.isa.engine.native.building.code_cache import NativeCode
from trapline.isa.engine.native.building.compiler import Effort, LoadedObject, compile_object
from trapline.isa.engine.native.building.ir_modules import definitions, module_of
from trapline.isa.engine.native.building.part_texts import PartTexts
from trapline.isa.engine.native.building.parts import Planner
from trapline.isa.engine.native.building.plans import CORE, DECODER, Plan
from trapline.isa.engine.native.running.engine import NativeEngine
from trapline.isa.engine.native.tier.tiers import EAGER
from trapline.isa.lang.load import load_core
from trapline.isa.model.items import Description

from ..engine.toy import toy
from .pair import Pair
from .programs import settings, streams
from .test_differential import SETS, agree

BODY = """
replace instruction xori "XOR Immediate, edited" : D_RS_UI(OPCD = 26) {
    syntax  xori RA, RS, UI
    GPR[RA] = GPR[RS] ^ zero_extend(UI) ^ 1
}
"""
ENCODING = BODY.replace("OPCD = 26", "OPCD = 6").replace(" ^ 1", "")
SHARED = [
    "define internal i64 @small(i64 %a) {\n  %b = mul i64 %a, 3\n  ret i64 %b\n}",
    'define internal i64 @"far off"(i64 %a) noinline {\n  %b = call i64 @small(i64 %a)\n  ret i64 %b\n}',
]


def _edited(folder: Path, text: str) -> Description:
    (folder / "change.isa").write_text(text)
    return load_core("power7", None, [folder / "change.isa"])


def _plan(description: Description) -> Plan:
    return Planner(description, "").plan()


def _handler(name: str, function: str) -> str:
    return f"define internal i64 @{name}(i64 %a) {{\n  %b = call i64 {function}(i64 %a)\n  ret i64 %b\n}}"


def test_what_stands_in_several_objects_works_together() -> None:
    """A module has copies of short functions, and leaves the others to the one that defines them."""
    shared = definitions(SHARED)
    own = definitions([_handler("one", "@small"), _handler("two", '@"far off"')])
    text, outside = module_of(own, (), shared.get, lambda _: True, Effort.SOME)
    assert "available_externally" in text
    assert 'declare i64 @"far off"' in text
    assert outside == {'"far off"'}
    table = "@table = constant [1 x ptr] [ptr @small]"
    rest, none = module_of(shared, (table,), shared.get, lambda _: False, Effort.ALL)
    assert not none
    loaded = LoadedObject("pieces", [compile_object(text, Effort.SOME), compile_object(rest)], ("one", "two", "table"))
    assert loaded.address("one") != loaded.address("two")


def test_an_edited_instruction_changes_its_own_part(tmp_path: Path) -> None:
    """Neither core nor decoder, nor any other."""
    before, after = _plan(load_core("power7")), _plan(_edited(tmp_path, BODY))
    assert len(before) == len(after) > 20
    (changed,) = (at for at, (one, other) in enumerate(zip(before, after, strict=True)) if one.key != other.key)
    assert "xori" in after[changed].forms
    assert before[changed].forms == after[changed].forms


def test_an_edited_encoding_changes_the_decoder_as_well(tmp_path: Path) -> None:
    before, after = _plan(load_core("power7")), _plan(_edited(tmp_path, ENCODING))
    changed = [at for at, (one, other) in enumerate(zip(before, after, strict=True)) if one.key != other.key]
    assert changed[0] == DECODER
    assert len(changed) == 2


@pytest.mark.parametrize("text", [BODY, ENCODING])
def test_what_has_the_same_key_has_the_same_code(tmp_path: Path, text: str) -> None:
    """The IR of all parts of a description and of an edited one, whose keys are made without any."""
    descriptions = load_core("power7"), _edited(tmp_path, text)
    found = []
    for description in descriptions:
        planner = Planner(description, "")
        texts = PartTexts(description, planner, has_fma=True, covering=False)
        found.append({part.key: texts.text(number, part).modules for number, part in enumerate(planner.plan())})
    before, after = found
    assert len(before.keys() & after.keys()) > 20
    assert {key for key in before.keys() & after.keys() if before[key] != after[key]} == set()
    assert [*before.values()] != [*after.values()]


def test_a_comment_changes_nothing(tmp_path: Path) -> None:
    """Nor does an edit that means the same: nothing is built for it, not even a plan."""
    (tmp_path / "one.isa").write_text(BODY)
    (tmp_path / "two.isa").write_text(f"// as before\n\n{BODY}")
    one, two = (load_core("power7", None, [tmp_path / f"{name}.isa"]) for name in ("one", "two"))
    assert one.fingerprint == two.fingerprint
    assert _plan(one) == _plan(two)


def test_all_forms_of_an_instruction_are_in_one_part() -> None:
    forms = load_core("armv7ve").forms
    parts = [part.forms for part in _plan(load_core("armv7ve")) if part.forms]
    assert sorted(name for names in parts for name in names) == sorted(forms)
    places = {(forms[name].instruction, at) for at, names in enumerate(parts) for name in names}
    assert len(places) == len({form.instruction for form in forms.values()})
    assert max(map(len, parts)) < 100
    assert [part.forms for part in _plan(toy())][CORE + 2] == tuple(toy().forms), "so few are not cut"


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    """Where parts would lie."""
    return [tmp_path / f"toy-{number:024x}.part" for number in range(6)]


def _writer(paths: list[Path]) -> Callable[[int], None]:
    def make(number: int) -> None:
        with paths[number].with_suffix(".made").open("a") as file:
            file.write("x")
        paths[number].write_bytes(b"made")

    return make


def test_parts_are_built_by_other_processes(paths: list[Path]) -> None:
    """Those that are wanted, each once, and no others."""
    own = Builders(_writer(paths), paths)
    told: list[tuple[int, int]] = []
    own.wait([1, 4, 5], lambda _, done, total: told.append((done, total)))
    assert [path.exists() for path in paths] == [False, True, False, False, True, True]
    assert told[-1] == (3, 3)
    assert {path.read_text() for path in paths[0].parent.glob("*.made")} == {"x"}


def test_what_nobody_asked_for_is_built_last(paths: list[Path]) -> None:
    """Beside a guest all parts are built in the end."""
    own = Builders(_writer(paths), paths)
    own.makes_all = True
    own.wait([3], None)
    own.wait(range(6), None)
    assert all(path.exists() for path in paths)


def test_what_cannot_be_built_is_one_clear_error(paths: list[Path]) -> None:
    """It is told when that part is asked for, again and again; others are built all the same."""

    def make(number: int) -> None:
        if number == 2:
            raise EngineError("LLVM rejects it")
        _writer(paths)(number)

    own = Builders(make, paths)
    for _ in range(2):
        with pytest.raises(EngineError, match="LLVM rejects it"):
            own.wait([2], None)
    own.wait([0, 1, 3, 4, 5], None)


def test_an_llvm_that_dies_does_not_take_the_engine_with_it(paths: list[Path]) -> None:
    """As it does where memory is used up."""

    def make(number: int) -> None:
        os.kill(os.getpid(), signal.SIGABRT)

    own = Builders(make, paths)
    with pytest.raises(EngineError, match="LLVM died of signal 6") as caught:
        own.wait([0], None)
    assert caught.value.hint is not None
    assert "--engine reference" in caught.value.hint


def test_two_that_want_the_same_build_it_once(paths: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock is held on what is being built; who comes second takes what is there then."""
    monkeypatch.setattr(Builders, "_is_damaged", lambda *_: False)
    first, second = Builders(_writer(paths), paths), Builders(_writer(paths), paths)
    first.want(range(6))
    second.wait(range(6), None)
    first.wait(range(6), None)
    assert [path.with_suffix(".made").read_text() for path in paths] == ["x"] * 6


@pytest.mark.parametrize(("core", "instruction_set"), SETS)
def test_a_guest_goes_on_while_code_is_built(
    monkeypatch: pytest.MonkeyPatch, core: str, instruction_set: str
) -> None:
    """What has no native code yet is executed alone; counts of instructions and states are what they always are."""
    asked: Counter[int] = Counter()
    own = NativeCode._has

    def has(code: NativeCode, number: int) -> bool:
        asked[number] += 1
        return asked[number] > 3 + number % 3 and own(code, number)

    monkeypatch.setattr(NativeCode, "_has", has)
    monkeypatch.setattr(code_cache, "_loaded", {})
    pair = Pair(core, EAGER)
    native = pair.sides[1].engine
    assert isinstance(native, NativeEngine)
    had_code = native.attached
    assert not had_code
    for number, (form, words) in enumerate(streams(pair, instruction_set, 3, 8, 24)):
        generator = random.Random(number)
        pair.prepare(generator, settings(pair, form, generator), words)
        for part in range(4):
            agree(pair, generator.randrange(1, 20), f"stream {number}, part {part}")
    assert native.attached
    assert native.entered()["an instruction without native code yet"] > 3
    assert native.code.built() > 3
