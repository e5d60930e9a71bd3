"""Instructions to drafts of forms: one for each encoding and choice of operand cases, with bits and templates."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...model import items as model
from .. import tree
from ..lowering.base import OperandMeaning
from ..lowering.statements import Lowering
from ..names.environment import Environment, Mistake
from ..tree import Item, Span
from . import layouts
from .flatten import Flattener
from .layouts import Format, Layout
from .operands import Case, OperandItem
from .templates import named_parts, read_template
from .tree_names import names_in


@dataclass
class FormDraft:
    """A form before its body is lowered; aliases are made from drafts too.

    `given` are the widths of fields that the encoding lacks and gives a value, which is then among the `fixed` ones.
    """

    item: Item
    name: str
    format: Format
    layout: Layout
    fixed: dict[str, int]
    chosen: dict[str, Case]
    excludes: list[tuple[model.Comparison, ...]] = field(default_factory=list)
    templates: tuple[model.Template, ...] = ()
    given: dict[str, int] = field(default_factory=dict)

    @property
    def widths(self) -> dict[str, int]:
        """Fields and their widths."""
        return {name: self.layout.width(name) for name in self.layout.fields} | self.given


class DraftReader:
    """Turns instruction items into drafts."""

    def __init__(
        self,
        env: Environment,
        formats: Mapping[str, Format],
        sets: Mapping[str, model.InstructionSet],
        operands: Mapping[str, OperandItem],
        guards: Mapping[str, tree.Expression],
        afters: Mapping[str, str],
        meanings: dict[str, OperandMeaning],
    ) -> None:
        self.env = env
        self.formats = formats
        self.sets = sets
        self.operands = operands
        self.guards = guards
        self.afters = afters
        self.meanings = meanings

    # Drafts

    def drafts(self, item: Item) -> list[FormDraft]:
        """The forms of an instruction: encoding by encoding, in the order of its operands' cases.

        None if a mistake was reported.
        """
        encodings: Any = item.parts.get("encoding")
        if not encodings:
            self.env.error(
                "encoding", f"instruction '{item.name}' has no encoding", item.span, ": FORMAT(FIELD = value, …)"
            )
            return []
        drafts: list[FormDraft] = []
        try:
            for name, _ in encodings:
                if name.name not in self.formats:
                    raise self.env.unknown("format", name.name, name.span, self.formats)
            for number, (name, assignments) in enumerate(encodings):
                drafts += self._drafts(item, self._name(item, number), name.name, assignments)
        except Mistake:
            return []
        return drafts

    def _name(self, item: Item, number: int) -> str:
        """What the forms of an instruction's encoding are called: the first one's like the instruction."""
        encodings: Any = item.parts["encoding"]
        sets = [self.formats[name.name].instruction_set for name, _ in encodings]
        if not number:
            return item.name
        if sets[number] in sets[:number]:
            return f"{item.name}.{encodings[number][0].name}"
        return f"{sets[number].lower()}_{item.name}"

    def _drafts(
        self, item: Item, own_name: str, format_name: str, assignments: Sequence[tree.Assignment]
    ) -> Iterator[FormDraft]:
        format_ = self.formats[format_name]
        base = FormDraft(item, own_name, format_, format_.layout.copy(), {}, {})
        for assignment in assignments:
            self._give(base, assignment.name)
            self._assign(base, assignment.name, self._number(assignment), assignment.span)
        self._exclude(base, format_.excludes)
        self._exclude(base, self._own_excludes(item, base))
        templates = [read_template(self.env, template, with_mnemonic=True) for template in item.parts["templates"]]
        used = set().union(
            *(named_parts(template.mnemonic) | named_parts(template.operands) for template in templates)
        ) | names_in(item.parts["body"])
        made = 0
        for choice in self._choices(sorted(used & set(self.operands), key=list(self.operands).index), base):
            draft = self._chosen(base, choice)
            if draft is None:
                continue
            flattener = Flattener(self.env, draft.widths, draft.fixed, self.operands, draft.chosen)
            draft.templates = flattener.templates(templates)
            made += 1
            yield draft
        if not made:
            raise self.env.error(
                "never-matches", f"no case of its operands can be encoded, so '{item.name}' can never match", item.span
            )

    def _own_excludes(self, item: Item, draft: FormDraft) -> Sequence[tree.Exclusion]:
        """The instruction's exclusions; of several encodings each takes those of which it has the fields."""
        encodings: Any = item.parts["encoding"]
        others = [self.formats[name.name].layout.fields for name, _ in encodings]
        return [
            exclusion
            for exclusion in item.modifiers.excludes
            if all(term.left in draft.layout.fields for term in exclusion.terms)
            or not any(term.left in fields for fields in others for term in exclusion.terms)
        ]

    def pattern(self, item: Item, encoding: tuple[tree.Name, tuple[tree.Assignment, ...]]) -> model.WordPattern:
        """The words of a format in which some fields have these values."""
        name, assignments = encoding
        if name.name not in self.formats:
            raise self.env.unknown("format", name.name, name.span, self.formats)
        format_ = self.formats[name.name]
        draft = FormDraft(item, item.name, format_, format_.layout.copy(), {}, {})
        for assignment in assignments:
            self._assign(draft, assignment.name, self._number(assignment), assignment.span)
        layout = draft.layout
        return model.WordPattern(format_.instruction_set, layout.length, layout.mask, layout.match)

    def _number(self, assignment: tree.Assignment) -> int:
        lowering = Lowering(self.env)
        number = lowering.constant(lowering.lower(assignment.value, None))
        if number is None:
            raise self.env.error("constant", f"field '{assignment.name}' needs a constant", assignment.value.span)
        return number

    def _give(self, draft: FormDraft, name: str) -> None:
        """Takes note of a field that only another encoding of the instruction has."""
        encodings: Any = draft.item.parts["encoding"]
        for other, _ in encodings:
            layout = self.formats[other.name].layout
            if name in layout.fields and name not in draft.layout.fields:
                draft.given[name] = layout.width(name)

    def _assign(self, draft: FormDraft, name: str, value: int, span: Span) -> None:
        if name not in draft.widths:
            raise self.env.unknown(f"field of format '{draft.format.name}'", name, span, draft.layout.fields)
        width = draft.widths[name]
        if value < 0 or value >> width:
            raise self.env.error("width", f"{value} does not fit field '{name}' of {width} bits", span)
        draft.fixed[name] = value
        if name in draft.given:
            return
        mask, bits = draft.layout.spread(name, value)
        draft.layout.mask |= mask
        draft.layout.match |= bits

    def _exclude(self, draft: FormDraft, exclusions: Sequence[tree.Exclusion]) -> None:
        for exclusion in exclusions:
            terms = []
            for term in exclusion.terms:
                if term.left not in draft.layout.fields:
                    raise self.env.unknown(f"field of '{draft.item.name}'", term.left, term.span, draft.layout.fields)
                right = term.right
                if isinstance(right, str) and right not in draft.layout.fields:
                    if right not in self.env.constants:
                        raise self.env.unknown(
                            f"field of '{draft.item.name}'",
                            right,
                            term.span,
                            [*draft.layout.fields, *self.env.constants],
                        )
                    right = self.env.constants[right].value
                terms.append(model.Comparison(term.left, right, term.equal))
            draft.excludes.append(tuple(terms))

    def _choices(self, names: Sequence[str], base: FormDraft) -> Iterator[dict[str, Case]]:
        """Every combination of cases of the operands used, and of those that their cases use."""
        own = [
            name
            for name in names
            if self.operands[name].cases and all(part in base.layout.fields for part, _ in self.operands[name].fields)
        ]
        for combination in itertools.product(*(self.operands[name].cases for name in own)):
            chosen = dict(zip(own, combination, strict=True))
            inner = sorted(
                {name for case in combination for template in case.templates for name in named_parts(template.operands)}
                & set(self.operands)
            )
            nested = [name for name in inner if self.operands[name].cases and name not in chosen]
            for deeper in itertools.product(*(self.operands[name].cases for name in nested)):
                yield {**chosen, **dict(zip(nested, deeper, strict=True))}

    def _chosen(self, base: FormDraft, choice: dict[str, Case]) -> FormDraft | None:
        draft = dataclasses.replace(
            base,
            layout=base.layout.copy(),
            fixed=dict(base.fixed),
            chosen=choice,
            given=dict(base.given),
            excludes=list(base.excludes),
            name=".".join([base.name, *(case.label or str(number) for number, case in enumerate(choice.values()))]),
        )
        for operand_name, case in choice.items():
            for name, width in self.operands[operand_name].fields:
                if name not in draft.layout.fields:
                    raise self.env.error(
                        "unknown-name",
                        f"operand '{operand_name}' is made of field '{name}', which '{base.name}' does not have",
                        base.item.span,
                    )
                if draft.layout.width(name) != width:
                    raise self.env.error(
                        "width",
                        f"field '{name}' has {draft.layout.width(name)} bits in '{base.name}', "
                        f"and operand '{operand_name}' wants {width}",
                        base.item.span,
                    )
            for assignment in case.assignments:
                if not self._case_assignment(draft, operand_name, assignment):
                    return None
            self._exclude(draft, case.excludes)
        return draft

    def _case_assignment(self, draft: FormDraft, operand: str, assignment: tree.CaseAssignment) -> bool:
        """Applies what a case says of a field; False if it contradicts what is fixed already."""
        name = assignment.field
        if name not in draft.layout.fields:
            raise self.env.unknown(f"field of operand '{operand}'", name, assignment.span, draft.layout.fields)
        if assignment.value is not None:
            if name in draft.fixed and draft.fixed[name] != assignment.value:
                return False
            self._assign(draft, name, assignment.value, assignment.span)
            return True
        width = draft.layout.width(name)
        inner = layouts.read_layout(self.env, assignment.layout, width, f"field '{name}'", assignment.span)
        nested = layouts.nest(draft.layout.fields[name], inner)
        common = nested.mask & draft.layout.mask
        if (nested.match ^ draft.layout.match) & common:
            return False
        draft.layout.mask |= nested.mask
        draft.layout.match |= nested.match
        draft.layout.should_mask |= nested.should_mask
        draft.layout.should_be |= nested.should_be
        for part, pieces in nested.fields.items():
            if part in draft.layout.fields and part != name:
                raise self.env.error(
                    "duplicate", f"field '{part}' exists already in '{draft.item.name}'", nested.spans[part]
                )
            draft.layout.fields[part] = pieces
            draft.layout.spans[part] = nested.spans[part]
        return True
