"""Sequences: mnemonics that an assembler reads as several statements."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from ...model import items as model
from .. import tree
from ..names.environment import Environment, Mistake
from ..names.types import Type
from ..tree import Item
from .flatten import Flattener
from .operands import OperandItem, read_codec
from .templates import named_parts, read_template
from .tree_names import pure_function

_HOLE: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


def read_sequences(env: Environment, operands: Mapping[str, OperandItem]) -> dict[str, model.Sequence]:
    """All sequences; mistakes are reported."""
    found: dict[str, model.Sequence] = {}
    for item in env.of("sequence"):
        try:
            found[item.name] = _Reader(env, operands, item).sequence()
        except Mistake:
            continue
    return found


class _Reader:
    """Reads one sequence."""

    def __init__(self, env: Environment, operands: Mapping[str, OperandItem], item: Item) -> None:
        self._env, self._operands, self._item = env, operands, item
        self._types: dict[str, Type] = {}
        """What expressions may use."""
        self._texts: set[str] = set()
        """What steps may."""

    def sequence(self) -> model.Sequence:
        env, item, parts = self._env, self._item, self._item.parts
        parsed = [read_template(env, template, with_mnemonic=True) for template in parts["templates"]]
        if not parsed:
            raise env.error("syntax", f"sequence '{item.name}' needs a `syntax` template", item.span)
        own = [self._operand(*one) for one in parts.get("operand", ())]
        templates = self._flattened(parsed, own)
        values = [self._value(*one) for one in parts.get("value", ())]
        conditions: Any = parts.get("when", [])
        when, arguments = self._function("when", conditions[0], Type(1)) if conditions else ("", ())
        steps = tuple(self._step(number, *one) for number, one in enumerate(parts.get("step", ())))
        if not steps:
            raise env.error("syntax", f"sequence '{item.name}' has no `step`", item.span, "step MNEMONIC OPERANDS")
        return model.Sequence(item.name, item.modifiers.title, templates, tuple(own), tuple(values), steps, when,
                              arguments, env.line(item.span))  # fmt: skip

    def _operand(
        self, name: tree.Name, type_: tree.TypeName | None, codec: tree.CodecOf | None
    ) -> model.SequenceOperand:
        self._texts.add(name.name)
        if type_ is None or codec is None:
            return model.SequenceOperand(name.name, 0, None)
        kind = self._env.type_of(type_)
        self._types[name.name] = kind
        return model.SequenceOperand(name.name, kind.width, read_codec(self._env, codec))

    def _flattened(self, parsed: list[Any], own: list[model.SequenceOperand]) -> tuple[model.Template, ...]:
        """The templates; operands of the description in them are texts, and numbers of their fields."""
        named = {name for one in parsed for name in named_parts(one.operands)} - {one.name for one in own}
        fields: dict[str, int] = {}
        for name in sorted(named):
            operand = self._operands.get(name)
            if operand is None:
                raise self._env.unknown("operand", name, self._item.span, [*self._operands, *(one.name for one in own)])
            if operand.cases:
                raise self._env.error("syntax", f"'{name}' has cases, which a sequence cannot pass on", self._item.span)
            fields.update(operand.fields)
            self._texts.add(name)
            self._types[name] = Type(operand.width)
        known = {
            one.name: model.Operand(one.name, (one.name,), one.width or 1, one.codec or model.Codec("unsigned"))
            for one in own
        }
        return Flattener(self._env, fields, {}, self._operands, {}, known).templates(parsed)

    def _value(
        self, name: tree.Name, type_: tree.TypeName, expression: tree.Expression, codec: tree.CodecOf | None
    ) -> model.SequenceValue:
        kind = self._env.type_of(type_)
        function, used = self._function(name.name, expression, kind)
        self._types[name.name] = kind
        self._texts.add(name.name)
        spelled = read_codec(self._env, codec) if codec is not None else model.Codec("unsigned")
        return model.SequenceValue(name.name, kind.width, spelled, function, used)

    def _step(self, number: int, text: tree.TemplateText, condition: tree.Expression | None) -> model.Step:
        for hole in _HOLE.findall(text.text):
            if hole not in self._texts:
                raise self._env.unknown("operand or value of the sequence", hole, text.span, sorted(self._texts))
        when, used = self._function(f"step{number}", condition, Type(1)) if condition is not None else ("", ())
        return model.Step(text.text, when, used)

    def _function(self, name: str, expression: tree.Expression, result: Type) -> tuple[str, tuple[str, ...]]:
        title = f"Part of sequence {self._item.name}"
        return pure_function(
            self._env, f"sequence.{self._item.name}.{name}", title, expression, result, self._types
        )
