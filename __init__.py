"""Trapline: described CPU cores and hypervisor models behind a GDB server.

The public API, for programs (docs/guide/python.md). Each name is imported when it is first used: `import trapline`
itself costs nothing.
"""

from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from .isa.errors import TraplineError as TraplineError
    from .server.api import Machine as Machine
    from .server.api import Snapshot as Snapshot
    from .server.api import run as run
    from .server.machine import events as events
    from .server.result import Result as Result
    from .server.verdict import Ending as Ending
    from .server.verdict import Expectation as Expectation
    from .server.verdict import Outcome as Outcome
    from .server.verdict import SubTest as SubTest
    from .server.verdict import SubTestStatus as SubTestStatus
    from .server.verdict import Verdict as Verdict

_PLACES = {
    "TraplineError": ".isa.errors",
    "Machine": ".server.api",
    "Snapshot": ".server.api",
    "run": ".server.api",
    "events": ".server.machine",
    "Result": ".server.result",
    "Ending": ".server.verdict",
    "Expectation": ".server.verdict",
    "Outcome": ".server.verdict",
    "SubTest": ".server.verdict",
    "SubTestStatus": ".server.verdict",
    "Verdict": ".server.verdict",
}
"""Where each public name is."""

__all__ = [
    "Ending",
    "Expectation",
    "Machine",
    "Outcome",
    "Result",
    "Snapshot",
    "SubTest",
    "SubTestStatus",
    "TraplineError",
    "Verdict",
    "events",
    "run",
]


def __getattr__(name: str) -> object:
    place = _PLACES.get(name)
    if place is None:
        raise AttributeError(f"module 'trapline' has no attribute {name!r}")
    from importlib import import_module

    module = import_module(place, __name__)
    # `events` is a module of its own, all others are members of theirs.
    found = import_module(f"{place}.{name}", __name__) if name == "events" else getattr(module, name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
