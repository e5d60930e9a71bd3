"""An oracle as what tests run on: a test passes where its two runs are the same."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from ....isa.errors import TraplineError
from .loading import Loading
from .results import Ran
from .specs import TargetSpec

if TYPE_CHECKING:
    from ..oracles.catalogue import Asked, Pair
    from ..oracles.staging import Staging


class OracleTarget:
    """`oracle:NAME`, or `oracle:NAME:ENGINE`. A test of which the oracle says nothing is skipped, with the reason."""

    def __init__(self, spec: TargetSpec) -> None:
        from ..oracles.catalogue import ORACLES

        name, _, self._engine = spec.detail.partition(":")
        self._oracle = ORACLES[name]
        self._spec = spec
        self._staging: Staging | None = None

    def run(self, elf: Path, loading: Loading | None = None) -> Ran:
        """See `Target`."""
        from ..oracles.catalogue import Asked, SilentError
        from ..oracles.program import Program
        from ..oracles.staging import Staging

        spec = self._spec
        if self._staging is None:
            self._staging = Staging(spec.machine, spec.limits, spec.changes, self._engine)
        began = time.perf_counter()
        asked = Asked(Program.read(elf), self._staging, spec.rule)
        reason = spec.rule.refuses(asked.program.name, "")
        if reason is not None:
            return Ran("skipped", reason, "", None, 0.0)
        try:
            pairs = list(self._oracle.runs(asked))
        except SilentError as silent:
            return Ran("skipped", silent.message, "", None, time.perf_counter() - began)
        except TraplineError as error:
            return Ran("error", error.message, "", None, time.perf_counter() - began)
        return self._judged(asked, pairs, began)

    def _judged(self, asked: Asked, pairs: list[Pair], began: float) -> Ran:
        from ..oracles.seen import differences, told

        program = asked.program
        excused: list[str] = []
        for pair in pairs:
            excuse = asked.rule.excuses(program.name, pair.world, pair.second.ending)
            if excuse is not None:
                excused.append(excuse)
                continue
            found = differences(program, pair.first, pair.second, asked.rule.unlike(program.name, pair.world))
            if not found:
                continue
            rule = f"{self._oracle.name}: {self._oracle.claim}; expected {pair.first.how}, came {pair.second.how}"
            how = f"{pair.second.how} it is not what it is {pair.first.how}"
            if pair.first.ending != pair.second.ending:
                how += f"; {pair.first.ending}, and {pair.second.ending}"
            text = told(program, found, rule)
            return Ran("failed", how, text, pair.second.time, time.perf_counter() - began)
        if len(excused) == len(pairs):
            return Ran("skipped", excused[0], "", None, time.perf_counter() - began)
        how = f"the same {pairs[0].first.how} and {', '.join(pair.second.how for pair in pairs)}"
        return Ran("passed", how, told(program, {}, ""), pairs[0].first.time, time.perf_counter() - began)

    def close(self) -> None:
        """See `Target`."""
