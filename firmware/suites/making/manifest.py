"""Manifests of a built suite, as JSON: `suite.json` for all of it, `tests/NAME.json` for each test.

`tools` and others read them: the schema is `schema()`, written beside them and printed in docs/reference/suites.md.
"""

from __future__ import annotations

from inspect import cleandoc
from typing import Any, Final

import msgspec

from ..definition import ExpectedFailure, Group, Limits, MachineNeeds
from ..oracles.rule import OracleRule
from ..running.loading import Loading
from .case import LeftOut

FORMAT: Final = 1
GENERATOR_VERSION: Final = 2
"""Raised when the same seed makes other tests."""


class StepManifest(msgspec.Struct, frozen=True):
    """A test point: what is checked, and by which rule. Values are hexadecimal texts."""

    title: str
    rule: str
    expected: tuple[dict[str, str], ...]
    """Members `word`, `mask`, `value` and, where there is one, `note`."""
    allowed: dict[str, str]
    """Names and values of the answers that are not excluded; empty: no rule about that."""
    covers: tuple[str, ...]


class CaseManifest(msgspec.Struct, frozen=True):
    """`tests/NAME.json`."""

    format: int
    suite: str
    name: str
    title: str
    tags: tuple[str, ...]
    seed: int
    generator: str
    generator_version: int
    trapline: str
    core: str
    description: str
    """The fingerprint of the core's description."""
    machine: MachineNeeds
    limits: Limits
    elf: str
    source: str
    steps: tuple[StepManifest, ...]


class Entry(msgspec.Struct, frozen=True):
    """A test in `suite.json`; files are named from the suite's folder."""

    name: str
    title: str
    tags: tuple[str, ...]
    steps: int
    covers: tuple[str, ...]
    elf: str
    source: str
    manifest: str
    load: Loading | None = None
    """Of a foreign test: how it is loaded and judged. Its `elf` is an absolute path, empty for a command; it has no
    source and no manifest of its own."""


class SuiteManifest(msgspec.Struct, frozen=True):
    """`suite.json`."""

    format: int
    suite: str
    title: str
    seed: int
    full: bool
    generator: str
    generator_version: int
    trapline: str
    core: str
    description: str
    machine: MachineNeeds
    limits: Limits
    groups: dict[str, Group]
    expected_failures: tuple[ExpectedFailure, ...]
    tests: tuple[Entry, ...]
    left_out: tuple[LeftOut, ...]
    oracles: dict[str, OracleRule] = {}
    """What the suite says of oracles."""

    @property
    def is_foreign(self) -> bool:
        """Whether others made its tests."""
        return any(one.load is not None for one in self.tests)


def foreign_manifest(suite: SuiteManifest, entry: Entry) -> CaseManifest:
    """What there is to know of a foreign test, whose steps nobody has written down."""
    assert entry.load is not None
    board = entry.load.board
    return CaseManifest(
        suite.format,
        suite.suite,
        entry.name,
        entry.title,
        entry.tags,
        suite.seed,
        suite.generator,
        suite.generator_version,
        suite.trapline,
        board.core,
        suite.description,
        MachineNeeds(board.name, board.core, board.memory, board.vcpus, board.threads, (), entry.load.clock_shift),
        entry.load.limits,
        entry.elf,
        "",
        (),
    )


def schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of both."""
    (_, _), components = msgspec.json.schema_components((SuiteManifest, CaseManifest), ref_template="#/$defs/{name}")
    for component in components.values():
        # Some Pythons keep the indentation of docstrings, others do not.
        component["description"] = cleandoc(component.get("description", ""))
    for kind in (SuiteManifest, CaseManifest):
        # What older versions did not write has a default for reading; all of it is written.
        components[kind.__name__]["required"] = list(components[kind.__name__]["properties"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Manifests of a suite that Trapline built",
        "oneOf": [{"$ref": "#/$defs/SuiteManifest"}, {"$ref": "#/$defs/CaseManifest"}],
        "$defs": components,
    }
