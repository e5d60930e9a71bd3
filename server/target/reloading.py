"""A machine goes on with another description: at a boundary of instructions, with all that it holds."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ...isa.engine.anew import differences, kept_back, take_description
from ...isa.errors import TraplineError
from ...isa.lang.load import ARCH, load_core
from ...isa.model.items import Description
from ..boards.machine import Machine
from ..timeline.objects import Found

_LOOK_SECONDS: Final = 0.25
"""Between two looks at files that somebody may have saved."""


class ReloadError(TraplineError):
    """A description that a running machine cannot take. It goes on with the one that it has."""


@dataclass(frozen=True)
class Reloaded:
    """What became of it: `changed` is false where the files say what they said. `later`: what a restart is needed
    for."""

    description: Description
    changed: bool
    later: tuple[str, ...] = ()

    def __str__(self) -> str:
        if not self.changed:
            return "the description says what it said\n"
        later = "".join(f"  only at a restart (`monitor isa restart`): {one}\n" for one in self.later)
        return f"the machine goes on with the description as its files are now\n{later}"


def load_anew(machine: Machine) -> Description:
    """The machine's description as its files are now. Raises DescriptionError with every problem, OSError."""
    options = machine.options
    return load_core(machine.description.core, None, options.changes, options.description, anew=True)


def files_of(machine: Machine) -> list[Path]:
    """The files that the machine's description was read from, and those that change it."""
    named = [Path(name) for name in machine.description.files]
    found = [path if path.is_absolute() or path.exists() else ARCH / path for path in named]
    own = [*machine.options.changes, *filter(None, [machine.options.description])]
    return [*dict.fromkeys(path.resolve() for path in (*found, *own))]


def reload(machine: Machine) -> Reloaded:
    """Reads the description again, and puts it into the machine, which does not run.

    Raises ReloadError where the machine cannot go on with it, DescriptionError where it is wrong, EngineError, OSError;
    the machine goes on with what it had then.
    """
    old, new = machine.description, load_anew(machine)
    if new.fingerprint == old.fingerprint:
        return Reloaded(old, changed=False)
    refused = [*differences(old, new)]
    if refused:
        raise ReloadError(
            f"the machine goes on with the description that it has: {'; '.join(refused[:4])}",
            "`monitor isa restart` starts the guest again with the new one",
        )
    later = tuple(kept_back(old, new))
    take_description(_engines(machine), new)
    _replace(machine, old, new)
    for vcpu in machine.vcpus:
        vcpu.core.take_description()
    machine.diagnosis.take_description(new, machine.memory)
    return Reloaded(new, changed=True, later=later)


def _engines(machine: Machine) -> Sequence[Any]:
    return [*machine.vcpus[0].core.state.peers.engines]


def _replace(machine: Machine, old: Description, new: Description) -> None:
    """Whoever keeps the description by itself keeps the new one: models, hardware, readers of places."""
    for _, one, state in Found(machine).held:
        if isinstance(state, dict) and not isinstance(one, dict):
            for name, value in state.items():
                if value is old:
                    setattr(one, name, new)
        elif isinstance(state, tuple) and len(state) == 2 and state[1] is old:
            object.__setattr__(one, state[0], new)
    machine.description = new


class FileWatch:
    """Says when a file of a machine's description was saved; who is told of what came of it."""

    def __init__(self, machine: Machine, tell: Callable[[str], None]) -> None:
        self.tell = tell
        self._looked = 0.0
        self._seen = self._times(machine)

    def changed(self, machine: Machine) -> bool:
        """Whether one was saved since this was asked last; looks at them a few times a second."""
        now = time.monotonic()
        if now - self._looked < _LOOK_SECONDS:
            return False
        self._looked = now
        times = self._times(machine)
        changed, self._seen = times != self._seen, times
        return changed

    @staticmethod
    def _times(machine: Machine) -> tuple[tuple[int, int], ...]:
        found = []
        for path in files_of(machine):
            try:
                status = path.stat()
            except OSError:
                found.append((0, 0))  # it is being written anew
            else:
                found.append((status.st_mtime_ns, status.st_size))
        return tuple(found)
