"""Instructions to forms: one for each choice of operand cases, with bits, templates and body."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...model import items as model
from .. import tree
from ..lowering.base import OperandMeaning
from ..lowering.statements import Lowering, lower_body
from ..names.environment import Mistake, annotations_of
from ..names.types import Type
from ..tree import Item
from .draft_reader import DraftReader, FormDraft


class InstructionReader(DraftReader):
    """Turns drafts into forms."""

    def form(self, draft: FormDraft) -> model.Form:
        """The finished form: body lowered with the draft's fields and cases."""
        item = draft.item
        env = self.env
        lowering = Lowering(env)
        lowering.fields = {name: Type(width) for name, width in draft.widths.items()}
        lowering.fixed = dict(draft.fixed)
        lowering.operands = self.meanings_of(draft)
        body_item: tree.Block = item.parts["body"]
        body = lower_body(env, lowering, body_item)
        set_name = draft.format.instruction_set
        guard = self.guards.get(set_name)
        if guard is not None and not item.modifiers.unguarded:
            body = self._guarded(draft, guard, body)
        fields = tuple(
            model.Field(name, draft.layout.width(name), pieces, draft.fixed.get(name, -1))
            for name, pieces in draft.layout.fields.items()
        )
        layout = draft.layout
        after = "" if item.modifiers.unguarded else self.afters.get(set_name, "")
        should_mask = layout.should_mask & ~layout.mask
        return model.Form(
            draft.name,
            item.name,
            item.modifiers.title,
            set_name,
            layout.length,
            layout.mask,
            layout.match,
            should_mask,
            layout.should_be & should_mask,
            tuple(draft.excludes),
            fields,
            draft.templates,
            body,
            after,
            False,
            (),
            (),
            annotations_of(item),
            draft.format.name,
            env.line(item.span),
            tuple(name.name for name in item.modifiers.requires),
        )

    def meanings_of(self, draft: FormDraft) -> dict[str, OperandMeaning]:
        """What operand names mean in this form."""
        if not draft.chosen:
            return self.meanings
        meanings = dict(self.meanings)
        for name, case in draft.chosen.items():
            meanings[name] = self.operands[name].meaning(case, meanings)
        for name, operand in self.operands.items():
            if not operand.cases and operand.value is not None:
                meanings[name] = operand.meaning(None, meanings)
        return meanings

    def _guarded(self, draft: FormDraft, guard: tree.Expression, body: tuple[Any, ...]) -> tuple[Any, ...]:
        free = [
            name
            for name in tree.walk_names(guard)
            if name not in self.env.signatures and name not in self.env.registers and name not in self.env.constants
        ]
        if any(name not in draft.layout.fields for name in free):
            return body
        from ...model import code

        lowering = Lowering(self.env)
        lowering.fields = {name: Type(width) for name, width in draft.widths.items()}
        lowering.fixed = dict(draft.fixed)
        lowering.used = {"t"}
        lowering.line = self.env.line(draft.item.span)
        try:
            condition = lowering.expr(guard, Type(1), "the guard")
        except Mistake:
            return body
        return (*lowering.out, code.If(lowering.line, condition, body, ()))


class Drafts(Mapping[str, Sequence[FormDraft]]):
    """The drafts of instructions by their names, made when somebody asks for them."""

    def __init__(self, reader: InstructionReader, items: Mapping[str, Item]) -> None:
        self._reader = reader
        self._items = items
        self._made: dict[str, list[FormDraft]] = {}

    def __getitem__(self, name: str) -> Sequence[FormDraft]:
        found = self._made.get(name)
        if found is None:
            found = self._made[name] = self._reader.drafts(self._items[name])
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._items

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)


__all__ = ["Drafts", "FormDraft", "InstructionReader"]
