"""The random number generator of a partition's platform, which H_RANDOM reads.

PAPR 2.x, section 14.15.1. A run is a function of its inputs, so the numbers are the same in each: a hash of how many
there have been. Who cannot tell that from outside finds them as good as any.
"""

from __future__ import annotations

import hashlib
from typing import Final

import msgspec

_NAME: Final = b"ibm,random"


class RandomNumbers(msgspec.Struct):
    """`drawn`: how many there have been."""

    drawn: int = 0

    def draw(self) -> int:
        """The next one: 64 bits."""
        self.drawn += 1
        found = hashlib.sha256(_NAME + self.drawn.to_bytes(8, "big")).digest()
        return int.from_bytes(found[:8], "big")

    def snapshot(self) -> bytes:
        """How many there have been."""
        return msgspec.msgpack.encode(self.drawn)

    def restore(self, snapshot: bytes) -> None:
        """Takes a snapshot back."""
        self.drawn = msgspec.msgpack.decode(snapshot, type=int)
