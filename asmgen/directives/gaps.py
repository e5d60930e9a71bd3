"""Directives that leave room: gaps, alignment, and where to go on."""

from __future__ import annotations

from collections.abc import Callable

from ..expressions.evaluation import evaluate_number
from ..expressions.tree import Expression, Number
from ..expressions.values import NotKnownYet, Relative
from ..layout.assembly import Assembly
from ..layout.ranges import check_origin, check_width, gap_size
from ..layout.sections import MAX_BYTES, MAX_EXTENT, Gap, Origin
from ..target.byte_order import byte_order
from ..target.padding import CodePadding
from ..text.arguments import split_arguments
from ..text.diagnostics import SourceError
from ..text.source import Statement

Directive = Callable[["Assembly", Statement], None]


def _arguments(assembly: Assembly, statement: Statement, least: int, most: int) -> list[int | None]:
    """The constant arguments of a directive; None for one left empty.  Raises SourceError."""
    pieces = split_arguments(statement.rest)
    if not least <= len(pieces) <= most:
        takes = str(least) if least == most else f"{least} to {most}"
        raise SourceError(f"{statement.word} takes {takes} argument{'s' * (most > 1)}, not {len(pieces)}")
    return [assembly.number(statement, text, offset) if text else None for text, offset in pieces]


def skip(assembly: Assembly, statement: Statement) -> None:
    """`.skip COUNT, FILL`: the count may depend on labels."""
    pieces = split_arguments(statement.rest)
    if not 1 <= len(pieces) <= 2:
        raise SourceError(f"{statement.word} takes 1 or 2 arguments, not {len(pieces)}")
    fill = assembly.number(statement, *pieces[1]) if len(pieces) == 2 else 0
    count = assembly.expressions.read_all(pieces[0][0])
    _gap(assembly, statement, count, bytes([check_width(fill, 1)]))


def _gap(assembly: Assembly, statement: Statement, count: Expression, fill: bytes) -> None:
    gap = Gap(count, fill, statement)
    try:
        size = gap_size(gap, evaluate_number(count, assembly.symbols.address, assembly.here()),
                        assembly.section.nobits)
    except NotKnownYet:
        assembly.section.append(gap, 0, is_final=False)
        return
    assembly.section.append(gap, size)


def fill(assembly: Assembly, statement: Statement) -> None:
    """`.fill REPEAT, SIZE, VALUE`."""
    values = _arguments(assembly, statement, 1, 3)
    repeat = values[0] or 0
    size = 1 if len(values) < 2 or values[1] is None else values[1]
    value = 0 if len(values) < 3 or values[2] is None else values[2]
    if size < 0:
        raise SourceError(f"cannot fill with units of {size} bytes", 0, "the size must lie in 1..8")
    # The value has 4 bytes at most, and a unit 8; what is more is zeros behind it (as in 4.2BSD).
    size = min(size, 8)
    width = min(size, 4)
    unit = (value & ((1 << 8 * width) - 1)).to_bytes(width, byte_order(assembly.big_endian)) + bytes(size - width)
    if not unit:
        return
    _gap(assembly, statement, Number(repeat), unit)


def align(is_power: bool, unit: int = 1, has_default: bool = False) -> Directive:
    """`.balign BYTES, FILL, LIMIT`, or `.p2align LOG2, FILL, LIMIT` when `is_power`; FILL has `unit` bytes.

    `has_default` (`.align`): nothing, and zero, mean what the architecture says.
    """

    def put(assembly: Assembly, statement: Statement) -> None:
        values = _arguments(assembly, statement, 0, 3) or [0]
        filled = unit
        amount = values[0] or (assembly.target.align_default if has_default else 0)
        if is_power and not 0 <= amount <= 24:
            raise SourceError(f"cannot align to 2 to the power {amount}", 0, "the power must lie in 0..24")
        alignment = 1 << amount if is_power else amount or 1
        if alignment < 0 or alignment & (alignment - 1) or alignment > 1 << 24:
            raise SourceError(f"{alignment} is not a power of two", 0, "align to 1, 2, 4, 8 … 16777216 bytes")
        filler: bytes | CodePadding = b"\0"
        if len(values) > 1 and values[1] is not None:
            filler = (values[1] & ((1 << 8 * unit) - 1)).to_bytes(unit, byte_order(assembly.big_endian))
        else:
            filler = assembly.padding_of(assembly.section)
            filled = 1
        limit = values[2] if len(values) > 2 and values[2] is not None else 0
        need = -assembly.section.size % alignment
        if not assembly.section.epoch and need % filled and need <= (limit or alignment):
            raise SourceError(f"a gap of {need} bytes cannot be filled with units of {filled}", 0,
                              "align to the unit first, or give no value")
        assembly.section.pad(alignment, filler, limit or alignment)

    return put


def even(assembly: Assembly, statement: Statement) -> None:
    """`.even`: to a multiple of 2, with zeros."""
    assembly.section.pad(2, b"\0", 2)


def blocks(width: int) -> Directive:
    """`.dcb.b COUNT, VALUE` and its kin: a value of `width` bytes, several times."""

    def put(assembly: Assembly, statement: Statement) -> None:
        values = _arguments(assembly, statement, 1, 2)
        value = values[1] if len(values) > 1 and values[1] is not None else 0
        unit = check_width(value, width).to_bytes(width, byte_order(assembly.big_endian))
        _gap(assembly, statement, Number(values[0] or 0), unit)

    return put


def reserve(width: int) -> Directive:
    """`.ds.b COUNT` and its kin: zeros for so many units of `width` bytes."""

    def put(assembly: Assembly, statement: Statement) -> None:
        values = _arguments(assembly, statement, 1, 2)
        _gap(assembly, statement, Number(values[0] or 0), bytes(width))

    return put


def assign_place(assembly: Assembly, statement: Statement, text: str, offset: int) -> None:
    """`. = PLACE`: as `.org`."""
    _go_on_at(assembly, statement, assembly.expressions.read_all(text, offset), 0)


def origin(assembly: Assembly, statement: Statement) -> None:
    """`.org PLACE, FILL`: a plain number counts from the start of the section."""
    pieces = split_arguments(statement.rest)
    if not 1 <= len(pieces) <= 2:
        raise SourceError(f".org takes 1 or 2 arguments, not {len(pieces)}")
    filler = check_width(assembly.number(statement, *pieces[1]), 1) if len(pieces) == 2 else 0
    _go_on_at(assembly, statement, assembly.expressions.read_all(pieces[0][0]), filler)


def _go_on_at(assembly: Assembly, statement: Statement, place: Expression, filler: int) -> None:
    value = assembly.early(place)
    section = assembly.section
    if isinstance(value, Relative) and value.section != section.name:
        raise SourceError(f".org to a place in {value.section}, but this is {section.name}")
    is_address = isinstance(value, Relative)
    offset = value.offset if isinstance(value, Relative) else value
    item = Origin(place, is_address, filler, statement)
    is_final = section.epoch == 0
    if is_final:
        check_origin(offset, section.size)
    limit = MAX_EXTENT if section.nobits else MAX_BYTES
    if offset > limit:
        raise SourceError(f".org to {offset:#x} is beyond what a section may hold ({limit:#x})", 0,
                          "give the section an address with .place, and count from its start")
    section.append(item, max(0, offset - section.size), is_final)
