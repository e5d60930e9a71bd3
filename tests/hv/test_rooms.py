"""The rooms of KVM Book3S HV and KVM/Arm: levels of a machine that know what is beneath them, no circle of imports."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

HYPERVISORS = Path(__file__).resolve().parents[2] / "server" / "hv"
HOME = HYPERVISORS / "book3s"
LEVELS = ("kvm", "saved", "vm", "vcpu", "exits", "thread", "vcore", "partition")
"""From the top. Host, partition, vcpu and vcore are files; what these are made of, and exits, have rooms."""


def _graph(home: Path) -> dict[str, set[str]]:
    """By module of a folder: the others that it imports, for its types alone or anywhere in its code as well."""
    modules = {
        ".".join(path.relative_to(home).with_suffix("").parts).removesuffix(".__init__"): path
        for path in sorted(home.rglob("*.py"))
        if path != home / "__init__.py"
    }
    return {module: _imports(module, modules) for module in modules}


def _imports(module: str, modules: dict[str, Path]) -> set[str]:
    package = modules[module].name == "__init__.py"
    inside = module.split(".") if package else module.split(".")[:-1]
    found = set()
    for node in ast.walk(ast.parse(modules[module].read_text())):
        if isinstance(node, ast.ImportFrom) and 0 < node.level <= len(inside) + 1:
            base = [*inside[: len(inside) - node.level + 1], *(node.module.split(".") if node.module else [])]
            for path in [[*base, alias.name] for alias in node.names]:
                full = ".".join(path)
                found.add(full if full in modules else ".".join(path[:-1]))
    return (found & set(modules)) - {module}


GRAPH = _graph(HOME)


def test_each_level_knows_what_is_beneath_it_alone() -> None:
    """Also of types: what is above is a protocol that says what is asked of it."""
    assert {module.split(".")[0] for module in GRAPH} == set(LEVELS)
    climbs = [
        (module, other)
        for module, others in GRAPH.items()
        for other in others
        if LEVELS.index(other.split(".")[0]) < LEVELS.index(module.split(".")[0])
    ]
    assert climbs == []


@pytest.mark.parametrize("hypervisor", ["book3s", "arm"])
def test_no_modules_import_each_other_in_a_circle(hypervisor: str) -> None:
    """Taking away again and again who imports nothing that is left, nothing is left."""
    graph = _graph(HYPERVISORS / hypervisor)
    left = dict(graph)
    while leaves := [module for module, others in left.items() if not others & set(left)]:
        for module in leaves:
            del left[module]
    assert left == {}
    assert graph["vm"], "there was something to take away"
