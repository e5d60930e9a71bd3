"""Text of an instruction word the long way: the first alias that says the same, else the instruction's own syntax."""

from __future__ import annotations

from collections.abc import Iterator

from ..instructions.codecs.encoding import Fields, FormEncoder
from ..instructions.templates.alias_values import alias_values, slot_bits
from ..instructions.templates.candidates import MnemonicTable
from ..instructions.templates.entries import Entry
from ..instructions.templates.written_parts import join_operands, write_parts


def entries_that_say(table: MnemonicTable, encoder: FormEncoder, fields: Fields) -> Iterator[tuple[Entry, Fields]]:
    """The entries that mean these fields, in the order in which they are tried, with the values of their operands."""
    name = encoder.form.name
    for entry in table.aliases_of(name):
        if entry.alias is not None and not entry.alias.input_only:
            known = alias_values(entry, fields, table.functions)
            if known is not None:
                yield entry, known
    for entry in table.entries_of(name):
        yield entry, fields


def filled(entry: Entry, known: Fields, address: int, condition: int | None) -> str | None:
    """The text of a template with operands put in, or None if one of them has no text."""
    bits = dict(slot_bits(entry.mnemonic + entry.operands, known, entry.encoder, condition))
    mnemonic = write_parts(entry.mnemonic, bits, known, address)
    operands = write_parts(entry.operands, bits, known, address)
    if mnemonic is None or operands is None:
        return None
    return ("".join(text for text, _ in mnemonic) + " " + join_operands(operands)).rstrip()
