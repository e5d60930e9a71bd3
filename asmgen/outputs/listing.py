"""A listing: beside each line of the source the place and the bytes that it made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..layout.assembly import Assembly
from ..layout.listed import ListedStatement
from ..text.source import SourceLine

_A_ROW = 8
"""Bytes in a row."""
_ROWS = 4
"""Rows of one statement; what is more is told by its number of bytes."""


def listing(assembly: Assembly, contents: Mapping[str, bytes], is_placed: bool) -> str:
    """The text, one source after the other; empty where `Reading.is_listed` did not ask for it.

    `contents` are the sections' bytes. Places are addresses where the sections have some (`is_placed`), else offsets.
    """
    lines: list[str] = []
    file, last = "", None
    for one in assembly.listed:
        if one.line.file != file:
            file = one.line.file
            lines.append(f"{file}:")
        is_new = last is None or last is not one.line
        last = one.line
        base = (one.section.address or 0) if is_placed else 0
        lines += _rows(one, contents.get(one.section.key, b""), base, one.line if is_new else None)
    return "".join(line + "\n" for line in lines)


def _rows(one: ListedStatement, contents: bytes, base: int, line: SourceLine | None) -> Iterator[str]:
    data = contents[one.start.offset : one.end.offset]
    pieces = [data[at : at + _A_ROW] for at in range(0, len(data), _A_ROW)] or [b""]
    size = one.end.offset - one.start.offset
    for number, piece in enumerate(pieces[:_ROWS]):
        place = f"{base + one.start.offset + _A_ROW * number:8x}" if size else " " * 8
        text = line.text.rstrip() if line is not None and not number else ""
        count = f"{line.number:6}" if line is not None and not number else " " * 6
        yield f"{count} {place}  {piece.hex():16}  {text}".rstrip()
    if len(pieces) > _ROWS:
        yield f"{'':6} {'':8}  ... {size} bytes"
