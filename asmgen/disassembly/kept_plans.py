"""What earlier runs have learned of writing words, kept in the user's cache directory: code, and tables of texts.

It belongs to one description and one version of the code that learns; what it does not have is learned anew.
"""

from __future__ import annotations

import hashlib
import marshal
import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from types import CodeType

from ...isa.cache_files import cache_directory, digest_of, put_whole, remove_old, whole
from ...isa.model.items import Description
from .choosing import chosen_by
from .plans import FormPlans
from .written_words import Plan, Route, Write, one_after_another, written_by

MAX_TEXTS, MAX_ANSWERS = 512, 1 << 13
"""Entries of one table that are kept."""
MAX_ENTRIES = 1 << 17
"""Entries of all tables that are kept."""

Tables = dict[str, dict[int, object]]
PlanRecord = tuple[CodeType, Tables]
"""The code of a plan, and the tables that it looks into."""
FormRecord = tuple["CodeType | None", Tables, bool, tuple[tuple[int, dict[int, list[PlanRecord]]], ...]]
"""What chooses a template, its answers, whether the form's texts are fixed, and by template bits and plans."""


class KeptPlans:
    """The routes of forms that are kept for a description."""

    def __init__(self, description: Description) -> None:
        """Nothing is kept for a description without a fingerprint."""
        self._name = description.core or description.name
        self._path = _path(self._name, description.fingerprint) if description.fingerprint else None
        content = whole(self._path) if self._path is not None else None
        self._records: dict[str, FormRecord] = marshal.loads(content) if content else {}

    def route(self, form: str) -> Route | None:
        """What is known of a form, if anything is."""
        record = self._records.get(form)
        if record is None:
            return None
        code, answers, is_fixed, entries = record
        choose = None if code is None else chosen_by(code, {name: _Known(table) for name, table in answers.items()})
        return Route(choose, tuple((mask, _Writes(plans)) for mask, plans in entries), is_fixed)

    def answers(self, form: str) -> Tables:
        """What the conditions of a form's templates were found to be, by bits."""
        record = self._records.get(form)
        return {} if record is None else record[1]

    def keep(self, learned: Mapping[str, FormPlans]) -> None:
        """Adds what a run has learned, for later ones."""
        if self._path is None:
            return
        records = {**self._records, **{name: _merged(self._records.get(name), form) for name, form in learned.items()}}
        size = _size(records.values())
        if _size(self._records.values()) < size <= MAX_ENTRIES:
            self._records = records
            put_whole(self._path, marshal.dumps(records))
            remove_old(self._path.parent, rf"{self._name}-[0-9a-f]+\.plans")


class _Known(dict[int, bool]):
    """Answers that are known; others raise KeyError."""

    def __init__(self, table: Mapping[int, object]) -> None:
        super().__init__((bits, bool(answer)) for bits, answer in table.items())


class _Writes(dict[int, Write]):
    """What writes words, by the bits that tell them apart; made of its code when it is asked for."""

    def __init__(self, records: Mapping[int, Sequence[PlanRecord]]) -> None:
        super().__init__()
        self._records = records

    def __missing__(self, bits: int) -> Write:
        writes = [written_by(code, dict(tables)) for code, tables in self._records[bits]]
        if not writes:
            raise KeyError(bits)
        write = self[bits] = writes[0] if len(writes) == 1 else one_after_another(writes)
        return write


def _path(name: str, fingerprint: str) -> Path:
    asmgen = Path(__file__).parent.parent
    made_by = (path for room in ("disassembly", "expressions", "instructions", "target")
               for path in (asmgen / room).rglob("*.py"))
    key = f"{digest_of('plans', made_by)} {fingerprint} {sys.implementation.cache_tag} {sys.hexversion}"
    return cache_directory() / f"{name}-{hashlib.sha256(key.encode()).hexdigest()[:24]}.plans"


def _merged(old: FormRecord | None, form: FormPlans) -> FormRecord:
    _, answers, _, entries = old or (None, {}, False, ())
    plans = [dict(entries[number][1]) if number < len(entries) else {} for number in range(len(form.entries))]
    for number, one in enumerate(form.entries):
        for bits, known in one.known.items():
            plans[number][bits] = _joined(plans[number].get(bits, []), known)
    route = form.route
    return (None if route.choose is None else form.chooser.code,
            {name: _cut({**answers.get(name, {}), **table}, MAX_ANSWERS)
             for name, table in form.chooser.answers.items()},
            route.is_fixed, tuple((one.mask, found) for one, found in zip(form.entries, plans, strict=True)))


def _joined(old: Sequence[PlanRecord], known: Sequence[Plan]) -> list[PlanRecord]:
    """Plans for one class: those of the same code share their texts, and some need more than code and tables."""
    tables = dict(old)
    for plan in known:
        if plan.tables is not None:
            before = tables.get(plan.code, {})
            tables[plan.code] = {name: _cut({**before.get(name, {}), **table}) for name, table in plan.tables.items()}
    return list(tables.items())


def _cut(table: Mapping[int, object], most: int = MAX_TEXTS) -> dict[int, object]:
    return dict(islice(table.items(), most))


def _size(records: Iterable[FormRecord]) -> int:
    return sum(sum(map(len, answers.values())) + sum(1 + sum(map(len, tables.values()))
               for _, plans in entries for known in plans.values() for _, tables in known)
               for _, answers, _, entries in records)
