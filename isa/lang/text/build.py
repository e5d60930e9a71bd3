"""Lark's tree to ours: instructions, functions, calls, devices; the whole builder."""

from __future__ import annotations

from typing import Any

from lark import Token, v_args
from lark.tree import Meta

from .. import tree
from ..tree import Item
from .build_marks import Part, count_of
from .build_operands import OperandBuilder


@v_args(meta=True)
class TreeBuilder(OperandBuilder):
    """One method a rule of the grammar; the method's name is the rule's."""

    # Instructions, aliases, functions

    def instruction(self, meta: Meta, children: list[Any]) -> Item:
        statements = tuple(child for child in children if isinstance(child, STATEMENTS))
        return self._item(
            meta,
            "instruction",
            children[0],
            children[1:],
            templates=self._of(children, tree.TemplateText),
            body=tree.Block(self._span(meta), statements),
        )

    def encoding(self, meta: Meta, children: list[Any]) -> Part:
        return Part("encoding", (self._name(children[0]), tuple(self._of(children, tree.Assignment))))

    def word_class(self, meta: Meta, children: list[Any]) -> Item:
        kind, name, *rest = children
        return self._item(
            meta,
            "word_class",
            name,
            rest,
            is_architected=str(kind) == "undescribed",
            because=self._text(children[-1]),
            numbers=self._of(children, tree.AtClause),
        )

    def assignment(self, meta: Meta, children: list[Any]) -> tree.Assignment:
        return tree.Assignment(self._token(children[0]), str(children[0]), children[1])

    def alias(self, meta: Meta, children: list[Any]) -> Item:
        return self._item(meta, "alias", children[0], children[1:], templates=self._of(children, tree.TemplateText))

    def when(self, meta: Meta, children: list[Any]) -> Part:
        return Part("when", children[0])

    def alias_operand(self, meta: Meta, children: list[Any]) -> Part:
        codec: tree.CodecOf | None = children[3]
        options: dict[str, int] = dict(child for child in children[4:] if isinstance(child, tuple))
        if codec is not None and options:
            codec = tree.CodecOf(codec.span, codec.kind, codec.names, options)
        return Part("operand", (self._name(children[0]), children[1], children[2], codec))

    def sequence(self, meta: Meta, children: list[Any]) -> Item:
        return self._item(meta, "sequence", children[0], children[1:], templates=self._of(children, tree.TemplateText))

    def sequence_number(self, meta: Meta, children: list[Any]) -> Part:
        name, type_, codec, *rest = children
        options: dict[str, int] = dict(rest)
        return Part("operand", (self._name(name), type_, tree.CodecOf(codec.span, codec.kind, codec.names, options)))

    def sequence_expression(self, meta: Meta, children: list[Any]) -> Part:
        return Part("operand", (self._name(children[0]), None, None))

    def sequence_value(self, meta: Meta, children: list[Any]) -> Part:
        return Part("value", (self._name(children[0]), children[1], children[2], children[3]))

    def step(self, meta: Meta, children: list[Any]) -> Part:
        token = str(children[0])
        text = token[len("step") :].lstrip(" \t")
        return Part("step", (tree.TemplateText(self._token(children[0]), text, len(token) - len(text)), children[1]))

    def function(self, meta: Meta, children: list[Any]) -> Item:
        return self._item(
            meta,
            "function",
            children[0],
            children,
            compile_time=children[1] or [],
            parameters=children[2],
            type=children[3],
            body=children[-1],
        )

    def compile_time(self, meta: Meta, children: list[Any]) -> list[tree.Name]:
        return [self._name(child) for child in children[1:]]

    # Families

    def family(self, meta: Meta, children: list[Any]) -> Item:
        tokens = [child for child in children if isinstance(child, Token)]
        return self._item(
            meta,
            "family",
            "",
            children,
            columns=[self._name(token) for token in tokens if token.type == "NAME"],
            rows=self._of(children, tree.RowOf),
            items=self._of(children, Item),
        )

    def row(self, meta: Meta, children: list[Any]) -> tree.RowOf:
        return tree.RowOf(self._span(meta), tuple(children[1:]))

    def number_cell(self, meta: Meta, children: list[Any]) -> tree.IntegerLiteral:
        return tree.IntegerLiteral(self._span(meta), children[0], str(children[0]))

    def text_cell(self, meta: Meta, children: list[Any]) -> tree.TextOf:
        return tree.TextOf(self._token(children[0]), str(children[0])[1:-1])

    def name_cell(self, meta: Meta, children: list[Any]) -> tree.Name:
        return self._name(children[0])

    def expression_cell(self, meta: Meta, children: list[Any]) -> tree.Expression:
        value: tree.Expression = children[1]
        return value

    def interrupt(self, meta: Meta, children: list[Any]) -> Item:
        vector = int(str(children[1]), 0) if children[1] is not None else -1
        return self._item(
            meta,
            "interrupt",
            children[0],
            children,
            vector=vector,
            parameters=self._parameters(children),
            body=children[-1],
        )

    def exit_item(self, meta: Meta, children: list[Any]) -> Item:
        return self._item(meta, "exit", children[0], children, parameters=self._parameters(children))

    def _parameters(self, children: list[Any]) -> tuple[tree.ParameterOf, ...]:
        return next((child for child in children if isinstance(child, tuple)), ())

    # Hypervisor calls

    def abi(self, meta: Meta, children: list[Any]) -> Item:
        return self._item(meta, "hypercall_abi", children[0], children[1:])

    def abi_number(self, meta: Meta, children: list[Any]) -> Part:
        return Part("number", children[0])

    def abi_arguments(self, meta: Meta, children: list[Any]) -> Part:
        return Part("arguments", tuple(children))

    def abi_results(self, meta: Meta, children: list[Any]) -> Part:
        return Part("results", tuple(children))

    def return_codes(self, meta: Meta, children: list[Any]) -> Part:
        return Part("return_codes", tuple(children))

    def hypercall(self, meta: Meta, children: list[Any]) -> Item:
        level = next(str(child) for child in children if isinstance(child, Token) and child.type == "LEVEL")
        return self._item(meta, "hypercall", children[0], children[2:], number=children[1], level=level)

    def call_arguments(self, meta: Meta, children: list[Any]) -> Part:
        return Part("arguments", tuple(children))

    def call_returns(self, meta: Meta, children: list[Any]) -> Part:
        return Part("returns", tuple(children))

    def call_body(self, meta: Meta, children: list[Any]) -> Part:
        return Part("body", children[0])

    def call_result(self, meta: Meta, children: list[Any]) -> tree.CallResultOf:
        return tree.CallResultOf(self._token(children[0]), str(children[0]), children[1] or ())

    def argument_class(self, meta: Meta, children: list[Any]) -> Item:
        return self._item(meta, "argument_class", children[0], children[2:], type=children[1])

    def class_member(self, meta: Meta, children: list[Any]) -> Part:
        valid = str(children[0]) == "valid"
        return Part("ranges", [tree.ValueRange(self._span(meta), valid, first, last) for first, last in children[1:]])

    def value_range(self, meta: Meta, children: list[Any]) -> tuple[Any, Any]:
        return children[0], children[1] if children[1] is not None else children[0]

    # Devices

    def device(self, meta: Meta, children: list[Any]) -> Item:
        return self._item(
            meta,
            "device",
            children[0],
            children[1:],
            members=[child for child in children if isinstance(child, (Item, tree.PortOf))],
        )

    def device_size(self, meta: Meta, children: list[Any]) -> Part:
        return Part("size", int(str(children[0]), 0))

    def port(self, meta: Meta, children: list[Any]) -> tree.PortOf:
        count = int(str(children[3]), 0) if children[2] is not None else 0
        return tree.PortOf(self._token(children[1]), str(children[0]), str(children[1]), count, children[4])

    def device_state(self, meta: Meta, children: list[Any]) -> Item:
        count = count_of(children[1], children[2])
        return self._item(meta, "state", children[0], children[4:], type=children[3], count=count)

    def device_register(self, meta: Meta, children: list[Any]) -> Item:
        count = count_of(children[1], children[2])
        offset = int(str(children[4]), 0)
        return self._item(
            meta,
            "register",
            children[0],
            children[5:],
            type=children[3],
            count=count,
            offset=offset,
            members=self._members(children[5:]),
        )

    def readonly(self, meta: Meta, children: list[Any]) -> Part:
        return Part("readonly", True)

    def every(self, meta: Meta, children: list[Any]) -> Part:
        return Part("every", int(str(children[0]), 0))

    # Boards

    def board_tree(self, meta: Meta, children: list[Any]) -> Part:
        return Part("tree", tree.TreeNodeOf(self._span(meta), "", None, tuple(children)))

    def tree_node(self, meta: Meta, children: list[Any]) -> tree.TreeNodeOf:
        each = self._name(children[1]) if children[1] is not None else None
        return tree.TreeNodeOf(self._token(children[0]), str(children[0])[1:-1], each, tuple(children[2:]))

    def tree_property(self, meta: Meta, children: list[Any]) -> tree.TreePropertyOf:
        values = tuple(child for child in children[1:] if child is not None)
        return tree.TreePropertyOf(self._token(children[0]), str(children[0])[1:-1], values)

    def tree_text(self, meta: Meta, children: list[Any]) -> tree.TextOf:
        return tree.TextOf(self._token(children[0]), str(children[0])[1:-1])

    def tree_cells(self, meta: Meta, children: list[Any]) -> tree.TreeCellsOf:
        return tree.TreeCellsOf(self._span(meta), self._name(children[0]), tuple(children[1:]))

    def board(self, meta: Meta, children: list[Any]) -> Item:
        return self._item(meta, "board", children[0], children[1:])

    def board_ram(self, meta: Meta, children: list[Any]) -> Part:
        return Part("ram", (children[0], children[1]))

    def board_vcpus(self, meta: Meta, children: list[Any]) -> Part:
        return Part("vcpus", children[0])

    def board_program(self, meta: Meta, children: list[Any]) -> Part:
        return Part("program", children[0])

    def board_device(self, meta: Meta, children: list[Any]) -> Part:
        wires = tuple(self._of(children, tree.WireOf))
        name, address, size = children[:3]
        return Part("device", tree.PlacedDeviceOf(self._token(name), str(name), address, size, wires))

    def board_entry(self, meta: Meta, children: list[Any]) -> Part:
        return Part("entry", tuple(children))

    def wire(self, meta: Meta, children: list[Any]) -> tree.WireOf:
        source, target, function, _, arguments, then = children
        return tree.WireOf(
            self._token(source),
            str(source),
            self._name(target),
            str(function or ""),
            tuple(arguments or ()),
            None if then is None else self._name(then),
        )

    def entry_register(self, meta: Meta, children: list[Any]) -> tree.EntryRegisterOf:
        name, _, index, value = children
        number = -1 if index is None else int(str(index), 0)
        return tree.EntryRegisterOf(self._token(name), str(name), number, value)


STATEMENTS = (
    tree.LetOf,
    tree.AssignOf,
    tree.ForOf,
    tree.ReturnOf,
    tree.RaiseOf,
    tree.LeaveOf,
    tree.ExpressionStatement,
)
