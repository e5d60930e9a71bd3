"""The rooms of a folder of the package: which modules import which, and what is wrong with that."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
LONGEST = 300
MOST_FILES = 20


class Rooms:
    """A folder (`asmgen`), its rooms from the ground, and the imports among its modules.

    Module names are dotted, from the folder on: `text.source`; the folder itself is "".
    """

    def __init__(self, folder: str, order: tuple[str, ...]) -> None:
        self.folder = PACKAGE / folder
        self.order = order
        self._inside = ["trapline", *Path(folder).parts]
        self.modules = {self._name(path): path for path in sorted(self.folder.rglob("*.py"))}
        self.graph = {
            name: self.imports(name, path.read_text(), path.name == "__init__.py")
            for name, path in self.modules.items()
        }

    def _name(self, path: Path) -> str:
        return ".".join(path.relative_to(self.folder).with_suffix("").parts).removesuffix("__init__").removesuffix(".")

    def imports(self, module: str, text: str, package: bool) -> set[str]:
        """The modules of the folder that a source imports, at any depth of its code."""
        inside = [*self._inside, *module.split(".")] if module else self._inside
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
            depth = len(self._inside)
            for path in wanted:
                if path[:depth] == self._inside:
                    # `from .source import Source` names a module and something in it, `from . import source` a
                    # module alone.
                    full = ".".join(path[depth:])
                    found.add(full if full in self.modules else ".".join(path[depth:-1]))
        return found - {module}

    def floor(self, module: str) -> int:
        """The place of a module's room in the order; the top comes last."""
        room = module.split(".")[0]
        return self.order.index(room) if room in self.order else len(self.order)

    def climbs(self, module: str) -> list[str]:
        """What a module imports of rooms that stand on its own."""
        return [other for other in sorted(self.graph[module]) if self.floor(other) > self.floor(module)]

    def unordered(self) -> set[str]:
        """Rooms that are not in the order, and names of the order that are no rooms."""
        inside = (name for name, path in self.modules.items() if path.parent != self.folder)
        return {name.split(".")[0] for name in inside} ^ set(self.order)

    def too_long(self) -> dict[str, int]:
        """The files of more than 300 lines."""
        lengths = {name: len(path.read_text().splitlines()) for name, path in self.modules.items()}
        return {name: length for name, length in lengths.items() if length > LONGEST}

    def too_full(self) -> dict[str, int]:
        """The folders of more than 20 files beside their face."""
        files = Counter(path.parent for path in self.modules.values() if path.name != "__init__.py")
        return {str(folder.relative_to(self.folder)): count for folder, count in files.items() if count > MOST_FILES}


def circle(graph: dict[str, set[str]]) -> list[str]:
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
