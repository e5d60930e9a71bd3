"""What fills the gaps in code."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct


class CodePadding(Struct, frozen=True):
    """Instructions that do nothing.

    `unit` fills; `wide` is a longer one that fills what `unit` need not (empty: there is none); `last` stands in the
    place of the last one (empty: `unit` does). Gaps of more than `limit` units are jumped over, where there is a `jump`
    (which gets the distance in bytes).
    """

    unit: bytes
    wide: bytes = b""
    last: bytes = b""
    limit: int = 0
    jump: Callable[[int], bytes] | None = None
    mapping_symbol: str = ""
    """Of the instruction set that the instructions are of."""
    most: int = 0
    """Of a gap as long or longer what a multiple of it leaves over is filled, and zeros follow (0: all is filled)."""

    def fill(self, size: int) -> bytes:
        """`size` bytes of padding.

        What is no whole number of units begins with zeros, or is all zeros where the instructions have one length:
        such a gap stands behind data.  Source: what GNU as makes (`ppc_handle_align`, `arm_handle_align`).
        """
        if self.most and size >= self.most:
            return self.fill(size % self.most) + bytes(size - size % self.most)
        unit = len(self.unit)
        odd = size % unit
        if odd and self.jump is not None:
            return bytes(size)
        out, left = bytes(odd), size - odd
        if self.jump is not None and left > self.limit * unit:
            out += self.jump(left)
            left -= unit
        if self.wide:
            if left % len(self.wide):
                out += self.unit
                left -= unit
            return out + self.wide * (left // len(self.wide))
        if self.last and left:
            return out + self.unit * (left // unit - 1) + self.last
        return out + self.unit * (left // unit)


def repeat(fill: bytes | CodePadding, size: int) -> bytes:
    """`size` bytes of the repeated `fill`; a fraction of one in front is zeros, so that units stay aligned."""
    if isinstance(fill, CodePadding):
        return fill.fill(size)
    return bytes(size % len(fill)) + fill * (size // len(fill))
