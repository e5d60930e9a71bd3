"""Checks templates: texts that mean two things, and texts that lose bits on the way back."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence

from ...model import items as model
from ..declarations.flatten import written_fields
from ..tree import Span
from ..tree.diagnostics import Note, Problems
from .overlaps import check_overlaps
from .shapes import Spelled, TextKey, excludes_differ

Part = model.TemplatePart


def check_templates(
    forms: Mapping[str, model.Form],
    names: Mapping[str, model.NamesList],
    spans: Mapping[str, Span],
    problems: Problems,
    new: Container[str],
) -> None:
    """Reports forms without syntax, fields that the text does not determine, and texts that cannot be told apart.

    Forms that are not `new` have been looked at before, also beside each other.
    """
    for form in forms.values():
        if form.name not in new:
            continue
        if not form.templates:
            problems.add(
                "syntax", f"instruction '{form.instruction}' has no `syntax` template", spans[form.instruction]
            )
            continue
        lost = _lost_fields(form)
        if lost:
            problems.add(
                "round-trip",
                f"the syntax of '{form.name}' does not say field '{lost[0]}', "
                "so its disassembly does not assemble back to the same bits",
                spans[form.instruction],
                "name the field in the template, fix its value in the encoding, or make it a should-be `(0):n`",
            )
            continue
        partial = _partial_flag(form)
        if partial:
            problems.add(
                "round-trip",
                f"the syntax of '{form.name}' tells only one value of field '{partial}'",
                spans[form.instruction],
                "a flag such as {x if F} fits a field of one bit; wider ones need an operand",
            )
    if any(form in new for form in forms):
        _ambiguous(forms, names, spans, problems, new)
        check_overlaps(forms, names, spans, problems, new)


def _lost_fields(form: model.Form) -> list[str]:
    said = 0
    pieces = {field.name: field.pieces for field in form.fields}
    template = form.templates[0]
    for name in written_fields((*template.mnemonic, *template.operands)):
        for piece in pieces.get(name, ()):
            said |= ((1 << piece.width) - 1) << piece.word_low
    whole = (1 << form.length) - 1
    lost = whole & ~(said | form.mask | form.should_mask)
    result = []
    for field in form.fields:
        bits = 0
        for piece in field.pieces:
            bits |= ((1 << piece.width) - 1) << piece.word_low
        if bits & lost:
            result.append(field.name)
    return result


def _partial_flag(form: model.Form) -> str:
    widths = {field.name: field.width for field in form.fields}
    template = form.templates[0]
    flags: dict[str, set[int]] = {}
    operands: set[str] = set()
    for part in _all_parts((*template.mnemonic, *template.operands)):
        if isinstance(part, model.Optional):
            flags.setdefault(part.field, set()).add(part.value)
        elif isinstance(part, model.Operand):
            operands |= set(part.fields)
    for field, values in flags.items():
        if field not in operands and len(values) < (1 << widths[field]) - 1:
            return field
    return ""


def _all_parts(parts: Sequence[Part]) -> Iterator[Part]:
    for part in parts:
        yield part
        if isinstance(part, model.Optional):
            yield from _all_parts(part.parts)


def _ambiguous(
    forms: Mapping[str, model.Form],
    names: Mapping[str, model.NamesList],
    spans: Mapping[str, Span],
    problems: Problems,
    new: Container[str],
) -> None:
    spelled = Spelled(names)
    wanted = {key for form in forms.values() if form.name in new for key, _ in spelled.keys(form)}
    seen: dict[TextKey, list[model.Form]] = {}
    for form in forms.values():
        for key, mnemonic in spelled.keys(form):
            if key not in wanted:
                continue
            others = seen.setdefault(key, [])
            other = next((other for other in others if _clash(other, form, new)), None)
            others.append(form)
            if other is not None:
                problems.add(
                    "ambiguous",
                    f"'{mnemonic} {' '.join(key.shape)}' can be '{other.instruction}' and '{form.instruction}': "
                    "they cannot be told apart when assembled",
                    spans[form.instruction],
                    "change one's mnemonic, or make one's text an `input_only` alias",
                    [Note(f"'{other.instruction}' is here", spans[other.instruction])],
                )
                break


def _clash(first: model.Form, second: model.Form, new: Container[str]) -> bool:
    is_new = first.name in new or second.name in new
    return is_new and first.instruction != second.instruction and not excludes_differ(first, second)
