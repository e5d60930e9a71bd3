"""Native code is compiled in pieces: at once, in processes of their own, and only those that are new."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from trapline.isa.engine.errors import EngineError
from trapline.isa.engine.native.building import compilers
from trapline.isa.engine.native.building.compiler import Effort, LoadedObject, host_has_fma
from trapline.isa.engine.native.building.compilers import Compilers, digest_of
from trapline.isa.engine.native.building.module import emit_module
from trapline.isa.engine.native.building.shards import Shards, module_text, shards_of
from trapline.isa.lang.load import load_core
from trapline.isa.model.items import Description

from ..engine.toy import toy

CHANGE = """
replace instruction xori "XOR Immediate, edited" : D_RS_UI(OPCD = 26) {
    syntax  xori RA, RS, UI
    GPR[RA] = GPR[RS] ^ zero_extend(UI) ^ 1
}
"""
SHARED = [
    "define internal i64 @small(i64 %a) {\n  %b = mul i64 %a, 3\n  ret i64 %b\n}",
    'define internal i64 @"far off"(i64 %a) noinline {\n  %b = call i64 @small(i64 %a)\n  ret i64 %b\n}',
]


def _modules(description: Description) -> list[tuple[str, Effort]]:
    found: list[tuple[str, Effort]] = []
    emit_module(description, host_has_fma(), lambda text, effort: found.append((text, effort)))
    return found


def _handler(name: str, function: str) -> str:
    return f"define internal i64 @{name}(i64 %a) {{\n  %b = call i64 {function}(i64 %a)\n  ret i64 %b\n}}"


def test_what_stands_in_several_objects_works_together() -> None:
    """A shard calls what it has no copy of in the core, which finds the handlers of all shards."""
    pieces = Shards(SHARED)
    texts = [
        pieces.shard([_handler("one", "@small")], Effort.SOME),
        pieces.shard([_handler("two", '@"far off"')], Effort.SOME),
    ]
    texts.append(pieces.core(["@table = constant [2 x ptr] [ptr @one, ptr @two]"]))
    assert "available_externally" in texts[0]
    assert 'declare i64 @"far off"' in texts[1]
    assert "available_externally" not in texts[1]
    with Compilers({}) as made:
        for text in texts:
            made.submit(text, Effort.SOME)
        loaded = LoadedObject("pieces", [*made.objects(None).values()], ("table",))
    assert len(set(loaded.pointers("table", 2))) == 2


def test_an_edited_instruction_changes_one_shard(tmp_path: Path) -> None:
    """The others, and the core, are as they were, so that nobody has to wait for them."""
    (tmp_path / "change.isa").write_text(CHANGE)
    before = _modules(load_core("power7"))
    after = _modules(load_core("power7", None, [tmp_path / "change.isa"]))
    assert len(before) == len(after) > 3
    changed = {at for at, (one, other) in enumerate(zip(before, after, strict=True)) if one != other}
    assert len({at // len(Effort) for at in changed}) == 1
    assert len(changed) < len(Effort), "what has no part in it is not made again"


def test_all_forms_of_an_instruction_are_in_one_shard() -> None:
    forms = load_core("armv7ve").forms
    shards = shards_of(forms.values())
    assert sorted(name for names in shards for name in names) == sorted(forms)
    assert min(map(len, shards)) > 20
    places = {(forms[name].instruction, at) for at, names in enumerate(shards) for name in names}
    assert len(places) == len({form.instruction for form in forms.values()})
    assert shards_of(toy().forms.values()) == [list(toy().forms)], "so few are not cut"


def test_objects_that_are_known_are_not_made_again() -> None:
    text = module_text(["define i64 @f() {\n  ret i64 7\n}"])
    digest = digest_of(text, Effort.ALL)
    with Compilers({digest: b"the object"}) as made:
        made.submit(text, Effort.ALL)
        assert made.objects(None) == {digest: b"the object"}


@pytest.fixture
def large() -> str:
    """A module that is compiled in another process."""
    many = "".join(f"define i64 @f{number}(i64 %a) {{\n  ret i64 %a\n}}\n" for number in range(6000))
    assert len(many) > compilers._SMALL
    return many


def _compiled(text: str) -> bytes:
    with Compilers({}) as made:
        made.submit(text, Effort.ALL)
        return made.objects(None)[digest_of(text, Effort.ALL)]


def test_another_process_makes_what_this_one_would(large: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no process can be begun, or none that finds this package, this one does it."""
    there = _compiled(large)
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert _compiled(large) == there
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert _compiled(large) == there


def test_what_llvm_rejects_elsewhere_is_an_error_here(large: str) -> None:
    with pytest.raises(EngineError, match=r"(?s)LLVM rejects .*f0"):
        _compiled(large + "define i64 @f0() {\n  ret i64 0\n}\n")


def test_an_llvm_that_dies_does_not_take_the_engine_with_it(large: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it does where memory is used up."""

    def died(command: Sequence[str], **_: object) -> subprocess.CompletedProcess[bytes]:
        return subprocess.CompletedProcess(command, -signal.SIGABRT, b"", b"LLVM ERROR: out of memory\n")

    monkeypatch.setattr(subprocess, "run", died)
    with pytest.raises(EngineError, match=r"signal 6 .*out of memory") as caught:
        _compiled(large)
    assert caught.value.hint is not None
    assert "--engine reference" in caught.value.hint
