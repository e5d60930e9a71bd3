"""Watchpoints of the native engine: pages near watched addresses are never in the native tables, so that every access
to them comes to Python, which compares addresses.

Where the engine is to stop before the access, such an instruction is left before anything is done (see `restart`), and
executed alone, in the reference engine's way, which finds out whether it really comes there, and undoes it then.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...model.items import Description, Form
from ..interface import WatchKind, Watchpoint
from ..softtlb import PAGE_SIZE
from . import cpu_layout as cpu
from .area import Area
from .native_decode import NativeDecode
from .restart import LONGEST_REACH, Restarts

if TYPE_CHECKING:
    from ..fetch import CodeSet

_MARGIN = 2 * LONGEST_REACH
"""Bytes around a watched range whose pages are not cached. An instruction whose first access is further away stays
away; and one whose first access has come to Python has been judged by that."""
_LOW = (1 << 32) - 1
_LEFT, _ASIDE = cpu.LEFT >> 3, cpu.ASIDE >> 3


class Again(Exception):
    """The instruction under way has done nothing yet, and is to be executed alone. Never leaves the engine."""


@functools.lru_cache(maxsize=8)
def _facts(fingerprint: str) -> list[Restarts]:
    return []


def restarts_of(description: Description) -> Restarts:
    """For a description, once."""
    known = _facts(description.fingerprint)
    if not known:
        known.append(Restarts(description))
    return known[0]


class NativeWatch(NativeDecode):
    """Overrides accesses and decoding where something is watched."""

    passed = -1
    """Which instruction of the present call has made an access near a watched range, from which it is not left."""
    _length: int

    def prepare_watching(self) -> None:
        """Before anything is watched."""
        self._ranges = Area(16 * cpu.MOST_WATCHED)
        self.words[cpu.WATCHED_RANGES >> 3] = self._ranges.address

    def set_watchpoints(self, watchpoints: Sequence[Watchpoint], before: bool) -> None:
        """See `Engine`."""
        undoable = bool(self.watchpoints) and self.watch_before
        super().set_watchpoints(watchpoints, before)
        ranges = [_pages(watch) for watch in self.watchpoints]
        if len(ranges) > cpu.MOST_WATCHED:
            ranges = [(0, 1 << 32)]
        for at, (first, size) in enumerate(ranges):
            self._ranges.words[2 * at], self._ranges.words[2 * at + 1] = first, size
        self.words[cpu.WATCHED >> 3] = len(ranges)
        self.clear_tables()
        if undoable != (bool(watchpoints) and before):
            self._decode_again(undoable)

    def _decode_again(self, was_undoable: bool) -> None:
        """Forgets the entries of forms that are executed alone while instructions may be undone."""
        step = self.code.special["step"]
        for key, page in self._native_pages.items():
            chosen = self._sets[key.set_code]
            # While some forms are, the engine decodes by itself.
            page.close()
            for offset in page.decoded():
                handler, word, length = page.entry(offset)
                if handler == step if was_undoable else self._is_alone(chosen, word, length):
                    page.forget(offset)

    def _is_alone(self, chosen: CodeSet, word: int, length: int) -> bool:
        form = self.form_of(chosen, word, length)
        return form is not None and self.executes_alone(form)

    def executes_alone(self, form: Form) -> bool:
        """See `NativeDecode`."""
        if not self.watchpoints or not self.watch_before:
            return False
        return restarts_of(self.description).reach(form) is None

    def leaves_when_watched(self) -> bool:
        """Whether only instructions access memory, so that all can be left before a watched access."""
        return restarts_of(self.description).by_instructions_alone

    def load_as(self, address: int, size: int, kind: int) -> int:
        """See `AccessPath`."""
        self._judge(address, size, WatchKind.READ)
        return super().load_as(address, size, kind)

    def store_as(self, address: int, size: int, value: int, kind: int) -> None:
        """See `AccessPath`."""
        self._judge(address, size, WatchKind.WRITE)
        super().store_as(address, size, value, kind)

    def _judge(self, address: int, size: int, kind: WatchKind) -> None:
        """Leaves native code where an access that it asks for, or one that follows, may be watched."""
        if not self.watchpoints or not self.watch_before or not self._length or self.journal is not None:
            return
        number = self.words[_LEFT] + self.words[_ASIDE]
        if number == self.passed:
            return
        instruction = self.instruction
        form = self.form_of(self.present_set(), instruction.word, instruction.length)
        reach = restarts_of(self.description).reach(form) if form is not None else 0
        if any(_near(watch, address, size, reach or 0, kind) for watch in self.watchpoints):
            raise Again
        if reach:
            self.passed = number


def _near(watch: Watchpoint, address: int, size: int, reach: int, kind: WatchKind) -> bool:
    if not reach and not watch.kind & kind:
        return False
    return (address + size - 1 + reach - watch.address) & _LOW < watch.size + size - 1 + 2 * reach


def _pages(watch: Watchpoint) -> tuple[int, int]:
    """The first page and the bytes of a range that is not cached, in the low 32 bits of addresses."""
    first = (watch.address - _MARGIN) & -PAGE_SIZE
    last = (watch.address + watch.size + _MARGIN - 1) & -PAGE_SIZE
    return first & _LOW, min(last + PAGE_SIZE - first, 1 << 32)
