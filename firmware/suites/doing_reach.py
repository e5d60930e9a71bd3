"""What `suite cover` does."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ...isa.command_line import echo
from ...isa.lang.load import load_core
from .places import Asked, built_suite
from .reach.collecting import reach_of
from .reach.told import Covered, covered, told
from .reports.console import Shown


def do_cover(names: Sequence[str], most: int, as_json: bool) -> None:
    """See the command."""
    parts: list[Covered] = []
    for name in names:
        with Shown(name, lambda _: []) as shown:
            suite = built_suite(Asked(name), shown.made)
            reach = reach_of(suite, shown.made)
        if as_json:
            parts += covered(reach, load_core(suite.manifest.core))
            continue
        echo(f"{suite.manifest.suite}: {len(reach.tests)} tests")
        for line in told(reach, load_core(suite.manifest.core), most):
            echo(line)
    if as_json:
        echo(msgspec.json.encode(parts).decode())
