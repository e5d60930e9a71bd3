"""The rooms of KVM Book3S HV: levels of a machine that know what is beneath them, no circle of imports."""

from __future__ import annotations

import ast
from pathlib import Path

HOME = Path(__file__).resolve().parents[2] / "server" / "hv" / "book3s"
LEVELS = ("kvm", "saved", "vm", "vcpu", "exits", "thread", "vcore", "partition")
"""From the top. Host, partition, vcpu and vcore are files; what these are made of, and exits, have rooms."""


def _name(path: Path) -> str:
    return ".".join(path.relative_to(HOME).with_suffix("").parts).removesuffix(".__init__")


MODULES = {_name(path): path for path in sorted(HOME.rglob("*.py")) if path != HOME / "__init__.py"}


def _imports(module: str) -> set[str]:
    """Modules of the folder that one imports, for its types alone or anywhere in its code as well."""
    package = MODULES[module].name == "__init__.py"
    inside = module.split(".") if package else module.split(".")[:-1]
    found = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(node, ast.ImportFrom) and 0 < node.level <= len(inside) + 1:
            base = [*inside[: len(inside) - node.level + 1], *(node.module.split(".") if node.module else [])]
            for path in [[*base, alias.name] for alias in node.names]:
                full = ".".join(path)
                found.add(full if full in MODULES else ".".join(path[:-1]))
    return (found & set(MODULES)) - {module}


GRAPH = {module: _imports(module) for module in MODULES}


def test_each_level_knows_what_is_beneath_it_alone() -> None:
    """Also of types: what is above is a protocol that says what is asked of it."""
    assert {module.split(".")[0] for module in MODULES} == set(LEVELS)
    climbs = [
        (module, other)
        for module, others in GRAPH.items()
        for other in others
        if LEVELS.index(other.split(".")[0]) < LEVELS.index(module.split(".")[0])
    ]
    assert climbs == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Taking away again and again who imports nothing that is left, nothing is left."""
    left = dict(GRAPH)
    while leaves := [module for module, others in left.items() if not others & set(left)]:
        for module in leaves:
            del left[module]
    assert left == {}
    assert GRAPH["vm"], "there was something to take away"
