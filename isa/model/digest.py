"""What tells two descriptions apart that mean different things: comments and where something stands do not."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

import msgspec

_PLACES: Final = frozenset({"line", "files", "fingerprint", "edition"})
"""Fields that say where something stands, or come from the text as a whole."""
_fields: dict[type, tuple[str, ...]] = {}


def digest_of_meaning(description: object) -> str:
    """24 hexadecimal digits, the same for two descriptions, or parts of them, whose typed forms differ in places at
    most."""
    return hashlib.sha256(msgspec.json.encode(_meaning(description))).hexdigest()[:24]


def _meaning(value: object) -> object:
    if isinstance(value, str | int | None):
        return value
    if isinstance(value, tuple):
        return [_meaning(one) for one in value]
    if isinstance(value, Mapping):
        return [(name, _meaning(one)) for name, one in value.items()]
    kind = type(value)
    names = _fields.get(kind)
    if names is None:
        assert isinstance(value, msgspec.Struct), f"a description has no {kind.__name__}"
        names = _fields[kind] = tuple(name for name in value.__struct_fields__ if name not in _PLACES)
    return [kind.__name__, *[_meaning(getattr(value, name)) for name in names]]
