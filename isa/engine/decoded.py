"""One instruction at one address, ready to run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from ..model.items import Form


class Decoded(msgspec.Struct, eq=False):
    """`execute` runs the form's body with its fields; `finish`, if there is one, what follows a completed instruction.

    `next` is the address behind it; `word` its bits, right-justified; `length` in bytes.
    """

    execute: Callable[[], Any]
    finish: Callable[[], Any] | None
    next: int
    word: int
    length: int
    form: Form | None


def _nothing() -> None:
    raise AssertionError("there is no instruction here to execute")


NOTHING = Decoded(_nothing, None, 0, 0, 0, None)
"""What stands for the present instruction while none has been fetched."""
