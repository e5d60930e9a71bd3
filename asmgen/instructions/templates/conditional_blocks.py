"""Conditional blocks: one instruction that gives the following ones their conditions (T32's IT).

A form annotated `@it_block(condition = OPERAND, mask = FIELD)` opens a block.  `ambient` operands of the
instructions inside spell the condition without having bits for it; outside a block they spell the last
entry of their names list.
Source: ARM DDI 0406C, A2.5.2 "Execution state registers", ITSTATE.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from ...text.diagnostics import AT_WORD, SourceError
from ..codecs.encoding import Fields, FormEncoder, join
from ..codecs.names_codecs import NamesCodec
from .templates import Binding, Slot

ANNOTATION = "it_block"


class BlockOpener(Struct, frozen=True):
    """How a block is opened: the mnemonic, letters for further instructions, and the names of conditions."""

    mnemonic: str
    names: tuple[str | None, ...]

    @property
    def always(self) -> int:
        """The condition that always holds, behind all others."""
        return len(self.names) - 1

    def statement(self, conditions: Sequence[int]) -> tuple[str, str]:
        """Mnemonic and operand that give these conditions, all of them the first one or its contrary."""
        further = "".join("t" if one == conditions[0] else "e" for one in conditions[1:])
        return self.mnemonic + further, self.names[conditions[0]] or ""


def opened_by(encoder: FormEncoder, fields: Fields, slots: dict[str, Slot]) -> tuple[int, ...] | None:
    """The conditions that this instruction gives to those behind it, or None if it opens no block."""
    notes = encoder.form.annotations.get(ANNOTATION)
    if notes is None:
        return None
    slot = slots[str(notes["condition"])]
    first = join(fields, slot.fields, encoder.widths)
    mask = fields[str(notes["mask"])]
    width = encoder.widths[str(notes["mask"])]
    # The lowest set bit ends the mask; above it stands the last bit of each further condition.
    ending = (mask & -mask).bit_length() - 1
    further = [mask >> bit & 1 for bit in range(width - 1, ending, -1)]
    return (first, *(first & ~1 | bit for bit in further))


def ambient_bits(slot: Slot, condition: int | None) -> int:
    """What an ambient operand spells under `condition`; None is outside of any block."""
    if condition is not None:
        return condition
    return len(slot.codec.texts) - 1 if isinstance(slot.codec, NamesCodec) else 0


def check_condition(bindings: tuple[Binding, ...], condition: int | None, written: str) -> None:
    """`written` is the operand by which instructions spell a condition that they have bits for.

    Raise SourceError if an ambient operand says something else than the block, or the lack of one."""
    for binding in bindings:
        slot = binding.slot
        if condition is not None and not binding.number and slot.name == written:
            # An instruction that spells a condition of its own, as `b` in its short form does.
            raise SourceError("an instruction with a condition of its own cannot stand in this block", AT_WORD)
        if not slot.is_ambient or binding.bits == ambient_bits(slot, condition):
            continue
        wanted = slot.codec.write(ambient_bits(slot, condition), 0) or ""
        if condition is not None:
            raise SourceError(f"inside this block the instruction must have the condition '{wanted}'", AT_WORD,
                              "the instruction that opens the block gives each following one its condition")
        raise SourceError("an instruction with a condition must stand in a conditional block here", AT_WORD,
                          "open one in the line above, or write it " + (f"with '{wanted}'" if wanted else "without"))
