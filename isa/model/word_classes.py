"""Finds out which class of undescribed words a word belongs to."""

from __future__ import annotations

from .items import Description, WordClass


def class_of(description: Description, word: int, length: int) -> WordClass | None:
    """The class of a word of `length` bits that has no form; None if the description says nothing of it."""
    for one in description.word_classes.values():
        if any(pattern.length == length and word & pattern.mask == pattern.match for pattern in one.patterns):
            return one
    return None
