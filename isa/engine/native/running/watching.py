"""Watchpoints of the native engine: pages near watched addresses are not where native code looks first, so that
every access to them takes its slow path, which compares addresses.

Where the engine is to stop before the access, such an instruction is left before anything is done (see `restart`), and
executed alone, in the reference engine's way, which finds out whether it really comes there, and undoes it then.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from ....model.items import Description, Form
from ...interface import WatchKind, Watchpoint
from ...softtlb import PAGE_SIZE
from ..shared import LONGEST_REACH, Area, CodePage, Footprint, PageKey
from ..shared import cpu_layout as cpu
from .asking import NativeAsking

if TYPE_CHECKING:
    from ...fetch import CodeSet
    from ..bodies import Restarts

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
    # Only where something is watched: a start need not wait for the analyses.
    from ..bodies import Restarts

    known = _facts(description.fingerprint)
    if not known:
        known.append(Restarts(description))
    return known[0]


class NativeWatch(NativeAsking):
    """Overrides accesses and decoding where something is watched."""

    _length: int
    _told: Callable[[], None] | None

    def prepare_watching(self) -> None:
        """Before anything is watched."""
        self._ranges = Area(cpu.WATCHED_RANGE * cpu.MOST_WATCHED)
        self._judged = Area(16 << cpu.JUDGED_BITS)
        self.words[cpu.WATCHED_RANGES >> 3] = self._ranges.address
        self.words[cpu.JUDGED >> 3] = self._judged.address
        self._alone: dict[int, bool] = {}
        self._told_forms: frozenset[str] = frozenset()

    def set_watchpoints(self, watchpoints: Sequence[Watchpoint], before: bool) -> None:
        """See `Engine`."""
        undoable = bool(self.watchpoints) and self.watch_before
        super().set_watchpoints(watchpoints, before)
        ranges = [(*_pages(watch), *_low_part(watch), watch.kind.value) for watch in self.watchpoints]
        if len(ranges) > cpu.MOST_WATCHED or any(watch.physical for watch in watchpoints):
            # Native code looks at effective addresses alone: it leaves each access to Python.
            ranges = [(0, 1 << 32, 0, 1 << 32, WatchKind.ACCESS.value)]
        for at, values in enumerate(ranges):
            start = at * cpu.WATCHED_RANGE >> 3
            for place, value in enumerate(values):
                self._ranges.words[start + place] = value
        self.words[cpu.WATCHED >> 3] = len(ranges)
        self.words[cpu.WATCH_BEFORE >> 3] = int(before)
        self._judged.clear()
        self.clear_tables()
        if undoable != (bool(watchpoints) and before):
            self._decode_again(undoable)

    def _decode_again(self, was_undoable: bool) -> None:
        """Forgets the entries of forms that are executed alone while instructions may be undone; these native code does
        not know of, so it must not decode then."""
        if not self._native_pages:
            return
        step = self.code.special["step"]
        for key, page in self._native_pages.items():
            page.close()
            chosen = self._sets[key.set_code]
            for offset, handler, word, length in list(page.entries()):
                if handler == step if was_undoable else self._is_alone(chosen, handler, word, length):
                    page.forget(offset)

    def _is_alone(self, chosen: CodeSet, handler: int, word: int, length: int) -> bool:
        """Whether an entry's form is to be executed alone; what is known of handlers is remembered."""
        found = self._alone.get(handler)
        if found is None:
            form = self.form_of(chosen, word, length)
            found = form is not None and self.executes_alone(form)
            if handler not in self.code.special.values():
                self._alone[handler] = found
        return found

    def decodes_itself(self, page: CodePage) -> bool:
        """See `NativeDecode`."""
        return super().decodes_itself(page) or bool(self._told_forms) or (bool(self.watchpoints) and self.watch_before)

    def code_page(self, key: PageKey, unit: int, pc: int) -> CodePage:
        """See `NativePages`; when pages were given up, entries of others may take their places."""
        page = super().code_page(key, unit, pc)
        if len(self._native_pages) == 1:
            self._judged.clear()
        return page

    def tell_of(self, forms: AbstractSet[str], told: Callable[[], None] | None) -> None:
        """See `Engine`."""
        self._told = told
        before, self._told_forms = self._told_forms, frozenset(forms)
        if before != self._told_forms:
            # Compiled code contains them; what was decoded may have them.
            self._alone.clear()
            for page in self._native_pages.values():
                page.close()
                for offset, *_ in list(page.entries()):
                    page.forget(offset)

    def executes_alone(self, form: Form) -> bool:
        """See `NativeDecode`."""
        if form.name in self._told_forms:
            return True
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
        if number == self.words[cpu.PASSED >> 3]:
            return
        instruction = self.instruction
        form = self.form_of(self.present_set(), instruction.word, instruction.length)
        footprint = self._footprint(form, instruction.word) if form is not None else None
        if footprint is None:
            footprint = Footprint(0, 0, 0)
        entry = self.words[cpu.ENTRY >> 3]
        at = (entry >> 4 & (1 << cpu.JUDGED_BITS) - 1) * 2
        around = footprint.before | footprint.behind << 12 | footprint.kinds << 24
        self._judged.words[at], self._judged.words[at + 1] = entry, instruction.word | around << 32
        kinds = WatchKind(footprint.kinds) if footprint.kinds else kind
        if any(_near(watch, address, size, footprint, kinds) for watch in self.watchpoints):
            raise Again
        if footprint.kinds:
            self.words[cpu.PASSED >> 3] = number

    def _footprint(self, form: Form, word: int) -> Footprint | None:
        """None: each access of the form stands for itself."""
        restarts = restarts_of(self.description)
        return restarts.footprint(form, word) if restarts.reach(form) else None


def _near(watch: Watchpoint, address: int, size: int, footprint: Footprint, kinds: WatchKind) -> bool:
    if not watch.kind & kinds:
        return False
    if watch.physical:
        # Where the instruction's other accesses lead is not known before it is executed.
        return True
    around = footprint.before + footprint.behind
    return (address + size - 1 + footprint.behind - watch.address) & _LOW < watch.size + size - 1 + around


def _low_part(watch: Watchpoint) -> tuple[int, int]:
    return watch.address & _LOW, min(watch.size, 1 << 32)


def _pages(watch: Watchpoint) -> tuple[int, int]:
    """The first page and the bytes of a range that is not cached, in the low 32 bits of addresses."""
    first = (watch.address - _MARGIN) & -PAGE_SIZE
    last = (watch.address + watch.size + _MARGIN - 1) & -PAGE_SIZE
    return first & _LOW, min(last + PAGE_SIZE - first, 1 << 32)
