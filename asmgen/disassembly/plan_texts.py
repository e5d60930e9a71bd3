"""The expression of a plan: the text of a template, with pieces that write what changes from word to word."""

from __future__ import annotations

from collections.abc import Callable

from ...isa.model.items import Literal
from ..expressions.parser import ExpressionReader
from ..instructions.codecs.coded_codecs import CodedCodec
from ..instructions.codecs.encoding import FormEncoder, split
from ..instructions.codecs.number_codecs import NumberCodec
from ..instructions.codecs.word_bits import gathered, placements
from ..instructions.plans.kinds import Kinds
from ..instructions.templates.alias_values import slot_bits
from ..instructions.templates.candidates import MnemonicTable
from ..instructions.templates.entries import Entry
from ..instructions.templates.templates import Choice, Part, Slot
from .operand_texts import OperandTexts


class PlanTexts:
    """Puts the expression together that writes the words of a plan."""

    def __init__(self, table: MnemonicTable, entry: Entry, kinds: Kinds, expressions: ExpressionReader) -> None:
        self._table, self._entry, self._kinds, self._expressions = table, entry, kinds, expressions
        self.names: dict[str, object] = {}
        self.is_fixed = True
        self._pieces: list[str] = []

    def fixed(self, parts: tuple[Part, ...], known: dict[str, int]) -> str | None:
        """The text of a mnemonic, whose bits are the same in all words of the plan."""
        bits = dict(slot_bits(parts, known, self._entry.encoder, None))
        out = ""
        for part in parts:
            if isinstance(part, Choice):
                more = self.fixed(part.parts, known) if known.get(part.field) == part.value else ""
            else:
                more = part.text if isinstance(part, Literal) else part.codec.write(bits[part.name], 0)
            if more is None:
                return None
            out += more
        return out

    def parts(self, parts: tuple[Part, ...], known: dict[str, int]) -> list[tuple[str, bool]] | None:
        """The operands as `write_parts` gives them, with characters that stand for those that change."""
        bits = dict(slot_bits(parts, known, self._entry.encoder, None))
        texts: list[tuple[str, bool]] = []
        for part in parts:
            if isinstance(part, Literal):
                texts.append((part.text, not part.word))
            elif isinstance(part, Choice):
                if known.get(part.field) == part.value:
                    inner = self.parts(part.parts, known)
                    if inner is None:
                        return None
                    texts += inner
            else:
                text = self._operand(part, bits[part.name])
                if text is None:
                    return None
                texts.append((text, False))
        return texts

    def _operand(self, slot: Slot, bits: int) -> str | None:
        codec = slot.codec
        if slot.is_ambient:
            return codec.write(bits, 0)
        encoder, decode = self._entry.encoder, None
        names = slot.fields
        if not names or not all(name in encoder.widths for name in names):
            own = next((one for one in self._entry.alias.operands if one.name == slot.name), None) \
                if self._entry.alias is not None else None
            if own is None:
                return None
            names = own.fields
            decode = _decoder(self._table, own.decode, names, encoder)
        number = len(self._pieces)
        value = gathered(placements(encoder, names))
        if isinstance(codec, NumberCodec | CodedCodec) and not codec.is_plain:
            if decode is not None or not isinstance(codec, NumberCodec) or not codec.always_reads_back:
                return None
            self.is_fixed = False
            piece = codec.place_piece(value)
            if piece is None:
                self.names[f"write{number}"] = codec.write
                piece = f"{{write{number}({value}, address)}}"
            self._pieces.append(piece)
        elif isinstance(codec, NumberCodec) and decode is None and (plain := codec.expression(value)) is not None:
            self._pieces.append(f"{{{plain}}}")
        else:
            first = codec.write(bits, 0)
            if first is None:
                return None
            texts = OperandTexts(codec, decode, self._kinds, first, self._expressions)
            self.names[f"texts{number}"] = texts
            self._pieces.append(f"{{texts{number}[{value}]}}")
            if not first:
                # It is asked for all the same: it has to be empty in other words, too.
                return ""
        return chr(_FIRST_MARK + number)

    def f_string(self, text: str) -> str:
        """The body of an f-string that is the text with its operands."""
        for char, escaped in (("\\", "\\\\"), ('"', '\\"'), ("{", "{{"), ("}", "}}")):
            text = text.replace(char, escaped)
        for number, piece in enumerate(self._pieces):
            mark = chr(_FIRST_MARK + number)
            text = text.replace(mark, piece) if mark in text else piece + text
        return text


_FIRST_MARK = 0xE000
"""The first of Unicode's private characters."""


def _decoder(
    table: MnemonicTable, function: str, names: tuple[str, ...], encoder: FormEncoder
) -> Callable[[int], int]:
    def decode(raw: int) -> int:
        fields = split(raw, names, encoder.widths)
        return table.functions.call(function, *(fields[name] for name in names))[0]

    return decode
