"""Words of Power in which every primary and extended opcode occurs, with registers and reserved bits in several ways.

Extended opcodes lie in the last eleven bits of a word (Power ISA 2.06 Book I, 1.6.1); a few instructions are told apart
by bits of the three register fields before them, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

_FIELDS: Final = (
    (0, 0, 0),
    (1, 2, 3),
    (31, 31, 31),
    (4, 0, 0),
    (0, 0, 5),
    (0, 6, 0),
    (8, 2, 3),
    (1, 0, 3),
    (20, 0, 0),
    (16, 1, 2),
    (0, 16, 4),
    (2, 18, 0),
    (8, 9, 9),
)
"""Three fields of five bits: targets and sources, BO and BI, conditions, split numbers of special registers."""
_WITH_EXTENDED: Final = frozenset((0, 1, 4, 5, 6, 9, 17, 19, 22, 30, 31, 57, 58, 59, 60, 61, 62, 63))


def power_words() -> Iterator[int]:
    """Some six hundred thousand words, in ascending order of primary opcodes."""
    for primary in range(64):
        low = range(2048) if primary in _WITH_EXTENDED else range(0, 2048, 93)
        for extended in low:
            for first, second, third in _FIELDS:
                yield primary << 26 | first << 21 | second << 16 | third << 11 | extended
