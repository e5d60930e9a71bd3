"""Lark's tree to ours: modifiers, the architecture, types, registers."""

from __future__ import annotations

from typing import Any

from lark import Token, v_args
from lark.tree import Meta

from .. import tree
from ..tree import Item, Modifiers
from .build_body import BodyBuilder
from .build_marks import Mark, Part, count_of, modifiers


@v_args(meta=True)
class DeclarationBuilder(BodyBuilder):
    """Items that declare what there is."""

    def _item(self, meta: Meta, kind: str, name: Token | str, children: list[Any], **parts: Any) -> Item:
        for child in children:
            if isinstance(child, Part):
                parts.setdefault(child.name, []).append(child.value)
        span = self._span(meta) if not isinstance(name, Token) else self._token(name)
        return Item(span, kind, str(name), modifiers(children), parts)

    def start(self, meta: Meta, children: list[Any]) -> list[Item]:
        return children

    def use(self, meta: Meta, children: list[Any]) -> Item:
        return Item(self._token(children[0]), "use", str(children[0])[1:-1], Modifiers())

    def extend(self, meta: Meta, children: list[Any]) -> Item:
        item: Item = children[0]
        return Item(item.span, item.kind, item.name, item.modifiers, item.parts, "extend")

    def replace(self, meta: Meta, children: list[Any]) -> Item:
        item: Item = children[0]
        return Item(item.span, item.kind, item.name, item.modifiers, item.parts, "replace")

    # Modifiers

    def title(self, meta: Meta, children: list[Any]) -> Mark:
        return Mark("title", str(children[0])[1:-1])

    def requires(self, meta: Meta, children: list[Any]) -> Mark:
        return Mark("requires", [self._name(token) for token in children])

    def annotation(self, meta: Meta, children: list[Any]) -> Mark:
        values: dict[str, int | str] = dict(child for child in children[1:] if isinstance(child, tuple))
        return Mark("annotations", [tree.Annotation(self._span(meta), str(children[0]), values)])

    def annotation_value(self, meta: Meta, children: list[Any]) -> tuple[str, int | str]:
        value = children[1]
        if isinstance(value, Token):
            value = str(value)[1:-1] if value.type == "STRING" else str(value)
        return str(children[0]), value

    def except_clause(self, meta: Meta, children: list[Any]) -> Mark:
        return Mark("excludes", children)

    def exclusion(self, meta: Meta, children: list[Any]) -> tree.Exclusion:
        return tree.Exclusion(self._span(meta), tuple(children))

    def comparison_term(self, meta: Meta, children: list[Any]) -> tree.ComparisonOf:
        left, operator, right = children
        return tree.ComparisonOf(
            self._span(meta), str(left), right if isinstance(right, int) else str(right), operator.type == "EQUALS"
        )

    def unguarded(self, meta: Meta, children: list[Any]) -> Mark:
        return Mark("unguarded", True)

    def completes(self, meta: Meta, children: list[Any]) -> Mark:
        return Mark("completes", True)

    def input_only(self, meta: Meta, children: list[Any]) -> Mark:
        return Mark("input_only", True)

    def in_clause(self, meta: Meta, children: list[Any]) -> Mark:
        return Mark("inside", self._name(children[0]))

    def scope(self, meta: Meta, children: list[Any]) -> Mark:
        return Mark("scope", self._name(children[0]))

    def reset(self, meta: Meta, children: list[Any]) -> Mark:
        return Mark("reset", children[0])

    # Architecture, sets, features, cores

    def architecture(self, meta: Meta, children: list[Any]) -> Item:
        return self._item(meta, "architecture", children[0], children[1:])

    def numbering(self, meta: Meta, children: list[Any]) -> Part:
        return Part("numbering", self._name(children[0]))

    def byte_order(self, meta: Meta, children: list[Any]) -> Part:
        return Part("byte_order", self._name(children[0]))

    def address_type(self, meta: Meta, children: list[Any]) -> Part:
        return Part("address", self._name(children[0]))

    def program_counter(self, meta: Meta, children: list[Any]) -> Part:
        return Part("program_counter", (self._name(children[0]), self._name(children[1])))

    def set_state(self, meta: Meta, children: list[Any]) -> Part:
        return Part("set_state", children[0])

    def hook(self, meta: Meta, children: list[Any]) -> Part:
        return Part("hook", tree.Assignment(self._token(children[0]), str(children[0]), children[1]))

    def instruction_set(self, meta: Meta, children: list[Any]) -> Item:
        code = int(str(children[1]), 0) if children[1] is not None else 0
        return self._item(meta, "instruction_set", children[0], children[2:], code=code)

    def unit(self, meta: Meta, children: list[Any]) -> Part:
        return Part("unit", int(str(children[0]), 0))

    def long(self, meta: Meta, children: list[Any]) -> Part:
        return Part("long", children[0])

    def guard(self, meta: Meta, children: list[Any]) -> Part:
        return Part("guard", children[0])

    def after(self, meta: Meta, children: list[Any]) -> Part:
        return Part("after", children[0])

    def first_unit(self, meta: Meta, children: list[Any]) -> Part:
        return Part("first", self._name(children[0]))

    def feature(self, meta: Meta, children: list[Any]) -> Item:
        return self._item(meta, "feature", children[0], children[1:])

    def core(self, meta: Meta, children: list[Any]) -> Item:
        return self._item(meta, "core", children[0], children[1:])

    def features(self, meta: Meta, children: list[Any]) -> Part:
        return Part("features", tuple(self._name(token) for token in children))

    def setting(self, meta: Meta, children: list[Any]) -> Part:
        return Part("setting", tree.Assignment(self._token(children[0]), str(children[0]), children[1]))

    # Types, constants, registers

    def enum(self, meta: Meta, children: list[Any]) -> Item:
        return self._item(
            meta, "enum", children[0], children[2:], type=children[1], members=self._of(children, tree.EnumMember)
        )

    def enum_member(self, meta: Meta, children: list[Any]) -> tree.EnumMember:
        return tree.EnumMember(self._token(children[0]), str(children[0]), children[1], self._text(children[2]))

    def bitfield(self, meta: Meta, children: list[Any]) -> Item:
        return self._item(
            meta, "bitfield", children[0], children[2:], type=children[1], fields=self._of(children, tree.BitRangeOf)
        )

    def bit_range(self, meta: Meta, children: list[Any]) -> tree.BitRangeOf:
        first = int(str(children[1]), 0)
        last = int(str(children[2]), 0) if children[2] is not None else first
        return tree.BitRangeOf(self._token(children[0]), str(children[0]), first, last, self._text(children[3]))

    def constant(self, meta: Meta, children: list[Any]) -> Item:
        return self._item(meta, str(children[0]), children[1], children[4:], type=children[2], value=children[3])

    def register(self, meta: Meta, children: list[Any]) -> Item:
        return self._register("register", meta, children)

    def view(self, meta: Meta, children: list[Any]) -> Item:
        return self._register("view", meta, children)

    def _register(self, kind: str, meta: Meta, children: list[Any]) -> Item:
        count = count_of(children[1], children[2])
        return self._item(
            meta, kind, children[0], children[4:], type=children[3], count=count, members=self._members(children[4:])
        )

    def register_extension(self, meta: Meta, children: list[Any]) -> Item:
        return self._item(meta, "register", children[0], [], members=self._members(children[1:]))

    def _members(self, children: list[Any]) -> list[Any]:
        """Register members in order, with each access right joined to the `at` before it."""
        members: list[Any] = []
        for child in children:
            if isinstance(child, Mark) and child.kind in ("read", "write"):
                at = next(
                    (index for index in reversed(range(len(members))) if isinstance(members[index], tree.AtClause)),
                    None,
                )
                if at is not None:
                    old = members[at]
                    members[at] = tree.AtClause(
                        old.span,
                        old.space,
                        old.keys,
                        child.value if child.kind == "read" else old.read,
                        child.value if child.kind == "write" else old.write,
                        old.spelled,
                    )
            elif child is not None and not isinstance(child, (Mark, Part, Token)):
                members.append(child)
        return members

    def at_clause(self, meta: Meta, children: list[Any]) -> tree.AtClause:
        spelled = next((str(child.value) for child in children if isinstance(child, Mark)), "")
        keys = tuple(child for child in children[2:] if not isinstance(child, Mark))
        return tree.AtClause(self._token(children[0]), str(children[0]), keys, spelled=spelled)

    def spelled(self, meta: Meta, children: list[Any]) -> Mark:
        return Mark("spelled", str(children[0]))

    def read_right(self, meta: Meta, children: list[Any]) -> Mark:
        return Mark("read", self._name(children[0]))

    def write_right(self, meta: Meta, children: list[Any]) -> Mark:
        return Mark("write", self._name(children[0]))

    def on_write(self, meta: Meta, children: list[Any]) -> tree.Handler:
        return self._handler("write", meta, children)

    def on_read(self, meta: Meta, children: list[Any]) -> tree.Handler:
        return self._handler("read", meta, children)

    def reader(self, meta: Meta, children: list[Any]) -> tree.Handler:
        return self._handler("read", meta, children)

    def indexed_reader(self, meta: Meta, children: list[Any]) -> tree.Handler:
        return self._handler("read", meta, children)

    def writer(self, meta: Meta, children: list[Any]) -> tree.Handler:
        return self._handler("write", meta, children)

    def _handler(self, kind: str, meta: Meta, children: list[Any]) -> tree.Handler:
        names = tuple(str(child) for child in children if isinstance(child, Token) and child.type == "NAME")
        return tree.Handler(self._span(meta), kind, names, children[-1])

    def banked(self, meta: Meta, children: list[Any]) -> Any:
        return tree.Assignment(self._span(meta), "banked", children[0])

    def bank(self, meta: Meta, children: list[Any]) -> tree.BankOf:
        first = int(str(children[0]), 0)
        last = int(str(children[1]), 0) if children[1] is not None else first
        return tree.BankOf(self._span(meta), first, last, tuple(str(child) for child in children[2:]))

    def zero(self, meta: Meta, children: list[Any]) -> tree.ZeroOf:
        return tree.ZeroOf(self._span(meta), int(str(children[0]), 0))

    def space(self, meta: Meta, children: list[Any]) -> Item:
        return self._item(meta, "space", children[0], children[3:], keys=children[1], type=children[2])

    def space_member(self, meta: Meta, children: list[Any]) -> Part:
        *_, name, type_, body = children
        return Part("undefined", (tree.ParameterOf(self._token(name), str(name), type_), body))
