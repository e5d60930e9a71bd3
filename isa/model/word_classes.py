"""Finds out which class of undescribed words a word belongs to."""

from __future__ import annotations

from .items import Description, WordClass


def class_of(description: Description, word: int, length: int, instruction_set: str = "") -> WordClass | None:
    """The class of a word of `length` bits that has no form; None if the description says nothing of it.

    `instruction_set`: whose word it is, where there are several and that is known.
    """
    for one in description.word_classes.values():
        for pattern in one.patterns:
            its_set = instruction_set in ("", pattern.instruction_set)
            if its_set and pattern.length == length and word & pattern.mask == pattern.match:
                return one
    return None
