"""What is made of a description and changes no more stays in the process: another machine begins at once.

Products are known by the description's fingerprint; without one (a description that no file has) nothing is kept.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final, TypeVar

T = TypeVar("T")

MOST: Final = 128
"""Products that stay, those that were used last: a description has some ten, and somebody may try many descriptions."""

_kept: OrderedDict[tuple[str, str], Any] = OrderedDict()


def kept_product(fingerprint: str, kind: str, make: Callable[[], T]) -> T:
    """What `make` gives, or gave for the same fingerprint and kind. Nobody may change it, but a note may be filled."""
    if not fingerprint:
        return make()
    key = fingerprint, kind
    found: T
    if key in _kept:
        _kept.move_to_end(key)
        found = _kept[key]
        return found
    found = _kept[key] = make()
    if len(_kept) > MOST:
        _kept.popitem(last=False)
    return found
