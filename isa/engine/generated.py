"""A description's generated module as the reference engine uses it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, ClassVar

import msgspec

from ..model.code import Const, Return
from ..model.items import Description
from .kept import kept_product
from .python_cache import load_generated


class Generated(msgspec.Struct, frozen=True):
    """Python functions by name. Those in `functions` that need state take (cpu, reg) before their own parameters.

    `forms` gives each form's function and the names of the fields that it takes behind (cpu, reg).
    """

    description: Description
    functions: dict[str, Callable[..., Any]]
    forms: dict[str, tuple[Callable[..., Any], tuple[str, ...]]]
    _covering: ClassVar[tuple[set[int], str, Generated] | None] = None
    """The last one that collects what runs: machines are made by the hundred for one collection."""

    @classmethod
    def of(cls, description: Description, coverage: set[int] | None = None) -> Generated:
        """Generates, or takes from the cache. `coverage` collects the packed lines of the statements that run."""
        if coverage is None:
            return kept_product(description.fingerprint, "module", lambda: cls._made(description, "", {}))
        made = cls._covering
        if made is None or made[0] is not coverage or made[1] != description.edition:
            made = coverage, description.edition, cls._made(description, "-coverage", {"cover": coverage.add})
            cls._covering = made
        return made[2]

    @classmethod
    def _made(cls, description: Description, suffix: str, extra: dict[str, object]) -> Generated:
        name = f"{description.core or description.name}{suffix}"
        # Code that collects what runs reports lines of the text.
        key = description.edition if extra else description.fingerprint
        namespace = load_generated(name, key, lambda: _source(description, bool(extra)), extra)
        functions, forms = namespace["FUNCTIONS"], namespace["FORMS"]
        assert isinstance(functions, dict)
        assert isinstance(forms, dict)
        return cls(description, functions, forms)

    def needs_state(self, function: str) -> bool:
        """Whether a function takes (cpu, reg)."""
        return self.functions[function].__code__.co_varnames[:2] == ("cpu", "reg")

    def bind(self, function: str, cpu: object, registers: object) -> Callable[..., Any]:
        """The function without its engine parameters."""
        found = self.functions[function]
        return functools.partial(found, cpu, registers) if self.needs_state(function) else found

    def constant(self, function: str) -> int | None:
        """The number that a function always returns, if its body is just that."""
        body = self.description.functions[function].body
        if len(body) == 1 and isinstance(body[0], Return) and len(body[0].values) == 1:
            value = body[0].values[0]
            if isinstance(value, Const):
                return value.value
        return None


def _source(description: Description, coverage: bool) -> str:
    # Only where something is generated: the writer's modules take a while to load.
    from .python_source import module_source

    return module_source(description, coverage)
