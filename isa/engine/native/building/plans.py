"""Which parts the native code of a description has: what is known of them before they are there."""

from __future__ import annotations

from typing import Final

import msgspec

CORE: Final = 0
DECODER: Final = 1
"""Numbers of the parts that all others need."""


class Part(msgspec.Struct, frozen=True):
    """What belongs to a part. `functions` are those that Python may call there."""

    key: str
    forms: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()


Plan = tuple[Part, ...]
"""Parts by number."""
