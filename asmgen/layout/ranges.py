"""What may stand in a section: widths of numbers, sizes of gaps, ways of `.org`."""

from __future__ import annotations

from ..text.diagnostics import AT_WORD, SourceError
from .sections import MAX_BYTES, MAX_EXTENT, Gap


def check_width(value: int, width: int, offset: int = 0) -> int:
    """`value` modulo 2**(8 * width).  Raises SourceError if neither reading as a number fits."""
    bits = 8 * width
    if not -(1 << (bits - 1)) <= value < 1 << bits:
        raise SourceError(f"{value} does not fit {width} byte{'s' * (width > 1)}", offset,
                          f"the range is {-(1 << (bits - 1))}..{(1 << bits) - 1}")
    return value & ((1 << bits) - 1)


def leb128_bytes(value: int, signed: bool, offset: int = 0, least: int = 1) -> bytes:
    """A number as LEB128 of at least `least` bytes.  Raises SourceError for a negative one that has no sign.

    Source: DWARF 5, 7.6 "Variable Length Data"; longer forms than needed are allowed.
    """
    if value < 0 and not signed:
        # As GNU as does, an unsigned one is taken modulo 2**64.
        value &= (1 << 64) - 1
    out = bytearray()
    while True:
        low = value & 0x7F
        value >>= 7
        is_last = value == (-(low >> 6) if signed else 0) and len(out) + 1 >= least
        out.append(low if is_last else low | 0x80)
        if is_last:
            return bytes(out)


def check_code_address(address: int, alignment: int) -> None:
    """Raise SourceError if an instruction may not stand at `address`."""
    if address % alignment:
        raise SourceError(f"instruction address is not a multiple of {alignment}", AT_WORD,
                          f"it is {address:#x}: say .balign {alignment} first")


def gap_size(gap: Gap, count: int, is_nobits: bool) -> int:
    """The bytes of a gap.  Raises SourceError for a negative or absurd count."""
    limit = MAX_EXTENT if is_nobits else MAX_BYTES
    if count < 0:
        raise SourceError(f"cannot skip {count} bytes", 0, "the place is already passed")
    if count * len(gap.fill) > limit:
        raise SourceError(f"{count} bytes are more than a section may hold ({limit})", 0,
                          "put the next part into a section of its own, with .place")
    return count * len(gap.fill)


def check_origin(offset: int, present: int) -> None:
    """Raise SourceError if `.org` would go back."""
    if offset < present:
        raise SourceError(f".org to {offset:#x}, but the section is already at {present:#x}", 0,
                          f"shorten what stands before it by {present - offset} bytes, or move it")
