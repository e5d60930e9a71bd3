"""Claims about the shape of the house: what is shipped, which way imports go, how long files are."""

import ast
import fnmatch
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
FLOORS = ("isa", "asmgen", "server", "firmware", "tools")
APART = (("rsp", "machine"), ("machine", "rsp"))
NOT_SHIPPED = {"tests", "docs", "editors", "build", "dist"}
SHIPPED_DATA = {".c", ".isa", ".lark", ".s"}
LONGEST_FILE = 350


def _files(*, with_tests: bool = False) -> Iterator[Path]:
    """Yield the project's own files, relative to the checkout, without hidden and built ones."""
    for path in sorted(ROOT.rglob("*")):
        relative = path.relative_to(ROOT)
        top = relative.parts[0]
        if any(part.startswith(".") or part == "__pycache__" for part in relative.parts):
            continue
        if top in NOT_SHIPPED and not (with_tests and top == "tests"):
            continue
        if path.is_file() and not any(part.endswith(".egg-info") for part in relative.parts):
            yield relative


def _setuptools() -> dict[str, Any]:
    settings: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    return settings


def _package_of(path: Path) -> str:
    return ".".join(("trapline", *path.parent.parts))


def _sources() -> list[Path]:
    return [path for path in _files() if path.suffix == ".py"]


def _imports(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (line, absolute name) for each trapline module that a source file imports, at any depth."""
    package = _package_of(path).split(".")
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.Import):
            names = (alias.name for alias in node.names)
            yield from ((node.lineno, name) for name in names if name.split(".")[0] == "trapline")
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = [*base, *(node.module.split(".") if node.module else [])]
            if module[0] == "trapline":
                # `from .. import server` names the module last, `from ..server import x` before.
                yield from ((node.lineno, ".".join([*module, alias.name])) for alias in node.names)


def _climbs(path: Path, imported: str) -> bool:
    here, there = path.parts[0], imported.split(".")[1]
    return here in FLOORS and there in FLOORS and FLOORS.index(there) > FLOORS.index(here)


def _crosses(path: Path, imported: str) -> bool:
    parts = imported.split(".")
    return any(path.parts[:2] == ("server", here) and parts[1:3] == ["server", there] for here, there in APART)


def test_every_package_folder_is_listed_in_pyproject() -> None:
    """A folder with code or shipped data that pyproject.toml does not list would be missing in the wheel."""
    listed = set(_setuptools()["packages"])
    shipped = {path for path in _files() if path.suffix == ".py" or path.suffix in SHIPPED_DATA}
    assert {_package_of(path) for path in shipped} - listed == set()


def test_every_listed_package_exists() -> None:
    """A package that pyproject.toml lists but that is not there would make the build fail."""
    folders = {name: ROOT.joinpath(*name.split(".")[1:]) for name in _setuptools()["packages"]}
    assert [name for name, folder in folders.items() if not folder.is_dir()] == []


def test_every_data_file_is_shipped() -> None:
    """Each file that is neither Python nor at the top is covered by a package-data pattern."""
    patterns = _setuptools()["package-data"]["*"]
    exempt = {Path("tools/setup/debian.sh")}  # used from a checkout, before anything is installed
    forgotten = [
        path
        for path in _files()
        if path.suffix != ".py" and len(path.parts) > 1 and path not in exempt
        if not any(fnmatch.fnmatch(path.name, pattern) for pattern in patterns)
    ]
    assert forgotten == []


@pytest.mark.parametrize("path", _sources(), ids=str)
def test_imports_never_go_up(path: Path) -> None:
    """A lower floor never imports a higher one: isa, asmgen, server, firmware, tools."""
    assert [f"{path}:{line}: {name}" for line, name in _imports(path) if _climbs(path, name)] == []


@pytest.mark.parametrize("path", _sources(), ids=str)
def test_rsp_and_machine_do_not_know_each_other(path: Path) -> None:
    """server/rsp and server/machine do not import each other: server joins them."""
    assert [f"{path}:{line}: {name}" for line, name in _imports(path) if _crosses(path, name)] == []


@pytest.mark.parametrize(
    ("path", "source", "name"),
    [
        ("isa/lang/cli.py", "from ...server.rsp import packets", "trapline.server.rsp.packets"),
        ("asmgen/cli.py", "def f():\n    from .. import firmware", "trapline.firmware"),
        ("server/x.py", "import trapline.tools.cli", "trapline.tools.cli"),
    ],
)
def test_an_import_that_climbs_is_seen(
    path: str, source: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The floor test itself fails on relative, nested and absolute imports of a higher floor."""
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text(source)
    found = [imported for _, imported in _imports(Path(path))]
    assert found == [name]
    assert _climbs(Path(path), name)


def test_an_import_between_rsp_and_machine_is_seen() -> None:
    """The test on server/rsp and server/machine fails in both directions, and not inside one of them."""
    assert _crosses(Path("server/rsp/session.py"), "trapline.server.machine.bus")
    assert _crosses(Path("server/machine/bus.py"), "trapline.server.rsp")
    assert not _crosses(Path("server/rsp/session.py"), "trapline.server.rsp.packets")


def test_no_source_file_is_too_long() -> None:
    """A file that outgrows one idea is split: none is longer than 350 lines."""
    texts = [path for path in _files(with_tests=True) if path.suffix in {".py", *SHIPPED_DATA}]
    lengths = {str(path): len((ROOT / path).read_text().splitlines()) for path in texts}
    assert {path: length for path, length in lengths.items() if length > LONGEST_FILE} == {}


def test_starting_the_command_line_imports_nothing_heavy() -> None:
    """`trapline --help` must answer at once, so building the application loads neither LLVM nor Lark."""
    program = (
        "import sys; from trapline.__main__ import build_app; build_app();"
        "print(sorted({'llvmlite', 'lark', 'msgspec', 'elftools', 'pygls'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_package_is_importable_whatever_the_checkout_is_called(tmp_path: Path) -> None:
    """From any working directory, `trapline` is this checkout."""
    program = "import trapline; print(trapline.__file__)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert Path(done.stdout.strip()).resolve() == ROOT / "__init__.py"


def test_a_missing_oracle_has_one_way_to_be_told() -> None:
    """Tests ask `tests/oracle/require.py` for foreign tools, which fails under CI: nothing looks green by a skip."""
    allowed = {"tests/oracle/require.py", "tests/test_packaging.py"}
    texts = {str(path): (ROOT / path).read_text() for path in _files(with_tests=True) if path.parts[0] == "tests"}
    found = [path for path, text in texts.items() if re.search(r"shutil\.which|importorskip", text)]
    assert set(found) <= allowed


def test_version_bounds_let_later_patch_releases_in() -> None:
    """Each dependency has a lower bound, and takes what comes behind it with the same major and minor number."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    for text in wanted:
        requirement = Requirement(text)
        lowest = next(Version(one.version) for one in requirement.specifier if one.operator == ">=")
        later = f"{lowest.major}.{lowest.minor}.{lowest.micro + 99}"
        assert requirement.specifier.contains(later), text


def test_classifiers_name_the_pythons_that_are_tested() -> None:
    """From the oldest one that is taken on; `make test-pythons` runs under the others."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    prefix = "Programming Language :: Python :: "
    named = [one.removeprefix(prefix) for one in project["classifiers"] if one.startswith(f"{prefix}3.")]
    assert named == ["3.11", "3.12", "3.13"]
    assert project["requires-python"] == f">={named[0]}"
    assert "PYTHONS ?= " + " ".join(f"python{one}" for one in named[1:]) in (ROOT / "Makefile").read_text()
