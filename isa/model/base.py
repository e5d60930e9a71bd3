"""The base of all parts of a description."""

import msgspec

Annotations = dict[str, dict[str, int | str]]
"""What annotations say, by annotation and key."""


class Item(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Base of described things: immutable and cheap to store."""
