"""Aliases: other spellings of instructions, made for every form that has the fields which the alias names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...model import items as model
from .. import tree
from ..lowering.statements import Lowering
from ..names.environment import Environment, Mistake, annotations_of
from ..names.types import Type
from ..tree import Item
from .flatten import Flattener, written_fields
from .instructions import FormDraft
from .operands import OperandItem, read_codec
from .templates import Group, named_parts, read_template
from .tree_names import pure_function


class AliasReader:
    """Turns alias items into aliases of forms."""

    def __init__(
        self, env: Environment, drafts: Mapping[str, Sequence[FormDraft]], operands: Mapping[str, OperandItem]
    ) -> None:
        self.env = env
        self.drafts = drafts
        self.operands = operands

    def aliases(self, item: Item) -> list[model.Alias]:
        """An alias for each form that fits; mistakes are reported."""
        try:
            return self._aliases(item)
        except Mistake:
            return []

    def _aliases(self, item: Item) -> list[model.Alias]:
        encodings: Any = item.parts["encoding"]
        name, assignments = encodings[0]
        if name.name not in self.drafts:
            if self._gated(name.name):
                return []
            raise self.env.unknown("instruction", name.name, name.span, self.drafts)
        templates = [read_template(self.env, template, with_mnemonic=True) for template in item.parts["templates"]]
        if not templates:
            raise self.env.error("syntax", f"alias '{item.name}' needs a `syntax` template", item.span)
        own: Any = item.parts.get("operand", [])
        wanted = self._wanted(templates, assignments, {operand[0].name for operand in own})
        result: list[model.Alias] = []
        inside = item.modifiers.inside
        for draft in self.drafts[name.name]:
            if inside is not None and draft.format.instruction_set != inside.name:
                continue
            if all(field in draft.widths for field in wanted) and self._agrees(draft, assignments):
                result.append(self._alias(item, draft, templates, assignments, own))
        if not result and self.drafts[name.name]:
            fields = self.drafts[name.name][0].layout.fields
            missing = next((field for field in sorted(wanted) if field not in fields), "")
            raise self.env.unknown(f"field of '{name.name}'", missing, item.span, fields)
        return result

    def _agrees(self, draft: FormDraft, assignments: Sequence[tree.Assignment]) -> bool:
        """Whether what the alias says of fields that this encoding lacks is what the encoding says of them."""
        for assignment in assignments:
            if assignment.name in draft.given:
                lowering = Lowering(self.env)
                value = lowering.lower(assignment.value, Type(draft.given[assignment.name]))
                if lowering.constant(value) != draft.fixed[assignment.name]:
                    return False
        return True

    def _gated(self, name: str) -> bool:
        return any(
            item.name == name and not self.env.enabled(item) for item in self.env.items.get("gated", {}).values()
        )

    def _wanted(self, templates: Sequence[Any], assignments: Sequence[tree.Assignment], own: set[str]) -> set[str]:
        """Fields that a form must have: those set, those in templates (through operands), those that settings use."""
        names: set[str] = set()
        for template in templates:
            for parts in (template.mnemonic, template.operands):
                names |= named_parts(parts)
                names |= {part.field for part in parts if isinstance(part, Group)}
        wanted: set[str] = {assignment.name for assignment in assignments}
        for name in names - own:
            operand = self.operands.get(name)
            while operand is not None and operand.otherwise:
                operand = self.operands[operand.otherwise]
            if operand is not None:
                wanted |= {field for field, _ in operand.fields}
            else:
                wanted.add(name)
        return wanted

    def _alias(
        self,
        item: Item,
        draft: FormDraft,
        templates: Sequence[Any],
        assignments: Sequence[tree.Assignment],
        own: Sequence[Any],
    ) -> model.Alias:
        prefix = f"alias.{item.name}.{draft.name}"
        widths = draft.widths
        operands: list[model.AliasOperand] = []
        parts: dict[str, model.Operand] = {}
        types = {name: Type(width) for name, width in widths.items()}
        for name, type_, expression, codec in own:
            kind = self.env.type_of(type_)
            spelled = read_codec(self.env, codec) if codec is not None else model.Codec("unsigned")
            function, used = self._function(
                f"{prefix}.{name.name}", expression, kind, {field: Type(width) for field, width in widths.items()}, item
            )
            operands.append(model.AliasOperand(name.name, kind.width, spelled, function, used))
            parts[name.name] = model.Operand(name.name, (name.name,), kind.width, spelled)
            types[name.name] = kind
        settings = []
        for assignment in assignments:
            if assignment.name in draft.given:
                continue
            wanted = Type(widths[assignment.name])
            function, used = self._function(f"{prefix}.{assignment.name}", assignment.value, wanted, types, item)
            settings.append(model.AliasSetting(assignment.name, function, used))
        when = ""
        when_arguments: tuple[str, ...] = ()
        conditions: Any = item.parts.get("when", [])
        if conditions:
            when, when_arguments = self._function(f"{prefix}.when", conditions[0], Type(1), types, item)
        flattener = Flattener(self.env, widths, draft.fixed, self.operands, draft.chosen, parts)
        name = item.name if len(self.drafts[draft.item.name]) == 1 else f"{item.name}@{draft.name}"
        texts = flattener.templates(templates)
        self._check_fields(item, draft, texts, {assignment.name for assignment in assignments})
        return model.Alias(
            name,
            draft.item.name,
            draft.name,
            texts,
            tuple(operands),
            tuple(settings),
            when,
            when_arguments,
            item.modifiers.input_only,
            self.env.line(item.span),
            annotations_of(item),
        )

    def _check_fields(
        self, item: Item, draft: FormDraft, texts: Sequence[model.Template], given: set[str]
    ) -> None:
        """Every field of the form has to come from somewhere: the text, or the alias's settings."""
        layout = draft.layout
        said = given | set(draft.fixed)
        for text in texts:
            said_here = said | set(written_fields((*text.mnemonic, *text.operands)))
            covered = layout.mask | layout.should_mask
            for field in said_here & set(layout.fields):
                for piece in layout.fields[field]:
                    covered |= ((1 << piece.width) - 1) << piece.word_low
            for field, pieces in layout.fields.items():
                if any(((1 << piece.width) - 1) << piece.word_low & ~covered for piece in pieces):
                    raise self.env.error(
                        "alias",
                        f"alias '{item.name}' says nothing of field '{field}' of '{draft.item.name}'",
                        item.span,
                        f"name it in the text, or give it a value: {draft.item.name}({field} = …)",
                    )

    def _function(
        self, name: str, expression: tree.Expression, result: Type, types: Mapping[str, Type], item: Item
    ) -> tuple[str, tuple[str, ...]]:
        """Makes a pure function of the fields and alias operands that an expression uses; its name and their names."""
        return pure_function(self.env, name, f"Part of alias {item.name}", expression, result, types)
