"""Directives that put data into a section: numbers, strings, gaps, alignment, files."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from ..expressions.tree import Binary, Expression, Number, Unary
from ..layout.assembly import Assembly
from ..layout.ranges import check_width, leb128_bytes
from ..layout.sections import Code, Datum, Leb128
from ..target.byte_order import byte_order
from ..text.arguments import split_arguments, unquoted
from ..text.diagnostics import AT_WORD, SourceError
from ..text.included import MAX_INCLUDE_BYTES
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
        order = byte_order(assembly.big_endian)
        for text, offset in split_arguments(statement.rest):
            try:
                expression = assembly.expressions.read_all(statement.rest[: offset + len(text)], offset)
                if isinstance(expression, Binary | Unary):
                    expression = _folded(assembly, expression)
                if isinstance(expression, Number):
                    value = check_width(expression.value, width, offset)
                    assembly.section.append_bytes(value.to_bytes(width, order))
                    continue
            except SourceError as error:
                # The other values of the list are still worth checking.
                assembly.report(statement.place(error.offset), error)
                continue
            need_contents(assembly, statement)
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


def numbered_instruction(assembly: Assembly, statement: Statement) -> None:
    """`.insn LENGTH, NUMBER`: an instruction of so many bytes, as GNU as for RISC-V has it."""
    pieces = split_arguments(statement.rest)
    if len(pieces) != 2:
        raise SourceError(".insn takes the bytes of an instruction, and its number", 0, "write .insn 4, 0x00000013")
    size = assembly.number(statement, *pieces[0])
    if size not in (2, 4):
        raise SourceError(f"an instruction has 2 or 4 bytes, not {size}", pieces[0][1])
    instruction(".n" if size == 2 else ".w")(assembly, msgspec.structs.replace(
        statement, rest=pieces[1][0], rest_offset=statement.rest_offset + pieces[1][1]))


def word(assembly: Assembly, statement: Statement) -> None:
    """`.word`: the architecture says how wide it is."""
    numbers(assembly.target.word_size)(assembly, statement)


def addresses(assembly: Assembly, statement: Statement) -> None:
    """`.dc.a`: numbers as wide as an address."""
    numbers(assembly.target.elf.bits // 8)(assembly, statement)


def text(terminator: bytes) -> Directive:
    """`.ascii` and `.asciz`."""

    def put(assembly: Assembly, statement: Statement) -> None:
        for string in _strings(assembly, statement):
            assembly.section.append_bytes(string + terminator)

    return put


def _strings(assembly: Assembly, statement: Statement) -> list[bytes]:
    def unknown(escape: str, offset: int) -> None:
        assembly.say("warning", f"there is no escape '\\{escape}': it is the character alone", statement.place(offset))

    return read_strings(statement.rest, unknown)


def leb128(signed: bool) -> Directive:
    """`.uleb128`, `.sleb128`: numbers of 7 bits a byte; they may depend on labels."""

    def put(assembly: Assembly, statement: Statement) -> None:
        need_contents(assembly, statement)
        for text, offset in split_arguments(statement.rest):
            expression = _folded(assembly, assembly.expressions.read_all(statement.rest[: offset + len(text)], offset))
            if isinstance(expression, Number):
                assembly.section.append_bytes(leb128_bytes(expression.value, signed, offset))
            else:
                assembly.section.append(Leb128(expression, signed, statement, offset), 1, is_final=False)

    return put


def wide_text(width: int) -> Directive:
    """`.string16`, `.string32`, `.string64`: characters of `width` bytes, with a zero behind each string."""

    def put(assembly: Assembly, statement: Statement) -> None:
        order = byte_order(assembly.big_endian)
        for string in _strings(assembly, statement):
            assembly.section.append_bytes(b"".join(unit.to_bytes(width, order) for unit in string + b"\0"))

    return put


def include_bytes(assembly: Assembly, statement: Statement) -> None:
    """`.incbin "FILE", SKIP, COUNT`."""
    need_contents(assembly, statement)
    pieces = split_arguments(statement.rest)
    if not 1 <= len(pieces) <= 3:
        raise SourceError(".incbin takes a file name, and how much to skip and to take")
    with assembly.find_file(unquoted(pieces[0][0])).open("rb") as file:
        data = file.read(MAX_INCLUDE_BYTES)
    start = assembly.number(statement, *pieces[1]) if len(pieces) > 1 and pieces[1][0] else 0
    count = assembly.number(statement, *pieces[2]) if len(pieces) > 2 else len(data)
    if not 0 <= start <= len(data) or count < 0:
        raise SourceError(f"the file has {len(data)} bytes")
    assembly.section.append_bytes(data[start : start + count])
