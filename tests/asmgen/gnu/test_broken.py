"""Claims about broken sources: one located error, no cascade, in 256 MiB of address space and 5 s."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from .broken import Broken, errors, runaways, surroundings, written
from .held import held
from .limited import Limited, limited

USER_ERROR = 2
_ALL = [*written(), *runaways()]


class Servers:
    """One server for each core, started when it is first asked for."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._servers: dict[str, Limited] = {}

    def of(self, core: str) -> Limited:
        """The server of a core."""
        if core not in self._servers:
            self._servers[core] = self._stack.enter_context(limited(core))
        return self._servers[core]


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    """The limited servers of this module."""
    with ExitStack() as stack:
        yield Servers(stack)


def _title(case: Broken) -> str:
    return f"{case.group}/{case.name}"


def test_there_are_a_hundred_broken_inputs() -> None:
    """Each with a name of its own."""
    assert len({_title(case) for case in _ALL}) == len(_ALL) >= 100


@pytest.mark.parametrize("case", [one for one in _ALL if f"broken {_title(one)}" not in held()], ids=_title)
def test_a_broken_source_gets_one_error_at_its_place(case: Broken, servers: Servers, tmp_path: Path) -> None:
    """Status 2 and one error, at the line and with the words that the case gives."""
    surroundings(tmp_path)
    outcome = servers.of(case.core).assemble(case.write(tmp_path))
    told = errors(outcome.printed)
    assert (outcome.status, len(told)) == (USER_ERROR, 1), outcome
    assert case.line in (0, told[0].line), outcome.printed
    assert case.text in told[0].message
