"""Claims about our own linker: what it makes runs like what LLVM links, and it never takes what it does not know."""

from __future__ import annotations

import contextlib
import ctypes
import platform
import random
from pathlib import Path

import pytest

from trapline.isa.engine.create import create_engine
from trapline.isa.engine.native.building import code_cache, linking, make
from trapline.isa.engine.native.building.compiler import LoadedObject, compile_object
from trapline.isa.engine.native.building.image import LoadedImage
from trapline.isa.engine.native.building.linking import CannotLinkError, link
from trapline.isa.engine.state import State

from ..engine.toy import ToyMachine, encode, toy

HERE = platform.machine() == "x86_64"

FIRST = """
@table = constant [2 x ptr] [ptr @twice, ptr @outside]
@counter = global i64 5
@numbers = internal constant [4 x i32] [i32 3, i32 1, i32 4, i32 1]
declare i64 @outside(i64)
declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)
define i64 @twice(i64 %x) { %r = mul i64 %x, 2 ret i64 %r }
define i64 @run(i64 %x) {
  %wanted = and i64 %x, 3
  %place = getelementptr i32, ptr @numbers, i64 %wanted
  %number = load i32, ptr %place
  %wide = zext i32 %number to i64
  %called = call i64 @outside(i64 %wide)
  %old = load i64, ptr @counter
  %new = add i64 %old, %called
  store i64 %new, ptr @counter
  ret i64 %new
}
define void @fill(ptr %at, i64 %size) {
  call void @llvm.memset.p0.i64(ptr %at, i8 170, i64 %size, i1 false)
  ret void
}
"""
SECOND = """
@counter = external global i64
@zeros = global [100 x i8] zeroinitializer
declare i64 @twice(i64)
define i64 @outside(i64 %x) {
  %counter = load i64, ptr @counter
  %double = call i64 @twice(i64 %x)
  %sum = add i64 %double, %counter
  ret i64 %sum
}
define double @half(double %x) { %r = fmul double %x, 5.0e-1 ret double %r }
"""
SYMBOLS = ("table", "counter", "run", "fill", "zeros", "half")

pytestmark = pytest.mark.skipif(not HERE, reason="our linker is for x86-64; elsewhere LLVM's is used")


@pytest.fixture(scope="module")
def objects() -> list[bytes]:
    """Two that refer to each other, to data, to tables, and to a function of the C library."""
    return [compile_object(FIRST), compile_object(SECOND)]


def _behaviour(code: LoadedImage | LoadedObject) -> tuple[object, ...]:
    """All that the code can be seen to do."""
    run = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64)(code.address("run"))
    half = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(code.address("half"))
    fill = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64)(code.address("fill"))
    room = ctypes.create_string_buffer(5000)
    fill(ctypes.addressof(room), 4999)
    calls = [ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64)(at)(7) for at in code.pointers("table", 2)]
    results = [run(number) for number in range(5)]
    return room.raw, calls, results, code.bytes_at("counter", 8), code.bytes_at("zeros", 100), half(3.0)


def test_an_image_does_what_llvm_would_link(objects: list[bytes]) -> None:
    """Calls and data across objects, pointers in tables, functions of the process; also a second copy of its own."""
    theirs = _behaviour(LoadedObject("as-llvm-links", objects, SYMBOLS))
    image = link(objects, SYMBOLS)
    first, second = LoadedImage(image), LoadedImage(image)
    assert _behaviour(first) == theirs
    assert _behaviour(second) == theirs


def test_code_cannot_be_written(objects: list[bytes]) -> None:
    """Its pages are read and executed only; what is written lies behind them."""
    image = link(objects, SYMBOLS)
    loaded = LoadedImage(image)
    maps = Path("/proc/self/maps").read_text()
    at = loaded.address("run")
    (line,) = (line for line in maps.splitlines() if _spans(line, at))
    assert line.split()[1] == "r-xp"
    assert image.symbols["counter"] >= image.code_size > image.symbols["run"]


def _spans(line: str, address: int) -> bool:
    first, last = (int(word, 16) for word in line.split()[0].split("-"))
    return first <= address < last


def test_damaged_objects_are_not_linked_and_raise_nothing_else(objects: list[bytes]) -> None:
    """Cut off anywhere, or with bytes changed in headers and tables: CannotLinkError, or an image."""
    seeded = random.Random(7)
    for _ in range(300):
        raw = bytearray(objects[0])
        if seeded.random() < 0.4:
            del raw[seeded.randrange(len(raw)) :]
        else:
            for _ in range(seeded.randrange(1, 4)):
                at = seeded.choice([seeded.randrange(64), seeded.randrange(len(raw) // 2, len(raw))])
                raw[at] = seeded.randrange(256)
        with contextlib.suppress(CannotLinkError):
            link([bytes(raw), objects[1]], SYMBOLS)


@pytest.mark.parametrize(
    ("extra", "reason"),
    [("define i64 @twice(i64 %x) { ret i64 %x }", "defined twice"), ("@run = global i64 1", "defined twice")],
)
def test_two_definitions_are_refused(objects: list[bytes], extra: str, reason: str) -> None:
    """As every linker does."""
    with pytest.raises(CannotLinkError, match=reason):
        link([*objects, compile_object(extra)], SYMBOLS)


def test_a_symbol_that_is_nowhere_is_refused(objects: list[bytes]) -> None:
    """The one that is asked for."""
    with pytest.raises(CannotLinkError, match="nowhere"):
        link(objects, ("nowhere",))


def test_where_our_linker_gives_up_llvm_links(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Parts then have no image; they are read again and linked again, and the code does the same."""

    def refuse(*_: object) -> linking.Image:
        raise CannotLinkError("another processor")

    monkeypatch.setenv("TRAPLINE_CACHE", str(tmp_path))
    monkeypatch.setattr(make, "link", refuse)
    for _ in range(2):
        monkeypatch.setattr(code_cache, "_loaded", {})
        code = code_cache.native_code(toy())
        code.complete()
        assert set(code.handlers) == set(toy().forms)
        monkeypatch.setattr(make.Maker, "make", lambda *_: pytest.fail("a part was made again"))
    machine = ToyMachine()
    engine = create_engine("native", toy(), State(toy()), machine.memory, machine.bus)
    machine.place(0x100, [encode("branch", a=0, imm=0)])
    engine.state.pc = 0x100
    engine.state_changed()
    assert engine.run(3).steps == 3


def test_what_an_image_lacks_is_found_outside(objects: list[bytes]) -> None:
    """Functions and data of another image, which is there already."""
    whole = LoadedImage(link(objects))
    ctypes.c_int64.from_address(whole.address("counter")).value = 100
    other = LoadedImage(link(objects[1:]), whole.symbols)
    assert "twice" not in other.symbols
    assert ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64)(other.address("outside"))(4) == 108
