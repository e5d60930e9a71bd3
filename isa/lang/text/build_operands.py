"""Lark's tree to ours: formats, names lists, operands and their cases, templates."""

from __future__ import annotations

from typing import Any

from lark import Token, v_args
from lark.tree import Meta

from .. import tree
from ..tree import Item, Name
from .build_declarations import DeclarationBuilder
from .build_marks import Part, modifiers


@v_args(meta=True)
class OperandBuilder(DeclarationBuilder):
    """Items that say how instructions are encoded and written."""

    # Formats, names, operands

    def format(self, meta: Meta, children: list[Any]) -> Item:
        layout = next(child for child in children if isinstance(child, tuple))
        return self._item(meta, "format", children[0], children[1:], layout=layout)

    def layout(self, meta: Meta, children: list[Any]) -> tuple[tree.LayoutElement, ...]:
        return tuple(children)

    def field(self, meta: Meta, children: list[Any]) -> tree.LayoutElement:
        return tree.LayoutElement(self._span(meta), "field", str(children[0]), int(str(children[1]), 0))

    def piece(self, meta: Meta, children: list[Any]) -> tree.LayoutElement:
        first, last = int(str(children[2]), 0), int(str(children[3]), 0)
        return tree.LayoutElement(self._span(meta), "piece", str(children[0]), abs(last - first) + 1, first, last)

    def fixed_bits(self, meta: Meta, children: list[Any]) -> tree.LayoutElement:
        value, width = int(str(children[0]), 0), int(str(children[1]), 0)
        return tree.LayoutElement(self._span(meta), "fixed", "", width, value=value)

    def should_be(self, meta: Meta, children: list[Any]) -> tree.LayoutElement:
        value, width = int(str(children[-2]), 0), int(str(children[-1]), 0)
        return tree.LayoutElement(self._span(meta), "should_be", "", width, value=value)

    def names(self, meta: Meta, children: list[Any]) -> Item:
        return self._item(
            meta, "names", children[0], children[2:], type=children[1], entries=self._of(children, tree.SpellingsOf)
        )

    def names_of_space(self, meta: Meta, children: list[Any]) -> Item:
        right, space = children[-2:]
        return self._item(meta, "names", children[0], children[1:-2], space=self._name(space), right=str(right))

    def spellings(self, meta: Meta, children: list[Any]) -> tree.SpellingsOf:
        value = int(str(children[-1]), 0) if children[-1] is not None else -1
        return tree.SpellingsOf(
            self._span(meta), "value", tuple(self._spelling(child) for child in children[:-1]), value
        )

    def name_range(self, meta: Meta, children: list[Any]) -> tree.SpellingsOf:
        return tree.SpellingsOf(self._span(meta), "range", (str(children[0]), str(children[1])))

    def also(self, meta: Meta, children: list[Any]) -> tree.SpellingsOf:
        return tree.SpellingsOf(self._span(meta), "also", (self._spelling(children[0]),), int(str(children[1]), 0))

    def _spelling(self, token: Token) -> str:
        return str(token)[1:-1] if token.type == "STRING" else str(token)

    def simple_operand(self, meta: Meta, children: list[Any]) -> Item:
        names = [child for child in children if isinstance(child, Token)]
        type_ = next(child for child in children if isinstance(child, tree.TypeName))
        return self._item(
            meta, "operand", names[0], children, names=names, type=type_, parameters=None, **self._operand(children)
        )

    def compound_operand(self, meta: Meta, children: list[Any]) -> Item:
        type_ = next((child for child in children if isinstance(child, tree.TypeName)), None)
        return self._item(
            meta,
            "operand",
            children[0],
            children,
            names=[children[0]],
            parameters=children[1],
            type=type_,
            **self._operand(children),
        )

    def _operand(self, children: list[Any]) -> dict[str, Any]:
        return {
            "codec": next((child for child in children if isinstance(child, tree.CodecOf)), None),
            "value": next((child for child in children if isinstance(child, tree.Block)), None),
            "cases": next(
                (
                    child
                    for child in children
                    if isinstance(child, list) and child and isinstance(child[0], tree.CaseOf)
                ),
                (),
            ),
        }

    def cases(self, meta: Meta, children: list[Any]) -> list[tree.CaseOf]:
        return children

    def codec(self, meta: Meta, children: list[Any]) -> tree.CodecOf:
        kind: tree.CodecOf = children[0]
        options = dict(children[1:])
        otherwise = options.pop("else", None)
        return tree.CodecOf(self._span(meta), kind.kind, kind.names, options, otherwise)

    def codec_else(self, meta: Meta, children: list[Any]) -> tuple[str, Name]:
        return "else", self._name(children[0])

    def codec_relative(self, meta: Meta, children: list[Any]) -> tuple[str, int]:
        return "relative", 1

    def codec_as_signed(self, meta: Meta, children: list[Any]) -> tuple[str, int]:
        return "signed", 1

    def codec_or_number(self, meta: Meta, children: list[Any]) -> tuple[str, int]:
        return "or_number", 1

    def codec_as_float(self, meta: Meta, children: list[Any]) -> tuple[str, int]:
        return "float", 1

    def codec_option(self, meta: Meta, children: list[Any]) -> tuple[str, int]:
        return str(children[0]), children[1]

    def _codec(self, kind: str, meta: Meta, children: list[Any]) -> tree.CodecOf:
        names = tuple(self._name(child) for child in children if child is not None)
        return tree.CodecOf(self._span(meta) if not names else names[0].span, kind, names)

    def codec_names(self, meta: Meta, children: list[Any]) -> tree.CodecOf:
        return self._codec("names", meta, children)

    def codec_signed(self, meta: Meta, children: list[Any]) -> tree.CodecOf:
        return self._codec("signed", meta, children)

    def codec_unsigned(self, meta: Meta, children: list[Any]) -> tree.CodecOf:
        return self._codec("unsigned", meta, children)

    def codec_target(self, meta: Meta, children: list[Any]) -> tree.CodecOf:
        absolute = any(child is not None for child in children)
        return self._codec("target_absolute" if absolute else "target", meta, [])

    def codec_sign_magnitude(self, meta: Meta, children: list[Any]) -> tree.CodecOf:
        return self._codec("sign_magnitude", meta, children)

    def codec_set(self, meta: Meta, children: list[Any]) -> tree.CodecOf:
        return self._codec("set", meta, children)

    def codec_coded(self, meta: Meta, children: list[Any]) -> tree.CodecOf:
        return self._codec("coded", meta, children)

    def codec_ambient(self, meta: Meta, children: list[Any]) -> tree.CodecOf:
        return self._codec("ambient", meta, children)

    def case_label(self, meta: Meta, children: list[Any]) -> Part:
        return Part("label", str(children[0]))

    def case_assignment(self, meta: Meta, children: list[Any]) -> tree.CaseAssignment:
        value = children[1]
        if isinstance(value, tuple):
            return tree.CaseAssignment(self._span(meta), str(children[0]), None, value)
        return tree.CaseAssignment(self._span(meta), str(children[0]), int(str(value), 0), ())

    def case(self, meta: Meta, children: list[Any]) -> tree.CaseOf:
        label = next((child.value for child in children if isinstance(child, Part)), "")
        last = children[-1]
        value: Any = (
            last
            if isinstance(last, tree.Node) and not isinstance(last, (tree.TemplateText, tree.CaseAssignment))
            else None
        )
        return tree.CaseOf(
            self._span(meta),
            label,
            tuple(self._of(children, tree.CaseAssignment)),
            modifiers(children),
            tuple(self._of(children, tree.TemplateText)),
            value,
        )

    def template(self, meta: Meta, children: list[Any]) -> tree.TemplateText:
        token = str(children[0])
        text = token[len("syntax") :].lstrip(" \t")
        return tree.TemplateText(self._token(children[0]), text, len(token) - len(text))
