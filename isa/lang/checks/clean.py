"""What the last check of a core found in order, so that the next one looks at what is new beside it."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from ...cache_files import cache_directory, digest_of, note_use, put_whole, remove_old, whole
from ...model.items import NamesList
from ..units.store import maker

_MOST: Final = 60
"""Cores whose last checks are kept."""
_CODEC: Final = "codec "


class _Found(msgspec.Struct, array_like=True):
    forms: list[str]
    others: list[str]


class Clean:
    """Of one core. `forms` are digests of encodings and texts that were in order, each beside all others; `others` of
    whatever else was looked at."""

    def __init__(self, name: str) -> None:
        """`name`: tells the description and its core apart from others."""
        digest = hashlib.sha256(f"{_checks()} {name}".encode()).hexdigest()[:32]
        self._path = cache_directory() / f"{digest}.clean"
        self.forms: frozenset[str] = frozenset()
        self.others: frozenset[str] = frozenset()
        content = whole(self._path)
        if content is not None:
            try:
                found = msgspec.json.decode(content, type=_Found)
            except (msgspec.DecodeError, ValueError):
                return
            note_use(self._path)
            self.forms, self.others = frozenset(found.forms), frozenset(found.others)

    def new(
        self, digests: Mapping[str, str], forms: Iterable[str], names: Mapping[str, NamesList]
    ) -> frozenset[str]:
        """Which forms were not there the last time; all if the names lists have changed."""
        if _digest(names) not in self.others:
            return frozenset(forms)
        return frozenset(name for name in forms if digests.get(name) not in self.forms)

    def note(self, digests: Mapping[str, str], forms: Iterable[str], names: Mapping[str, NamesList]) -> None:
        """These are in order now, in place of what was."""
        found = [digests.get(name) for name in forms]
        if None not in found:
            kept = [one for one in self.others if one.startswith(_CODEC)]
            self._put(frozenset(filter(None, found)), frozenset([_digest(names), *kept]))

    def note_codecs(self, digests: Iterable[str]) -> None:
        """The pairs of functions that are each other's inverse, in place of those that were."""
        kept = [one for one in self.others if not one.startswith(_CODEC)]
        self._put(self.forms, frozenset([*kept, *(f"{_CODEC}{one}" for one in digests)]))

    def has_codec(self, digest: str) -> bool:
        """Whether a pair was found to be each other's inverse."""
        return f"{_CODEC}{digest}" in self.others

    def _put(self, forms: frozenset[str], others: frozenset[str]) -> None:
        if (forms, others) != (self.forms, self.others):
            self.forms, self.others = forms, others
            put_whole(self._path, msgspec.json.encode(_Found(sorted(forms), sorted(others))))
            remove_old(self._path.parent, r"[0-9a-f]{32}\.clean", _MOST)


def _digest(names: Mapping[str, NamesList]) -> str:
    return hashlib.sha256(msgspec.json.encode([*names.values()])).hexdigest()[:24]


@functools.cache
def _checks() -> str:
    return digest_of(maker(), sorted(Path(__file__).resolve().parent.glob("*.py")))
