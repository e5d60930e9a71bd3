"""Claims about our modules' code in the cache directory: a start finds it there, and believes it only if it fits."""

from __future__ import annotations

import importlib
import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from trapline.isa.kept_modules import KeptModules

_numbers = itertools.count()
MODULES = 10


class Package:
    """One of ten modules, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.name = f"kept_package_{next(_numbers)}"
        self.root = folder / self.name
        self.file = folder / "cache" / "some.modules"
        (self.root / "inner").mkdir(parents=True)
        (self.root / "__init__.py").touch()
        (self.root / "inner" / "__init__.py").write_text("VALUE = 'inner'\n")
        for number in range(MODULES):
            (self.root / "inner" / f"m{number}.py").write_text(f"VALUE = {number}\n")

    def start(self) -> tuple[int, list[object]]:
        """What a process does: the modules that Python had to find, and the values of all."""
        for name in [name for name in sys.modules if name.startswith(self.name)]:
            del sys.modules[name]
        importlib.invalidate_caches()
        modules = KeptModules(self.name, self.root, self.file)
        sys.meta_path.insert(0, modules)
        try:
            values = [
                importlib.import_module(f"{self.name}.inner{name}").VALUE
                for name in ("", *(f".m{number}" for number in range(MODULES)))
            ]
        finally:
            sys.meta_path.remove(modules)
        modules.keep()
        return modules.missed, values


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Package]:
    monkeypatch.syspath_prepend(str(tmp_path))
    made = Package(tmp_path)
    yield made
    for name in [name for name in sys.modules if name.startswith(made.name)]:
        del sys.modules[name]


EXPECTED = ["inner", *range(MODULES)]


def test_a_second_start_finds_all_modules_in_one_file(package: Package) -> None:
    """They do what they did, and know where their sources are."""
    assert package.start() == (MODULES + 1, EXPECTED)
    assert package.start() == (0, EXPECTED)
    module = sys.modules[f"{package.name}.inner.m3"]
    assert module.__file__ == str(package.root / "inner" / "m3.py")
    assert sys.modules[f"{package.name}.inner"].__path__ == [str(package.root / "inner")]


def test_an_edited_module_is_what_was_written(package: Package) -> None:
    """One that has the same size, too; the others are found as before."""
    package.start()
    path = package.root / "inner" / "m3.py"
    path.write_text("VALUE = 7\n")
    os.utime(path, ns=(1, 1))
    missed, values = package.start()
    assert values == [*EXPECTED[:4], 7, *EXPECTED[5:]]
    assert missed == 1


@pytest.mark.parametrize("harm", ["cut", "index", "code", "other", "empty"])
def test_a_damaged_file_counts_as_absent(package: Package, harm: str) -> None:
    """Python finds the modules then, and the file is whole again behind that, unless little was harmed."""
    package.start()
    whole = package.file.read_bytes()
    harmed = {
        "cut": whole[:60],
        "index": whole[:40] + bytes([whole[40] ^ 1]) + whole[41:],
        "code": whole[:-20] + bytes([whole[-20] ^ 64]) + whole[-19:],
        "other": b"something else",
        "empty": b"",
    }
    package.file.write_bytes(harmed[harm])
    missed, values = package.start()
    assert values == EXPECTED
    assert missed == (1 if harm == "code" else MODULES + 1)
    if harm != "code":
        assert package.file.read_bytes()[:100] == whole[:100]


def test_a_command_finds_its_modules_the_second_time(tmp_path: Path) -> None:
    """Those of `trapline asm`, whose file is made at the first one's end; a traceback still shows sources."""
    program = "import sys; sys.argv[:] = ['trapline', 'asm', '--help']; from trapline.__main__ import entry; entry()"
    environment = {**os.environ, "TRAPLINE_CACHE": str(tmp_path)}
    command = [sys.executable, "-v", "-c", program]
    said = [subprocess.run(command, env=environment, capture_output=True, text=True, check=True) for _ in range(2)]
    assert said[0].stdout == said[1].stdout
    assert len(list(tmp_path.glob("*.modules"))) == 1
    found = [sum("/isa/command_line/" in line or "/asmgen/" in line for line in one.stderr.splitlines()
                 if "code object from" in line or "matches" in line) for one in said]  # fmt: skip
    assert found[0] > found[1]
