"""What the encoding suites claim of a core: every form and alias goes both ways, but for what a table excepts.

A table entry that excepts nothing any more fails as well, so that a table stays true.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from trapline.isa.model.items import Alias, Description

from .binutils import Dialect
from .instances import Sample, all_samples
from .roundtrip import Mismatch, RoundTrip, Way

SAMPLES = 12  # of each form and of each alias


@dataclass(frozen=True, slots=True)
class Excepted:
    """Mismatches that are explained: of forms and aliases named like `names`, whose report has `pattern` in it.

    Both are regular expressions; `names` must match whole. The report is `'text' -> what came of it`.
    """

    way: Way
    names: str
    pattern: str
    reason: str

    def explains(self, mismatch: Mismatch) -> bool:
        """Whether it is about this mismatch."""
        if mismatch.way is not self.way or not re.fullmatch(self.names, _base(mismatch.sample.name)):
            return False
        return re.search(self.pattern, f"'{mismatch.text}' -> {mismatch.got}") is not None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a comparison found: unexplained mismatches, exceptions without one, names without an instance."""

    unexplained: list[str]
    stale: list[str]
    uncovered: list[str]
    instances: int


def compare(
    description: Description,
    instruction_set: str,
    dialect: Dialect,
    clean: Callable[[str, int], str],
    exceptions: Sequence[Excepted],
    seed: int,
) -> Outcome:
    """Compare all forms and aliases of an instruction set with binutils.

    A name is covered when at least one of its instances agrees each way, or when an exception explains why not; an
    alias name is covered when it is on one of the forms that it could stand for.
    """
    samples = all_samples(description, seed, SAMPLES, instruction_set)
    trip = RoundTrip(description, instruction_set, dialect, clean)
    mismatches = trip.compare(samples)
    explained = {id(one): [e for e in exceptions if e.explains(one)] for one in mismatches}
    used = {id(e) for found in explained.values() for e in found}
    unexplained = [str(one) for one in mismatches if not explained[id(one)]]
    return Outcome(
        unexplained,
        [f"{e.way.value}, {e.names}: {e.pattern}" for e in exceptions if id(e) not in used],
        _uncovered(description, instruction_set, [one for one in samples if not trip.is_unpredictable(one)]),
        len(samples),
    )


def _uncovered(description: Description, instruction_set: str, samples: Sequence[Sample]) -> list[str]:
    drawn = Counter(_base(sample.name) if sample.alias else sample.name for sample in samples)
    wanted = [form.name for form in description.forms.values() if form.instruction_set == instruction_set]
    wanted += [
        _base(alias.name)
        for alias in description.aliases.values()
        if description.forms[alias.form].instruction_set == instruction_set and not _is_beyond(description, alias)
    ]
    return sorted({name for name in wanted if not drawn[name]})


def _is_beyond(description: Description, alias: Alias) -> bool:
    """Whether its words are those of other forms: tests/asmgen/corpus has statements of it."""
    field = description.forms[alias.form].annotations.get("written_beyond", {}).get("field")
    return any(setting.field == field for setting in alias.settings)


def _base(name: str) -> str:
    """An alias's own name, without the form that it is resolved for."""
    return name.partition("@")[0]
