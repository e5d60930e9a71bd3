"""Decoded pages: what is forgotten, and what compiled code counts on."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from trapline.isa.engine.native.shared.pages import CodePage


@dataclass
class Compiled:
    """A region of these instructions."""

    offsets: frozenset[int]
    hot: Counter[int] = field(default_factory=Counter)


def test_a_dropped_region_leaves_the_word_where_it_was_entered() -> None:
    """Another region contains that instruction, and hands it to its own handler when it leaves before it."""
    page = CodePage.make(4, undecoded=1, jump=2, threshold=4)
    for offset in (0, 4, 8):
        page.put(offset, 100 + offset, 0x1000 + offset, 4)
    page.install(0, 200, Compiled(frozenset({0, 4})))
    page.install(4, 201, Compiled(frozenset({4, 8})))
    page.forget(8)
    assert set(page.regions) == {0}
    assert page.entry(4) == (1, 0x1004, 4)
    assert page.entry(8) == (1, 0, 0)
    assert page.entry(0) == (200, 0x1000, 4)
