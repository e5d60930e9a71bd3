"""Native code is made once, kept, and made again where what is kept cannot be trusted."""

from __future__ import annotations

import builtins
import hashlib
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from trapline.isa.engine.create import create_engine
from trapline.isa.engine.errors import EngineError
from trapline.isa.engine.native.building import code_cache, compiler, part_files
from trapline.isa.engine.native.building.code_cache import NativeCode
from trapline.isa.engine.native.building.make import Maker
from trapline.isa.engine.native.building.plans import CORE, DECODER
from trapline.isa.engine.native.building.store import VERSIONS
from trapline.isa.engine.state import State
from trapline.isa.progress import Progress

from ..engine.toy import ToyMachine, encode, toy


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and nothing loaded."""
    monkeypatch.setenv("TRAPLINE_CACHE", str(tmp_path))
    monkeypatch.setattr(code_cache, "_loaded", {})
    return tmp_path


def entries(folder: Path) -> list[Path]:
    """The parts of native code, the largest one last."""
    return sorted(folder.glob("*.part"), key=lambda path: path.stat().st_size)


def built(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of parts that are made from now on, in a process that has loaded nothing."""
    made: list[int] = []
    own = Maker.make

    def noted(maker: Maker, number: int) -> None:
        made.append(number)
        own(maker, number)

    monkeypatch.setattr(Maker, "make", noted)
    monkeypatch.setattr(code_cache, "_loaded", {})
    return made


def whole(progress: Progress | None = None) -> NativeCode:
    """All native code of the toy."""
    code = code_cache.native_code(toy(), progress)
    code.complete(progress)
    return code


def test_the_second_time_nothing_is_built(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first build tells of its progress; a later process takes what is kept."""
    told: list[str] = []
    whole(lambda what, done, total: told.append(what))
    assert set(told) == {"building native code"}
    told.clear()
    made = built(monkeypatch)
    whole(lambda what, done, total: told.append(what))
    assert not told
    assert not made
    assert entries(cache)[-1].stat().st_size > 1000


def test_a_guest_starts_with_core_and_decoder_alone(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What its instructions need is built when they are decoded, and loaded when a later process decodes them."""
    made = built(monkeypatch)
    machine = ToyMachine()
    engine = create_engine("native", toy(), State(toy()), machine.memory, machine.bus)
    assert made == [CORE, DECODER]
    machine.place(0x100, [encode("branch", a=0, imm=0)])
    engine.state.pc = 0x100
    engine.state_changed()
    assert engine.run(1).retired == 1
    code = code_cache.native_code(toy())
    assert made == [CORE, DECODER, 2]
    assert code.built() == len(made)
    monkeypatch.setattr(code_cache, "_loaded", {})
    again = code_cache.native_code(toy())
    assert again.built() == 2
    assert again.has("branch")
    assert again.built() == len(made) == 3


def test_parts_of_another_format_are_none(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They may lie there from another version."""
    whole()
    for path in entries(cache):
        payload = b"\x02\0\0\0{}"
        path.write_bytes(hashlib.sha256(payload).digest() + payload)
    made = built(monkeypatch)
    assert set(whole().handlers) == set(toy().forms)
    assert len(made) == len(entries(cache))


@pytest.mark.parametrize("damage", ["cut", "flip", "empty"])
def test_a_damaged_part_is_made_again(cache: Path, monkeypatch: pytest.MonkeyPatch, damage: str) -> None:
    """Cut short, with a bit changed, or empty: the code runs all the same, and the others stay as they are."""
    whole()
    path = entries(cache)[-1]
    content = path.read_bytes()
    half = len(content) // 2
    changed = content[:half] + bytes([content[half] ^ 1]) + content[half + 1 :]
    path.write_bytes({"cut": content[:half], "flip": changed, "empty": b""}[damage])
    made = built(monkeypatch)
    assert set(whole().handlers) == set(toy().forms)
    assert len(made) == 1
    monkeypatch.setattr(code_cache, "_loaded", {})
    whole()
    assert len(made) == 1, "it was put right"


def test_a_damaged_plan_is_made_again(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And finds the parts that are there."""
    whole()
    (plan,) = cache.glob("*.plan")
    plan.write_bytes(plan.read_bytes()[:-5])
    made = built(monkeypatch)
    assert set(whole().handlers) == set(toy().forms)
    assert not made


def test_another_emitter_or_processor_has_other_parts(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The keys hold the toolchain; who goes back finds what was made before."""
    whole()
    before = set(entries(cache))
    own = compiler.toolchain
    monkeypatch.setattr(code_cache, "toolchain", lambda: "another one")
    made = built(monkeypatch)
    whole()
    assert len(made) == len(before)
    assert len(set(entries(cache)) - before) == len(before)
    monkeypatch.setattr(code_cache, "toolchain", own)
    monkeypatch.setattr(code_cache, "_loaded", {})
    made.clear()
    whole()
    assert not made


def test_of_many_versions_those_that_were_used_last_stay(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is asked for again and again is not pushed out by versions that were tried once."""
    whole()
    first = entries(cache)
    own = compiler.toolchain
    for number in range(VERSIONS + 2):
        for path in first:
            os.utime(path, (number, number))
        for version in (own(), f"version {number}"):
            monkeypatch.setattr(code_cache, "toolchain", partial(str, version))
            monkeypatch.setattr(code_cache, "_loaded", {})
            whole()
    assert len(entries(cache)) <= VERSIONS * len(first)
    assert set(first) <= set(entries(cache))
    assert len(list(cache.glob("*.plan"))) <= VERSIONS


def test_two_processes_that_build_at_once_do_not_clash(cache: Path) -> None:
    """Both end well, and whole parts are left."""
    program = (
        "from tests.engine.toy import toy; from trapline.isa.engine.native.building.code_cache import native_code;"
        "code = native_code(toy()); code.complete(); print(len(code.handlers))"
    )
    root = Path(__file__).resolve().parents[2]
    running = [
        subprocess.Popen([sys.executable, "-c", program], cwd=root, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    answers = [process.communicate(timeout=50)[0].strip() for process in running]
    assert answers == [str(len(toy().forms))] * 2
    assert all(part_files.read(path) for path in entries(cache))


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is in its place: parts lie in a folder of the process, and go with it."""
    occupied = tmp_path / "occupied"
    occupied.write_text("")
    monkeypatch.setenv("TRAPLINE_CACHE", str(occupied))
    monkeypatch.setattr(code_cache, "_loaded", {})
    assert set(whole().handlers) == set(toy().forms)


def test_without_llvmlite_there_is_a_clear_error(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never another engine in its place."""
    machine = ToyMachine()
    own = builtins.__import__

    def refuse(name: str, *arguments: object, **named: object) -> object:
        if name.startswith("llvmlite"):
            raise ImportError("no module of that name")
        return own(name, *arguments, **named)  # type: ignore[arg-type]

    compiler.llvm.cache_clear()
    monkeypatch.setattr(builtins, "__import__", refuse)
    try:
        with pytest.raises(EngineError, match="native engine needs llvmlite") as caught:
            create_engine("native", toy(), State(toy()), machine.memory, machine.bus)
    finally:
        compiler.llvm.cache_clear()
    assert caught.value.hint is not None
    assert "--engine reference" in caught.value.hint


def test_code_that_llvm_rejects_is_an_error_that_says_so() -> None:
    """Text that is no IR."""
    with pytest.raises(EngineError, match="LLVM rejects"):
        compiler.compile_object("define i32 @f() { ret i64 0 }")


def test_an_engine_by_name_shares_state_with_its_caller() -> None:
    """`create_engine("native", …)` runs on the state that it is given."""
    machine = ToyMachine()
    state = State(toy())
    engine = create_engine("native", toy(), state, machine.memory, machine.bus)
    machine.place(0x100, [encode("branch", a=0, imm=0)])
    state.pc = 0x100
    engine.state_changed()
    assert engine.run(1).retired == 1
    assert state.pc == engine.run(0).pc != 0x100
