"""Directives that say where a file comes from: `.file` of a whole source, `.ident`."""

from __future__ import annotations

import re

from ..layout.assembly import Assembly
from ..target.byte_order import byte_order
from ..text.arguments import split_arguments, unquoted
from ..text.diagnostics import SourceError
from ..text.source import Statement

COMMENT_SECTION = ".comment"
NT_VERSION = 1
_STRINGS = re.compile(r'"((?:\\.|[^"\\])*)"')


def file(assembly: Assembly, statement: Statement) -> None:
    """`.file "NAME"`: the source that the symbols come from. With a number it speaks of the line table."""
    pieces = split_arguments(statement.rest)
    if len(pieces) == 1 and pieces[0][0].startswith('"'):
        assembly.file_symbols.append(unquoted(pieces[0][0]))
        return
    number, _, rest = statement.rest.strip().partition(" ")
    names = _STRINGS.findall(rest)
    if not number.isdigit() or not names:
        raise SourceError(".file takes a name, or a number, perhaps a folder, and a name", 0, 'write .file 1 "NAME"')
    assembly.line_table.files[int(number)] = "/".join(names)


def ident(assembly: Assembly, statement: Statement) -> None:
    """`.ident "TEXT"`: who made it, in the section .comment, where a linker merges equal texts."""
    pieces = split_arguments(statement.rest)
    if len(pieces) != 1 or not pieces[0][0].startswith('"'):
        raise SourceError(".ident takes a string", 0, 'write .ident "TEXT"')
    is_new = COMMENT_SECTION not in assembly.sections
    section = assembly.enter_section(COMMENT_SECTION, "MS", False)
    section.entry_size = 1
    section.append_bytes(b"\0" * is_new + unquoted(pieces[0][0]).encode() + b"\0")


def version(assembly: Assembly, statement: Statement) -> None:
    """`.version "TEXT"`: a note of the type NT_VERSION.  Source: System V ABI, chapter 5 "Note Section"."""
    pieces = split_arguments(statement.rest)
    if len(pieces) != 1 or not pieces[0][0].startswith('"'):
        raise SourceError(".version takes a string", 0, 'write .version "TEXT"')
    name = unquoted(pieces[0][0]).encode() + b"\0"
    order = byte_order(assembly.big_endian)
    section = assembly.enter_section(".note", "", False)
    section.alignment = max(section.alignment, 4)
    section.append_bytes(b"".join(number.to_bytes(4, order) for number in (len(name), 0, NT_VERSION)) + name
                         + bytes(-len(name) % 4))


def gnu_attribute(assembly: Assembly, statement: Statement) -> None:
    """`.gnu_attribute TAG, VALUE`: what the file keeps to of an ABI, for a linker that compares files."""
    pieces = split_arguments(statement.rest)
    if len(pieces) != 2:
        raise SourceError(".gnu_attribute takes a tag and a value", 0, "write .gnu_attribute TAG, NUMBER")
    tag, value = (assembly.number(statement, *piece) for piece in pieces)
    if tag < 0 or value < 0:
        raise SourceError("a tag and its value are not negative", pieces[0][1])
    assembly.gnu_attributes[tag] = value
