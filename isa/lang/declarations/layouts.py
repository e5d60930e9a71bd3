"""Formats and case layouts to fields: which bits of an instruction hold which bits of a field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ...model import items as model
from .. import tree
from ..names.environment import Environment
from ..tree import Item, Span


@dataclass
class Layout:
    """Fields and fixed bits of a word of `length` bits. `spans` is where each field was written."""

    length: int
    fields: dict[str, tuple[model.Piece, ...]] = field(default_factory=dict)
    mask: int = 0
    match: int = 0
    should_mask: int = 0
    should_be: int = 0
    spans: dict[str, Span] = field(default_factory=dict)

    def width(self, name: str) -> int:
        """A field's width in bits."""
        return sum(piece.width for piece in self.fields[name])

    def spread(self, name: str, value: int) -> tuple[int, int]:
        """(mask, bits) that say in the word that a field has a value."""
        mask = bits = 0
        for piece in self.fields[name]:
            part = (1 << piece.width) - 1
            mask |= part << piece.word_low
            bits |= (value >> piece.field_low & part) << piece.word_low
        return mask, bits

    def copy(self) -> Layout:
        """An independent copy."""
        return Layout(
            self.length, dict(self.fields), self.mask, self.match, self.should_mask, self.should_be, dict(self.spans)
        )


def read_layout(env: Environment, elements: Sequence[tree.LayoutElement], length: int, what: str, span: Span) -> Layout:
    """The layout that elements describe, from the most significant bit on; they must add up to `length`."""
    total = sum(element.width for element in elements)
    if total != length:
        hint = f"{length - total} bits are missing" if total < length else f"{total - length} bits are too many"
        raise env.error("format", f"the fields of {what} add up to {total} bits, not {length}", span, hint)
    layout = Layout(length)
    pieces: dict[str, list[tuple[tree.LayoutElement, int]]] = {}
    position = length
    for element in elements:
        position -= element.width
        if element.kind in ("fixed", "should_be"):
            if element.value >> element.width:
                raise env.error("format", f"{element.value:#x} does not fit {element.width} bits", element.span)
            mask, bits = ((1 << element.width) - 1) << position, element.value << position
            if element.kind == "fixed":
                layout.mask |= mask
                layout.match |= bits
            else:
                layout.should_mask |= mask
                layout.should_be |= bits
        else:
            pieces.setdefault(element.name, []).append((element, position))
    for name, own in pieces.items():
        layout.fields[name] = _assemble(env, name, own)
        layout.spans[name] = own[0][0].span
    return layout


def _assemble(env: Environment, name: str, own: list[tuple[tree.LayoutElement, int]]) -> tuple[model.Piece, ...]:
    if len(own) == 1 and own[0][0].kind == "field":
        element, position = own[0]
        return (model.Piece(position, 0, element.width),)
    for element, _ in own:
        if element.kind == "field":
            raise env.error(
                "format",
                f"field '{name}' stands there twice",
                element.span,
                f"pieces of one field are written {name}[a:b]",
            )
    width = 1 + max(max(element.first, element.last) for element, _ in own)
    covered = 0
    pieces = []
    for element, position in own:
        low, size = env.low_bit(element.first, element.last, width, element.span, f"field '{name}'")
        part = ((1 << size) - 1) << low
        if covered & part:
            raise env.error("format", f"bits of field '{name}' stand there twice", element.span)
        covered |= part
        pieces.append(model.Piece(position, low, size))
    if covered != (1 << width) - 1:
        raise env.error("format", f"the pieces of field '{name}' leave bits out", own[0][0].span)
    return tuple(pieces)


def nest(outer: Sequence[model.Piece], inner: Layout) -> Layout:
    """A layout within a field, seen from the word: `outer` tells where the field's bits are."""
    place = {piece.field_low + bit: piece.word_low + bit for piece in outer for bit in range(piece.width)}
    result = Layout(inner.length)
    for name, pieces in inner.fields.items():
        bits = sorted(
            (piece.field_low + bit, place[piece.word_low + bit]) for piece in pieces for bit in range(piece.width)
        )
        result.fields[name] = _runs(bits)
        result.spans[name] = inner.spans[name]
    for bit in range(inner.length):
        if inner.mask >> bit & 1:
            result.mask |= 1 << place[bit]
            result.match |= (inner.match >> bit & 1) << place[bit]
        if inner.should_mask >> bit & 1:
            result.should_mask |= 1 << place[bit]
            result.should_be |= (inner.should_be >> bit & 1) << place[bit]
    return result


def _runs(bits: list[tuple[int, int]]) -> tuple[model.Piece, ...]:
    runs: list[model.Piece] = []
    for field_bit, word_bit in bits:
        last = runs[-1] if runs else None
        if last is not None and last.field_low + last.width == field_bit and last.word_low + last.width == word_bit:
            runs[-1] = model.Piece(last.word_low, last.field_low, last.width + 1)
        else:
            runs.append(model.Piece(word_bit, field_bit, 1))
    return tuple(runs)


@dataclass(frozen=True)
class Format:
    """A format: its layout, instruction set and exclusions."""

    name: str
    layout: Layout
    instruction_set: str
    excludes: tuple[tree.Exclusion, ...]
    item: Item


def read_formats(env: Environment, sets: dict[str, model.InstructionSet]) -> dict[str, Format]:
    """All formats; a format names its set where there are several."""
    from ..names.environment import Mistake

    formats: dict[str, Format] = {}
    for item in env.of("format"):
        try:
            inside = item.modifiers.inside
            if inside is not None and inside.name not in sets:
                raise env.unknown("instruction_set", inside.name, inside.span, sets)
            if inside is None and len(sets) != 1:
                raise env.error(
                    "format",
                    f"format '{item.name}' does not say which instruction set it is in",
                    item.span,
                    f"format {item.name} in {next(iter(sets), 'SET')} {{ … }}",
                )
            set_name = inside.name if inside is not None else next(iter(sets))
            elements: tuple[tree.LayoutElement, ...] = item.parts["layout"]
            unit = sets[set_name].unit
            total = sum(element.width for element in elements)
            length = total if sets[set_name].long and total == 2 * unit else unit
            layout = read_layout(env, elements, length, f"format '{item.name}'", item.span)
            formats[item.name] = Format(item.name, layout, set_name, item.modifiers.excludes, item)
        except Mistake:
            continue
    return formats
