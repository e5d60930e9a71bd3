"""Batches under way: compiled at once, or on a second thread while the guest runs on in the interpreter tier.

LLVM works without Python's lock, as native code of the guest does, so the two do run together. When a batch is ready
has no influence on what the guest does: a region does what its instructions do.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...errors import EngineError
from ..shared import CodePage
from .compile import Batch

if TYPE_CHECKING:
    from ..regions import Plan


@dataclass(frozen=True, slots=True)
class Grown:
    """A region as text; `changes` is what its page's counter was when it was written."""

    plan: Plan
    text: str
    page: CodePage
    changes: int

    @property
    def header(self) -> int:
        """Where in the page it is entered."""
        return self.plan.header.pc - self.plan.page.address

    @property
    def stands(self) -> bool:
        """Whether the page still is what it was written from."""
        return self.page.changes == self.changes


class Order:
    """Regions that are to be compiled together."""

    def __init__(self, grown: Sequence[Grown], background: bool) -> None:
        self.grown = tuple(grown)
        texts, names = [one.text for one in grown], [one.plan.name for one in grown]
        if background:
            self._made = _thread().submit(Batch, texts, names)
            return
        self._made = Future()
        try:
            self._made.set_result(Batch(texts, names))
        except EngineError as error:
            self._made.set_exception(error)

    @property
    def ready(self) -> bool:
        """Whether `batch` gives an answer without waiting."""
        return self._made.done()

    def batch(self) -> Batch:
        """The native code; waits for it. Raises EngineError where LLVM rejects it."""
        return self._made.result()

    def find(self, page: CodePage, offset: int) -> Grown | None:
        """The region of these that is entered at a place."""
        return next((one for one in self.grown if one.page is page and one.header == offset), None)


@functools.cache
def _thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="trapline-compiler")
