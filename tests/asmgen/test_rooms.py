"""Claims about the rooms of the assembler: which stands on which, no circles, files of one idea."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "asmgen"
ROOMS = ("text", "expressions", "target", "expansion", "instructions", "layout", "directives", "objects", "relocatable",
         "outputs", "linking", "catalog", "disassembly")
LONGEST = 300
MOST_FILES = 20


def _name(path: Path) -> str:
    """A module of the folder, dotted: `text.source`; a room or the folder itself for an `__init__`."""
    return ".".join(path.relative_to(FOLDER).with_suffix("").parts).removesuffix("__init__").removesuffix(".")


MODULES = {_name(path): path for path in sorted(FOLDER.rglob("*.py"))}


def _imports(module: str, text: str, package: bool) -> set[str]:
    """The modules of the folder that a source imports, at any depth of its code."""
    inside = ["trapline", "asmgen", *module.split(".")] if module else ["trapline", "asmgen"]
    here = inside if package else inside[:-1]
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            wanted = [alias.name.split(".") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = here[: len(here) - node.level + 1] if node.level else []
            base = [*base, *(node.module.split(".") if node.module else [])]
            wanted = [[*base, alias.name] for alias in node.names]
        else:
            continue
        for path in wanted:
            if path[:2] == ["trapline", "asmgen"]:
                # `from .source import Source` names a module and something in it, `from . import source` the module.
                full = ".".join(path[2:])
                found.add(full if full in MODULES else ".".join(path[2:-1]))
    return found - {module}


GRAPH = {name: _imports(name, path.read_text(), path.name == "__init__.py") for name, path in MODULES.items()}


def _floor(module: str) -> int:
    """The place of a module's room in the order; the top comes last."""
    room = module.split(".")[0]
    return ROOMS.index(room) if room in ROOMS else len(ROOMS)


def _circle(graph: dict[str, set[str]]) -> list[str]:
    """A circle of imports, or nothing."""
    done: set[str] = set()

    def walk(module: str, trail: list[str]) -> list[str]:
        if module in trail:
            return [*trail[trail.index(module) :], module]
        if module in done:
            return []
        for other in sorted(graph.get(module, ())):
            if found := walk(other, [*trail, module]):
                return found
        done.add(module)
        return []

    return next((found for module in sorted(graph) if (found := walk(module, []))), [])


def test_every_folder_is_a_room_of_the_order() -> None:
    """A room that the order does not name would be checked by nothing."""
    assert {name.split(".")[0] for name in MODULES if "." in name} == set(ROOMS)


@pytest.mark.parametrize("module", MODULES, ids=lambda name: name or "asmgen")
def test_no_room_imports_one_that_stands_on_it(module: str) -> None:
    """Imports go down the order of the rooms, or stay inside one; the top may import every room."""
    assert [other for other in sorted(GRAPH[module]) if _floor(other) > _floor(module)] == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Not inside a room, and not at the top, where the face knows everything and nothing imports the face."""
    assert _circle(GRAPH) == []


def test_a_circle_and_a_climb_are_seen() -> None:
    """The tests above fail on a circle, however the modules name each other, and on an import of a higher room."""
    climbing = _imports("text.source", "def f():\n    from ..layout import sections", False)
    assert climbing == {"layout.sections"}
    assert _floor("layout.sections") > _floor("text.source")
    back = _imports("layout.sections", "from trapline.asmgen.text.source import Source", False)
    assert _circle({"text.source": climbing, "layout.sections": back}) == [
        "layout.sections", "text.source", "layout.sections"]


def test_files_are_short() -> None:
    """One idea a file: none is longer than 300 lines."""
    lengths = {name: len(path.read_text().splitlines()) for name, path in MODULES.items()}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_a_folder_holds_what_can_be_seen_at_once() -> None:
    """No room has more than 20 files beside its face: what has more gets rooms of its own."""
    files = Counter(path.parent for path in MODULES.values() if path.name != "__init__.py")
    assert {str(folder.relative_to(FOLDER)): count for folder, count in files.items() if count > MOST_FILES} == {}
