"""A part of native code as a file of the cache: an image, or objects where LLVM has to link them at each start."""

from __future__ import annotations

import struct
from pathlib import Path

import msgspec

from ....cache_files import put_whole, whole
from ..shared import Operation
from .linking import Image

_FORMAT = b"trapline part 1\n"
"""What a file begins with; the number changes with what stands in it."""


class PartFile(msgspec.Struct, frozen=True):
    """`operations` are what the code asks for, by number; `lines` the packed lines of statements that note that they
    ran, in the order of their marks. `image` is None where LLVM has to link `objects`, of the sizes that stand there,
    which define `symbols`.
    """

    operations: dict[int, Operation]
    lines: tuple[int, ...]
    image: Image | None
    symbols: tuple[str, ...] = ()
    sizes: tuple[int, ...] = ()
    objects: tuple[bytes, ...] = ()


def read(path: Path) -> PartFile | None:
    """None where there is no file that is whole."""
    content = whole(path)
    if content is None or not content.startswith(_FORMAT):
        return None
    start = len(_FORMAT) + 4
    (length,) = struct.unpack_from("<I", content, len(_FORMAT))
    try:
        head = msgspec.json.decode(content[start : start + length], type=PartFile)
    except msgspec.DecodeError:
        return None
    rest = content[start + length :]
    if head.image is not None:
        return msgspec.structs.replace(head, image=head.image._replace(data=rest))
    objects = []
    for size in head.sizes:
        objects.append(rest[:size])
        rest = rest[size:]
    return msgspec.structs.replace(head, objects=tuple(objects))


def write(path: Path, part: PartFile) -> bool:
    """False where it cannot be written."""
    data = b"".join(part.objects) if part.image is None else part.image.data
    image = part.image and part.image._replace(data=b"")
    head = msgspec.json.encode(
        msgspec.structs.replace(part, image=image, sizes=tuple(map(len, part.objects)), objects=())
    )
    return put_whole(path, _FORMAT + struct.pack("<I", len(head)) + head + data)
