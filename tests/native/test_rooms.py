"""The rooms of the native engine: each uses those beneath it, through what their `__init__` offers."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from trapline.isa.engine import native

HOME = Path(native.__file__).parent
ROOMS = (
    *("shared", "text", "floats", "bodies", "memory", "handlers", "building"),
    *("copies", "regions", "stencils", "units", "tier", "running"),
)
FILES = [path for room in ROOMS for path in sorted((HOME / room).glob("*.py"))]


def imports(path: Path) -> list[tuple[int, str]]:
    """The relative imports of a file: how many dots, and from where."""
    found = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)]
    return [(node.level, node.module or "") for node in found if node.level]


def test_every_folder_is_a_room() -> None:
    """No folder and no module stands beside the rooms."""
    assert {path.parent.name for path in HOME.glob("*/*.py")} == set(ROOMS)
    assert [path.name for path in HOME.glob("*.py")] == ["__init__.py"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_room_uses_the_faces_of_those_beneath(path: Path) -> None:
    """An import from another room names that room alone, and one that stands before its own."""
    own = ROOMS.index(path.parent.name)
    for room in (module for dots, module in imports(path) if dots == 2):
        assert room in ROOMS[:own], f"{path.parent.name}/{path.name} imports {room}"


@pytest.mark.parametrize("room", ROOMS)
def test_the_files_of_a_room_form_no_circle(room: str) -> None:
    """Whoever reads one knows what is beneath it, types included."""
    uses = {
        path.stem: {module for dots, module in imports(path) if dots == 1 and module}
        for path in sorted((HOME / room).glob("*.py")) if path.stem != "__init__"
    }  # fmt: skip
    beneath: set[str] = set()
    while uses.keys() - beneath:
        free = {name for name in uses.keys() - beneath if uses[name] <= beneath}
        assert free, f"a circle in {room}: {sorted(uses.keys() - beneath)}"
        beneath |= free
