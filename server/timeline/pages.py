"""The contents of RAM at checkpoints: pages are kept once, and only those that were written since the one before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ..machine.ram import PAGE_SIZE, GuestRam

_ZERO: Final = bytes(PAGE_SIZE)


@dataclass(frozen=True, slots=True)
class Contents:
    """Of one block: its pages that are not zero, by number, and those that the dirty log had.

    `fresh` of them had changed since the block was looked at before.
    """

    pages: Mapping[int, bytes]
    logged: tuple[int, ...]
    fresh: int


class PageKeeper:
    """Knows what one block held when it was last asked, and which pages were written since."""

    def __init__(self, ram: GuestRam) -> None:
        self._ram = ram
        self._pages: dict[int, bytes] = {}
        self._clears = ram.clears
        self._fresh = 0
        self._look_at_all()

    def keep(self) -> Contents:
        """What the block holds now."""
        self._follow()
        fresh, self._fresh = self._fresh, 0
        return Contents(self._pages.copy(), self._ram.dirty_pages(0, self._ram.size), fresh)

    def put(self, contents: Contents) -> list[int]:
        """Gives the block what it held; the numbers of the pages that changed by it."""
        self._follow()
        now, then = self._pages, contents.pages
        changed = [page for page, data in then.items() if now.get(page) is not data]
        gone = [page for page in now if page not in then]
        for page in changed:
            self._ram.write(page * PAGE_SIZE, then[page])
        for page in gone:
            self._ram.write(page * PAGE_SIZE, _ZERO)
        self._ram.put_dirty(contents.logged)
        self._pages = dict(then)
        return changed + gone

    def _follow(self) -> None:
        """Reads the pages that were written."""
        if self._clears != self._ram.clears:
            self._clears = self._ram.clears
            self._look_at_all()
            return
        self._read(self._ram.take_written())

    def _look_at_all(self) -> None:
        """Reads all pages that anybody knows to have been written."""
        known = set(self._pages)
        self._read(sorted(known | set(self._ram.take_written()) | set(self._ram.dirty_pages(0, self._ram.size))))

    def _read(self, pages: list[int]) -> None:
        kept, read = self._pages, self._ram.read
        for page in pages:
            data = read(page * PAGE_SIZE, PAGE_SIZE)
            if kept.get(page) == data:
                continue
            self._fresh += 1
            if data == _ZERO:
                kept.pop(page, None)
            else:
                kept[page] = data
