"""Branches to code of the other instruction set.

A form annotated `@branch(exchange = FORM)` goes to code of its own instruction set; where the target is a label
of the other one, FORM is meant, with the same operand.  `@branch(stay = FORM)` is the reverse: it always changes
the instruction set, and FORM is meant where the target is a function of its own.  `@branch(exchange = "")` has no
such partner.
Source: ELF for the Arm Architecture (AAELF32), "Call and jump relocations": a linker may turn BL into BLX and back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ....isa.model.items import Form
from ...target.seam import Evaluate
from ...text.diagnostics import AT_WORD, SourceError
from ..codecs.codecs import Late
from ..codecs.coded_codecs import CodedCodec
from ..codecs.names_codecs import NamesCodec
from ..codecs.number_codecs import NumberCodec
from .entries import Candidate, Entry
from .templates import Binding, Slot

ANNOTATION = "branch"


def exchanged(
    candidate: Candidate, value: Evaluate, pointer_bits: Mapping[str, int], entry_of: Callable[[str], Entry]
) -> Candidate:
    """`candidate`, or its partner by `@branch`.  Raises SourceError where there is none, or it does not do."""
    form = candidate.entry.encoder.form
    notes = form.annotations.get(ANNOTATION)
    if notes is None or not pointer_bits:
        return candidate
    for binding in candidate.bindings:
        bits = binding.bits
        if not isinstance(bits, Late) or not bits.is_relative:
            continue
        bit = value.instruction_set_bit(bits.expression, "stay" in notes)
        changes = bit is not None and bit != pointer_bits[form.instruction_set]
        if bit is None or changes == ("stay" in notes):
            return candidate
        partner = str(notes.get("stay" if "stay" in notes else "exchange", ""))
        names = {b: name for name, b in pointer_bits.items()}
        # A condition that is not written makes no difference: only a written one needs the partner to have it, too.
        if not partner or _is_conditional(candidate):
            raise SourceError(
                f"this branch cannot go to a label of {names[bit]} code", AT_WORD,
                "call it with bl, or load its address and use bx")
        return _with_form(candidate, entry_of(partner), binding)
    return candidate


def _is_conditional(candidate: Candidate) -> bool:
    return any(b.number == 0 and not b.slot.is_ambient and b.slot.codec.write(int(b.bits), 0)
               for b in candidate.bindings if not isinstance(b.bits, Late))


def _with_form(candidate: Candidate, entry: Entry, operand: Binding) -> Candidate:
    """The partner with the operand of the candidate, read by the partner's own codec."""
    assert isinstance(operand.bits, Late)
    bindings: list[Binding] = []
    for part in entry.operands:
        if isinstance(part, Slot) and isinstance(part.codec, NumberCodec | CodedCodec):
            late = Late(operand.bits.expression, part.codec, True)
            bindings.append(Binding(part, late, operand.offset, operand.number))
    for part in entry.mnemonic:
        if isinstance(part, Slot):
            same = [b for b in candidate.bindings if b.number == 0 and b.slot.name == part.name]
            unwritten = part.codec.values.get("", 0) if isinstance(part.codec, NamesCodec) else 0
            bindings.append(Binding(part, same[0].bits if same else unwritten, 0, 0))
    return Candidate(entry, tuple(bindings), ())


MAKES_POINTER = "makes_pointer"
"""`@makes_pointer` at an instruction with a relative operand: what it computes is data (`adr`), so that the address of
a function has the bit of its instruction set, as a pointer has."""


def asked_value(bits: Late, value: Evaluate, form: Form) -> int:
    """The value that a late operand of a form waits for.  Raises SourceError if it has none."""
    if not bits.is_relative:
        return value.pointer(bits.expression)
    number = value.number(bits.expression)
    if MAKES_POINTER in form.annotations:
        number |= value.instruction_set_bit(bits.expression, True) or 0
    return number
