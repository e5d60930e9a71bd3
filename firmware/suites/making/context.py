"""What a generator is given: the description, its catalog, the suite's options, and the one source of chance."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from ....asmgen import Catalog, DescribedTarget, target_for
from ....isa.errors import TraplineError
from ....isa.lang.load import load_core
from ....isa.model.items import Description
from ..definition import Suite
from .rules import Rules


@cache
def _loaded(core: str, changes: tuple[str, ...], stamps: tuple[int, ...]) -> Description:
    """Read once a process, unless a file has changed since."""
    return load_core(core, None, tuple(Path(one) for one in changes))


@dataclass
class Context:
    """For one generation. Everything that a generator draws comes from `source`, so a seed makes the same suite again.

    `full`: values are crossed fully, not pairwise. `weights` raise how much is made of an item, by its name; 1 is
    usual (`suite generate --steer` sets them by what runs have not reached).
    """

    suite: Suite
    seed: int
    full: bool = False
    weights: dict[str, float] = field(default_factory=dict)
    changes: tuple[str, ...] = ()
    only: tuple[str, ...] = ()

    @cached_property
    def description(self) -> Description:
        """The core's."""
        stamps = tuple(Path(one).stat().st_mtime_ns for one in self.changes if Path(one).exists())
        found = _loaded(self.suite.machine.core, self.changes, stamps)
        missing = [one for one in self.suite.machine.features if one not in found.features]
        if missing:
            raise TraplineError(
                f"suite {self.suite.name} needs {', '.join(missing)}, which {found.core} does not have",
                "name another core under [machine]",
            )
        return found

    @cached_property
    def target(self) -> DescribedTarget:
        """The assembler's side of the core."""
        return target_for(self.description)

    @cached_property
    def catalog(self) -> Catalog:
        """Its instructions."""
        return Catalog(self.target)

    @cached_property
    def rules(self) -> Rules:
        """Books and sections."""
        return Rules(self.description)

    @property
    def options(self) -> dict[str, Any]:
        """What stands under [options]."""
        return self.suite.options

    def source(self, name: str) -> random.Random:
        """The source of chance of one item: another item more or less changes nothing about it."""
        return random.Random(f"{self.seed}/{self.suite.name}/{name}")

    def wants(self, name: str) -> bool:
        """Whether anybody asks for the case of that name: a generator need not make others, but may."""
        return not self.only or name in self.only

    def weight(self, name: str) -> float:
        """How much is to be made of an item."""
        return self.weights.get(name, 1.0)
