"""Templates with operands and cases put in: the parts that assembler and disassembler work with."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from ...model import items as model
from ..names.environment import Environment
from .operands import Case, OperandItem
from .templates import Defaulted, Group, Named, ParsedTemplate, Part, Text

ModelPart = model.TemplatePart


class Flattener:
    """Flattens templates for one form: its fields (name to width), fixed values, operands and chosen cases."""

    def __init__(
        self,
        env: Environment,
        fields: Mapping[str, int],
        fixed: Mapping[str, int],
        operands: Mapping[str, OperandItem],
        chosen: Mapping[str, Case],
        own: Mapping[str, model.Operand] | None = None,
    ) -> None:
        self.env = env
        self.fields = fields
        self.fixed = fixed
        self.operands = operands
        self.chosen = chosen
        self.own = own or {}

    def templates(self, parsed: Sequence[ParsedTemplate]) -> tuple[model.Template, ...]:
        """All templates, the one to print first."""
        result = []
        for template in parsed:
            for mnemonic in self.expand(template.mnemonic):
                for operands in self.expand(template.operands):
                    result.append(model.Template(mnemonic, operands, template.source, self.env.line(template.span)))
        return tuple(result)

    def expand(self, parts: Sequence[Part]) -> Iterator[tuple[ModelPart, ...]]:
        """Every way to write the parts; cases may have several templates."""
        choices = [list(self._part(part)) for part in parts]
        for combination in itertools.product(*choices):
            yield tuple(piece for pieces in combination for piece in pieces)

    def _part(self, part: Part) -> Iterator[tuple[ModelPart, ...]]:
        if isinstance(part, Text):
            yield (model.Literal(part.text, part.word),)
        elif isinstance(part, Group):
            yield from self._group(part)
        elif isinstance(part, Defaulted):
            yield from self._defaulted(part)
        else:
            yield from self._named(part)

    def _group(self, group: Group) -> Iterator[tuple[ModelPart, ...]]:
        if group.field not in self.fields:
            raise self.env.unknown("field", group.field, group.span, self.fields)
        if group.value >> self.fields[group.field]:
            raise self.env.error(
                "width",
                f"{group.value} does not fit field '{group.field}' of {self.fields[group.field]} bits",
                group.span,
            )
        if group.field in self.fixed:
            yield from self.expand(group.parts) if self.fixed[group.field] == group.value else ((),)
            return
        for parts in self.expand(group.parts):
            yield (model.Optional(parts, group.field, group.value),)

    def _defaulted(self, part: Defaulted) -> Iterator[tuple[ModelPart, ...]]:
        for pieces in self._named(Named(part.name, part.span)):
            operand = pieces[0]
            if len(pieces) != 1 or not isinstance(operand, model.Operand):
                raise self.env.error("syntax", f"'{part.name}' has cases, and cannot be left out", part.span)
            if part.value >> operand.width:
                raise self.env.error(
                    "width", f"{part.value} does not fit operand '{part.name}' of {operand.width} bits", part.span
                )
            yield (msgspec.structs.replace(operand, absent=part.value),)

    def _named(self, part: Named) -> Iterator[tuple[ModelPart, ...]]:
        if part.name in self.own:
            yield (self.own[part.name],)
            return
        operand = self.operands.get(part.name)
        if operand is not None and operand.cases:
            case = self.chosen[part.name]
            for template in case.templates:
                yield from self.expand(template.operands)
            return
        if operand is not None and operand.otherwise and any(name not in self.fields for name, _ in operand.fields):
            yield from self._named(Named(operand.otherwise, part.span))
            return
        if operand is not None:
            for name, width in operand.fields:
                if name not in self.fields:
                    if part.name in self.fields:
                        break
                    raise self.env.error(
                        "unknown-name",
                        f"operand '{part.name}' is made of field '{name}', which this encoding does not have",
                        part.span,
                    )
                if self.fields[name] != width:
                    raise self.env.error(
                        "width",
                        f"field '{name}' has {self.fields[name]} bits here, and operand '{part.name}' wants {width}",
                        part.span,
                    )
            else:
                codec = operand.codec or model.Codec("unsigned")
                yield (model.Operand(part.name, tuple(name for name, _ in operand.fields), operand.width, codec),)
                return
        if part.name in self.fields:
            raise self.env.error(
                "unknown-name",
                f"there is no operand '{part.name}': nothing says how that field is written",
                part.span,
                f"declare it: operand {part.name} : u{self.fields[part.name]} = unsigned",
            )
        raise self.env.unknown("operand or field", part.name, part.span, [*self.fields, *self.operands, *self.own])


def written_fields(parts: Sequence[ModelPart]) -> Iterator[str]:
    """Fields that the text of these parts determines."""
    for part in parts:
        if isinstance(part, model.Operand):
            yield from part.fields
        elif isinstance(part, model.Optional):
            yield part.field
            yield from written_fields(part.parts)
