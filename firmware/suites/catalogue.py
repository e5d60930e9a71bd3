"""The suites that come with Trapline, and those that a user's files define."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from ...isa.errors import TraplineError
from .definition import Suite, read_definition

if TYPE_CHECKING:
    from .making.case import Case, LeftOut
    from .making.context import Context

    Generator = Callable[[Context], Iterator[Case | LeftOut]]

SHIPPED: Final = Path(__file__).resolve().parent / "shipped"


def shipped_suites() -> list[Suite]:
    """All that come with Trapline, by name."""
    return [read_definition(path) for path in sorted(SHIPPED.glob("*.toml"))]


def find_suite(name: str) -> Suite:
    """A shipped suite by its name, or one that a TOML file defines.  Raises TraplineError with the closest names."""
    if name.endswith(".toml"):
        return read_definition(Path(name))
    path = SHIPPED / f"{name}.toml"
    if "/" not in name and path.exists():
        return read_definition(path)
    from ...isa.lang.tree.diagnostics import did_you_mean

    names = [one.stem for one in sorted(SHIPPED.glob("*.toml"))]
    raise TraplineError(
        f"there is no suite '{name}'",
        did_you_mean(name, names) or f"suites: {', '.join(names)}; or name a suite's .toml file, or a built suite",
    )


def generator_of(suite: Suite) -> Generator:
    """The function that yields the suite's cases.  Raises TraplineError."""
    module_name, _, function = suite.generator.rpartition(":")
    if not module_name:
        raise TraplineError(
            f"suite {suite.name}: '{suite.generator}' names no generator", "write MODULE:FUNCTION or FILE.py:FUNCTION"
        )
    try:
        if module_name.endswith(".py"):
            module = _module_at(Path(suite.folder) / module_name)
        else:
            module = importlib.import_module(module_name)
    except (ImportError, OSError, SyntaxError) as error:
        raise TraplineError(
            f"suite {suite.name}: its generator cannot be loaded: {error}", f"see {module_name}"
        ) from error
    found = getattr(module, function, None)
    if not callable(found):
        raise TraplineError(f"suite {suite.name}: {module_name} has no function '{function}'", "see [suite] generator")
    return cast("Generator", found)


def _module_at(path: Path) -> object:
    name = f"trapline_suite_{path.stem}"
    specification = importlib.util.spec_from_file_location(name, path)
    if specification is None or specification.loader is None:
        raise ImportError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    specification.loader.exec_module(module)
    return module
