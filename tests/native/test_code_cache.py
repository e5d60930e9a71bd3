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

from trapline.isa.cache_files import KEPT
from trapline.isa.engine.create import create_engine
from trapline.isa.engine.errors import EngineError
from trapline.isa.engine.native.building import code_cache, compiler
from trapline.isa.engine.state import State

from ..engine.toy import ToyMachine, encode, toy


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and nothing loaded."""
    monkeypatch.setenv("TRAPLINE_CACHE", str(tmp_path))
    monkeypatch.setattr(code_cache, "_loaded", {})
    return tmp_path


def entry(folder: Path) -> Path:
    """The one entry of native code."""
    (found,) = folder.glob("*.native")
    return found


def test_the_second_time_nothing_is_compiled(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first build tells of its progress; a later process takes the entry."""
    told: list[str] = []
    code_cache.native_code(toy(), lambda what, done, total: told.append(what))
    assert set(told) == {"writing native code", "compiling native code"}
    monkeypatch.setattr(code_cache, "_loaded", {})
    told.clear()
    code_cache.native_code(toy(), lambda what, done, total: told.append(what))
    assert not told
    assert entry(cache).stat().st_size > 1000


def test_entries_of_another_format_are_none(cache: Path) -> None:
    """They may lie there from another version, which finds them unharmed."""
    code_cache.native_code(toy())
    own = entry(cache)
    other = own.with_name(f"{own.name.rsplit('-', 1)[0]}-{'0' * 24}.native")
    payload = b"\x02\0\0\0{}"
    other.write_bytes(hashlib.sha256(payload).digest() + payload)
    own.unlink()
    code_cache._loaded.clear()
    assert set(code_cache.native_code(toy()).handlers) == set(toy().forms)
    assert other.exists()


@pytest.mark.parametrize("damage", ["cut", "flip", "empty"])
def test_a_damaged_entry_is_made_again(cache: Path, monkeypatch: pytest.MonkeyPatch, damage: str) -> None:
    """Cut short, with a bit changed, or empty: the code runs all the same."""
    code_cache.native_code(toy())
    path = entry(cache)
    whole = path.read_bytes()
    half = len(whole) // 2
    damaged = {"cut": whole[:half], "flip": whole[:half] + bytes([whole[half] ^ 1]) + whole[half + 1 :], "empty": b""}
    path.write_bytes(damaged[damage])
    monkeypatch.setattr(code_cache, "_loaded", {})
    code = code_cache.native_code(toy())
    assert set(code.handlers) == set(toy().forms)
    monkeypatch.setattr(code_cache, "_build", lambda *_: pytest.fail("the entry was not put right"))
    monkeypatch.setattr(code_cache, "_loaded", {})
    code_cache.native_code(toy())


def test_another_emitter_or_processor_is_another_entry(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key holds the toolchain; who goes back finds what was made before."""
    code_cache.native_code(toy())
    before = entry(cache)
    own = compiler.toolchain
    monkeypatch.setattr(code_cache, "toolchain", lambda: "another one")
    monkeypatch.setattr(code_cache, "_loaded", {})
    code_cache.native_code(toy())
    assert {path for path in cache.glob("*.native") if path != before}
    monkeypatch.setattr(code_cache, "toolchain", own)
    monkeypatch.setattr(code_cache, "_loaded", {})
    monkeypatch.setattr(code_cache, "_build", lambda *_: pytest.fail("the entry was made again"))
    code_cache.native_code(toy())


def test_of_many_entries_those_that_were_used_last_stay(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is asked for again and again is not pushed out by versions that were tried once."""
    code_cache.native_code(toy())
    first = entry(cache)
    built = code_cache._build(toy(), None, False, {})
    monkeypatch.setattr(code_cache, "_build", lambda *_: built)
    own = compiler.toolchain
    for number in range(KEPT + 2):
        os.utime(first, (number, number))
        for version in (own(), f"version {number}"):
            monkeypatch.setattr(code_cache, "toolchain", partial(str, version))
            monkeypatch.setattr(code_cache, "_loaded", {})
            code_cache.native_code(toy())
    kept = list(cache.glob("*.native"))
    assert len(kept) == KEPT
    assert first in kept


def test_two_processes_that_build_at_once_do_not_clash(cache: Path) -> None:
    """Both end well, and one whole entry is left."""
    program = (
        "from tests.engine.toy import toy; from trapline.isa.engine.native.building.code_cache import native_code;"
        "print(len(native_code(toy()).handlers))"
    )
    root = Path(__file__).resolve().parents[2]
    running = [
        subprocess.Popen([sys.executable, "-c", program], cwd=root, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    answers = [process.communicate(timeout=50)[0].strip() for process in running]
    assert answers == [str(len(toy().forms))] * 2
    assert entry(cache).exists()


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
