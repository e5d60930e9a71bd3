"""Operands: how fields are written and what they mean, and which cases an instruction's forms choose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ...model import items as model
from .. import tree
from ..lowering.base import OperandMeaning
from ..names.environment import Environment, Mistake
from ..names.types import Type
from ..tree import Item, Name, Span
from .templates import ParsedTemplate, read_template
from .tree_names import names_in


@dataclass(frozen=True)
class Case:
    """One case of an operand: what it fixes, lays out and excludes, its templates and value."""

    label: str
    assignments: tuple[tree.CaseAssignment, ...]
    excludes: tuple[tree.Exclusion, ...]
    templates: tuple[ParsedTemplate, ...]
    value: tree.Expression | tree.Block | None
    span: Span


@dataclass(frozen=True)
class OperandItem:
    """A declared operand. `fields` (names and widths) in the order of concatenation; `cases` empty for a plain one.

    `otherwise` is the operand that is written instead of it in an encoding that lacks one of its fields, or "".
    """

    name: str
    fields: tuple[tuple[str, int], ...]
    codec: model.Codec | None
    types: tuple[Type, ...] | None
    value: tree.Expression | tree.Block | None
    cases: tuple[Case, ...]
    span: Span
    otherwise: str = ""

    @property
    def width(self) -> int:
        """Bits of all its fields together."""
        return sum(width for _, width in self.fields)

    def meaning(self, case: Case | None, meanings: dict[str, OperandMeaning]) -> OperandMeaning:
        """What the operand stands for in bodies, `case` chosen where it has cases."""
        value = case.value if case is not None else self.value
        types = self.types if value is not None else None
        return OperandMeaning(self.name, tuple(name for name, _ in self.fields), value, types, meanings)


def read_codec(env: Environment, written: tree.CodecOf) -> model.Codec:
    """A codec with its names list or functions looked up."""
    kind, options = written.kind, written.options
    target = kind in ("target", "target_absolute")
    relative = bool(options.get("relative")) or kind == "target"
    scale, bias, align = options.get("scale", 1), options.get("bias", 0), options.get("align", 1)
    if scale < 1 or align < 1 or align & (align - 1):
        raise env.error("codec", "a scale is at least 1, and an alignment a power of two", written.span)
    if options.get("or_number") and kind not in ("names", "signed"):
        raise env.error("codec", "`or unsigned` stands behind `names LIST` or `signed`", written.span)
    names = decode = encode = ""
    if kind in ("names", "set", "ambient"):
        names = written.names[0].name
        if names not in env.names:
            raise env.unknown("names list", names, written.names[0].span, env.names)
    if kind == "coded":
        decode, encode = (_coder(env, name, results) for name, results in zip(written.names, (1, 2), strict=True))
    return model.Codec(
        "signed" if target else kind,
        names,
        scale,
        bias,
        decode,
        encode,
        target,
        relative,
        align,
        bool(options.get("signed")),
        bool(options.get("float")),
        bool(options.get("or_number")),
    )


def _coder(env: Environment, name: Name, results: int) -> str:
    known = env.signatures.get(name.name)
    if known is None:
        raise env.unknown("function", name.name, name.span, [other for other in env.signatures if "." not in other])
    if len(known.parameters) != 1 or len(known.results) != results:
        wanted = "(field) -> uM" if results == 1 else "(uM) -> (u1, uN)"
        raise env.error("type", f"'{name.name}' must be a function {wanted}", name.span)
    return name.name


def read_operands(env: Environment) -> dict[str, OperandItem]:
    """All operands by name."""
    operands: dict[str, OperandItem] = {}
    for item in env.of("operand"):
        try:
            for operand in _operands(env, item):
                if operand.name in operands:
                    raise env.error("duplicate", f"operand '{operand.name}' is declared twice", item.span)
                operands[operand.name] = operand
        except Mistake:
            continue
    for operand in operands.values():
        if operand.otherwise and operand.otherwise not in operands:
            env.unknown("operand", operand.otherwise, operand.span, operands)
    for name, cycle in _cycles(operands):
        shown = " → ".join([*cycle, cycle[0]])
        env.error("cycle", f"operand '{name}' needs itself: {shown}", operands[name].span)
        for one in cycle:
            operands[one] = replace(operands[one], value=None, cases=())
    return operands


def _cycles(operands: Mapping[str, OperandItem]) -> list[tuple[str, list[str]]]:
    """Each circle of operands whose values need each other, once, with the operand that it is told at."""
    needs = {
        name: [
            other for other in sorted(names_in([one.value, [case.value for case in one.cases]])) if other in operands
            and other not in dict(one.fields)
        ]
        for name, one in operands.items()
    }  # fmt: skip
    found: list[tuple[str, list[str]]] = []
    done: set[str] = set()
    for start in operands:
        trail: list[str] = []
        waiting = [(start, 0)]
        while waiting:
            name, depth = waiting.pop()
            del trail[depth:]
            if name in trail:
                cycle = trail[trail.index(name) :]
                if not done & set(cycle):
                    found.append((cycle[0], cycle))
                    done.update(cycle)
                continue
            if name in done:
                continue
            trail.append(name)
            waiting += [(other, depth + 1) for other in needs[name]]
        done.add(start)
    return found


def _operands(env: Environment, item: Item) -> list[OperandItem]:
    written: Any = item.parts["codec"]
    codec = read_codec(env, written) if written is not None else None
    value: Any = item.parts["value"]
    cases: Any = item.parts["cases"]
    names: Any = item.parts["names"]
    type_: Any = item.parts["type"]
    if item.parts["parameters"] is None:
        width = env.type_of(type_).width
        own: list[tuple[str, tuple[tuple[str, int], ...]]] = [(str(name), ((str(name), width),)) for name in names]
        types = None
    else:
        parameters = env.parameters_of(item.parts["parameters"])
        own = [(item.name, tuple((name, kind.width) for name, kind in parameters))]
        types = env.results_of(type_) or None
    if value is not None and item.name in dict(own[0][1]):
        raise env.error(
            "operand",
            f"the value of operand '{item.name}' is never used: in a body its field of that name is meant",
            item.span,
            "call the field or the operand otherwise",
        )
    for _, fields in own:
        _check_codec(env, codec, sum(width for _, width in fields), item)
    read_cases = tuple(_case(env, case) for case in cases or ())
    otherwise = written.otherwise.name if written is not None and written.otherwise is not None else ""
    return [OperandItem(name, fields, codec, types, value, read_cases, item.span, otherwise) for name, fields in own]


def _check_codec(env: Environment, codec: model.Codec | None, width: int, item: Item) -> None:
    if codec is None or not codec.names:
        return
    names = env.names[codec.names]
    if codec.kind == "set" and (1 << names.width) < width:
        raise env.error("width", f"{width} bits cannot be a set of {1 << names.width} names", item.span)
    if codec.kind == "names" and names.width != width:
        raise env.error(
            "width", f"operand '{item.name}' has {width} bits, and names list '{codec.names}' {names.width}", item.span
        )


def _case(env: Environment, written: tree.CaseOf) -> Case:
    templates = tuple(read_template(env, template, with_mnemonic=False) for template in written.templates)
    return Case(written.label, written.assignments, written.modifiers.excludes, templates, written.value, written.span)


def plain_meanings(operands: Mapping[str, OperandItem]) -> dict[str, OperandMeaning]:
    """Meanings of all operands that have no cases; shared by all forms."""
    meanings: dict[str, OperandMeaning] = {}
    for operand in operands.values():
        if not operand.cases:
            meanings[operand.name] = operand.meaning(None, meanings)
    return meanings
