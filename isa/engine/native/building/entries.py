"""What the cache has of a description's native code: an image with what is known of it, and objects to build from.

The two stand in files of their own: a start reads the first one only.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from ....cache_files import put_whole, whole
from ..shared import Assumptions, Operation
from .linking import Image

_FORMAT = b"trapline native code 3\n"
"""What an entry begins with; the number changes with what stands in it."""


class Facts(msgspec.Struct, frozen=True):
    """What is known of the code. `forms` and `variants` are in the order of the table `handlers`, behind the special
    ones; `functions` in that of the table `calls`; `lines` in that of the marks `covered`."""

    operations: tuple[Operation, ...]
    forms: tuple[str, ...]
    variants: tuple[tuple[str, Assumptions], ...]
    functions: tuple[str, ...]
    lines: tuple[int, ...]
    decoders: tuple[str, ...]


class Entry(msgspec.Struct, frozen=True):
    """`image` is None where LLVM has to link `objects`, which stand by the digests of their modules."""

    facts: Facts
    toolchain: str
    image: Image | None
    objects: Mapping[str, bytes]


class _Head(msgspec.Struct, frozen=True):
    facts: Facts
    toolchain: str
    image: Image | None


class _Objects(msgspec.Struct, frozen=True):
    toolchain: str
    objects: dict[str, int]
    """Sizes by digest; the objects follow in this order."""


def read(path: Path) -> Entry | None:
    """The entry without its objects, where it has an image; None where there is none that is whole."""
    content = whole(path)
    if content is None or not content.startswith(_FORMAT):
        return None
    end = content.index(b"\n", len(_FORMAT))
    try:
        head = msgspec.json.decode(content[len(_FORMAT) : end], type=_Head)
    except msgspec.DecodeError:
        return None
    if head.image is not None:
        return Entry(head.facts, head.toolchain, head.image._replace(data=content[end + 1 :]), {})
    objects = objects_of(path, head.toolchain)
    return Entry(head.facts, head.toolchain, None, objects) if objects else None


def write(path: Path, entry: Entry) -> bool:
    """False where the cache cannot be written, which is no error."""
    head = _Head(entry.facts, entry.toolchain, entry.image and entry.image._replace(data=b""))
    data = b"" if entry.image is None else entry.image.data
    sizes = {digest: len(made) for digest, made in entry.objects.items()}
    objects = msgspec.json.encode(_Objects(entry.toolchain, sizes)) + b"\n" + b"".join(entry.objects.values())
    return put_whole(_beside(path), _FORMAT + objects) and put_whole(
        path, _FORMAT + msgspec.json.encode(head) + b"\n" + data
    )


def objects_of(path: Path, toolchain: str) -> dict[str, bytes]:
    """The objects beside an entry, if the same toolchain made them, by the digests of their modules."""
    content = whole(_beside(path))
    if content is None or not content.startswith(_FORMAT):
        return {}
    at = content.index(b"\n", len(_FORMAT)) + 1
    try:
        head = msgspec.json.decode(content[len(_FORMAT) : at], type=_Objects)
    except msgspec.DecodeError:
        return {}
    if head.toolchain != toolchain:
        return {}
    found = {}
    for digest, size in head.objects.items():
        found[digest] = content[at : at + size]
        at += size
    return found


def _beside(path: Path) -> Path:
    return path.with_suffix(".objects")
