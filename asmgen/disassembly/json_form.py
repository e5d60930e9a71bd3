"""Disassembly as JSON: one document with sections, their pieces, symbols, relocations and source lines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from .code_sections import read_code
from .disassembler import Disassembled, Disassembler
from .fields import field_rows
from .listing import Entry, Wanted, chosen_sections, entries


def json_of_file(disassembler: Disassembler, data: bytes, name: str, wanted: Wanted) -> str:
    """The document of an ELF file: {"file", "sections": [{"name", "address", "size", "entries": […]}]}.

    Raises TraplineError as `list_elf` does.
    """
    file = read_code(data, name, disassembler)
    sections = [
        {"name": section.name, "address": section.address, "size": len(section.data),
         "entries": [_entry(disassembler, one, wanted.fields) for one in entries(disassembler, file, section)]}
        for section in chosen_sections(file, wanted, name)
    ]
    return _text({"file": name, "sections": sections})


def json_of_words(disassembler: Disassembler, words: Iterable[Disassembled], fields: bool) -> str:
    """The document of single instructions: {"entries": […]}."""
    return _text({"entries": [_instruction(disassembler, one, fields) for one in words]})


def _text(document: dict[str, Any]) -> str:
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode()


def _entry(disassembler: Disassembler, one: Entry, fields: bool) -> dict[str, Any]:
    row: dict[str, Any] = {"address": one.address, "bytes": one.data.hex(), "set": one.instruction_set}
    if one.instruction is None:
        row["text"] = one.text
    else:
        row |= _instruction(disassembler, one.instruction, fields)
    if one.labels:
        row["labels"] = list(one.labels)
    if one.symbol is not None:
        row["symbol"] = {"name": one.symbol[0], "offset": one.symbol[1]}
    if one.relocations:
        row["relocations"] = [{"address": r.address, "type": r.kind, "symbol": r.symbol, "addend": r.addend}
                              for r in one.relocations]
    if one.line is not None:
        row["source"] = {"file": one.line.file, "line": one.line.line}
    return row


def _instruction(disassembler: Disassembler, one: Disassembled, fields: bool) -> dict[str, Any]:
    row: dict[str, Any] = {"address": one.address, "word": one.word, "size": one.size, "text": one.text,
                           "form": one.form}
    if one.reason:
        row["reason"] = one.reason
    if one.target is not None:
        row["target"] = one.target
    if fields and one.form:
        row["fields"] = {field.name: field.value for field in field_rows(disassembler, one)}
    return row
