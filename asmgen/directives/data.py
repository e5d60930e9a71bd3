"""Directives that put data into a section: numbers, strings, gaps, alignment, files."""

from __future__ import annotations

from collections.abc import Callable

from ..expressions.evaluation import evaluate_number
from ..expressions.tree import Binary, Expression, Number
from ..expressions.values import NotKnownYet, Relative
from ..layout.assembly import Assembly
from ..layout.ranges import check_origin, check_width, gap_size
from ..layout.sections import MAX_BYTES, MAX_EXTENT, Code, Datum, Gap, Origin
from ..target.byte_order import byte_order
from ..text.arguments import split_arguments, unquoted
from ..text.diagnostics import AT_WORD, SourceError
from ..text.source import Statement
from ..text.strings import read_strings

Directive = Callable[["Assembly", Statement], None]


def need_contents(assembly: Assembly, statement: Statement) -> None:
    """Raise SourceError where the section is one without contents."""
    if assembly.section.nobits:
        raise SourceError(f"data cannot stand in {assembly.section.name}, which has no contents",
                          AT_WORD, "use .skip there, or say .data first")


def numbers(width: int) -> Directive:
    """The directive that puts values of `width` bytes (`.byte`, `.long` …)."""

    def put(assembly: Assembly, statement: Statement) -> None:
        need_contents(assembly, statement)
        order = byte_order(assembly.big_endian)
        for text, offset in split_arguments(statement.rest):
            try:
                expression = assembly.expressions.read_all(statement.rest[: offset + len(text)], offset)
                if isinstance(expression, Binary):
                    expression = _folded(assembly, expression)
                if isinstance(expression, Number):
                    value = check_width(expression.value, width, offset)
                    assembly.section.append_bytes(value.to_bytes(width, order))
                    continue
            except SourceError as error:
                # The other values of the list are still worth checking.
                assembly.report(statement.place(error.offset), error)
                continue
            assembly.section.append(Datum(expression, width, statement, offset), width)

    return put


def _folded(assembly: Assembly, expression: Expression) -> Expression:
    """The number that an expression is by now: a difference of two places between which nothing can grow."""
    try:
        value = assembly.early(expression)
    except SourceError:
        return expression
    return Number(value) if isinstance(value, int) else expression


def instruction(suffix: str) -> Directive:
    """`.inst`, `.inst.n`, `.inst.w`: an instruction given as a number.

    Without a suffix it is long where the first unit says so, as GNU as decides it: by its value.
    """

    def put(assembly: Assembly, statement: Statement) -> None:
        need_contents(assembly, statement)
        chosen = assembly.instruction_set
        for text, offset in split_arguments(statement.rest):
            value = assembly.number(statement, text, offset)
            is_short = suffix == ".n" or (not suffix and chosen.alignment == 2 and value < 1 << 16)
            size = 2 if is_short else 4
            bits = check_width(value, size, offset)
            code = assembly.target.instruction_bytes(bits, size, chosen, assembly.big_endian)
            assembly.section.append(Code(code, statement, chosen), size)
        assembly.section.alignment = max(assembly.section.alignment, chosen.alignment)

    return put


def word(assembly: Assembly, statement: Statement) -> None:
    """`.word`: the architecture says how wide it is."""
    numbers(assembly.target.word_size)(assembly, statement)


def text(terminator: bytes) -> Directive:
    """`.ascii` and `.asciz`."""

    def put(assembly: Assembly, statement: Statement) -> None:
        need_contents(assembly, statement)
        for string in read_strings(statement.rest):
            assembly.section.append_bytes(string + terminator)

    return put


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
    if not 0 < size <= 8:
        raise SourceError(f"cannot fill with units of {size} bytes", 0, "the size must lie in 1..8")
    unit = check_width(value, size).to_bytes(size, byte_order(assembly.big_endian))
    _gap(assembly, statement, Number(repeat), unit)


def align(is_power: bool) -> Directive:
    """`.balign BYTES, FILL, LIMIT`, or `.p2align LOG2, FILL, LIMIT` when `is_power`."""

    def put(assembly: Assembly, statement: Statement) -> None:
        values = _arguments(assembly, statement, 0, 3) or [2 if is_power else 4]
        amount = values[0] or 0
        if is_power and not 0 <= amount <= 24:
            raise SourceError(f"cannot align to 2 to the power {amount}", 0, "the power must lie in 0..24")
        alignment = 1 << amount if is_power else amount or 1
        if alignment < 0 or alignment & (alignment - 1) or alignment > 1 << 24:
            raise SourceError(f"{alignment} is not a power of two", 0, "align to 1, 2, 4, 8 … 16777216 bytes")
        filler = assembly.instruction_set.padding if assembly.section.executable else b""
        if len(values) > 1 and values[1] is not None:
            filler = bytes([check_width(values[1], 1)])
        limit = values[2] if len(values) > 2 and values[2] is not None else alignment
        assembly.section.pad(alignment, filler or b"\0", limit)

    return put


def origin(assembly: Assembly, statement: Statement) -> None:
    """`.org PLACE, FILL`: a plain number counts from the start of the section."""
    pieces = split_arguments(statement.rest)
    if not 1 <= len(pieces) <= 2:
        raise SourceError(f".org takes 1 or 2 arguments, not {len(pieces)}")
    filler = check_width(assembly.number(statement, *pieces[1]), 1) if len(pieces) == 2 else 0
    place = assembly.expressions.read_all(pieces[0][0])
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


def include_bytes(assembly: Assembly, statement: Statement) -> None:
    """`.incbin "FILE", SKIP, COUNT`."""
    need_contents(assembly, statement)
    pieces = split_arguments(statement.rest)
    if not 1 <= len(pieces) <= 3:
        raise SourceError(".incbin takes a file name, and how much to skip and to take")
    data = assembly.find_file(unquoted(pieces[0][0])).read_bytes()
    start = assembly.number(statement, *pieces[1]) if len(pieces) > 1 and pieces[1][0] else 0
    count = assembly.number(statement, *pieces[2]) if len(pieces) > 2 else len(data)
    if not 0 <= start <= len(data) or count < 0:
        raise SourceError(f"the file has {len(data)} bytes")
    assembly.section.append_bytes(data[start : start + count])
