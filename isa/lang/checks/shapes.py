"""What tells texts of instructions apart: mnemonics, and the shape of their operands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ...model import items as model

Part = model.TemplatePart


def excludes_differ(first: model.Form, second: model.Form) -> bool:
    """Exclusions may be what tells two forms apart; the assembler tries the next form when one is excluded."""
    return bool(first.excludes or second.excludes) and first.excludes != second.excludes


def shape_of(parts: Sequence[Part]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, model.Literal):
            yield part.text
        elif isinstance(part, model.Operand):
            codec = part.codec
            detail = codec.names or f"{part.width}*{codec.scale}+{codec.bias}"
            yield f"<{codec.kind}:{detail}{'@' if codec.relative else ''}>"
        else:
            yield "{" + " ".join(shape_of(part.parts)) + "}"


def mnemonics(parts: Sequence[Part], names: Mapping[str, model.NamesList]) -> Iterable[str]:
    """Every mnemonic that the parts can spell."""
    results = [""]
    for part in parts:
        if isinstance(part, model.Literal):
            results = [result + part.text for result in results]
        elif isinstance(part, model.Optional):
            inner = list(mnemonics(part.parts, names))
            results = [result + text for result in results for text in ("", *inner)]
        else:
            spellings = (
                [text for own in names[part.codec.names].spellings for text in own] if part.codec.names in names else []
            )
            results = [result + text for result in results for text in spellings]
    return results


class TextKey(NamedTuple):
    """What two texts have in common that cannot be told apart."""

    instruction_set: str
    shape: tuple[str, ...]
    mnemonic: str


class Spelled:
    """The texts of forms; the mnemonics of one way to build them are found once."""

    def __init__(self, names: Mapping[str, model.NamesList]) -> None:
        self._names = names
        self._mnemonics: dict[tuple[Part, ...], tuple[str, ...]] = {}
        self._shapes: dict[tuple[Part, ...], tuple[str, ...]] = {}

    def keys(self, form: model.Form) -> Iterator[tuple[TextKey, str]]:
        """Of each template and mnemonic of a form."""
        for template in form.templates:
            shape = self._shapes.get(template.operands)
            if shape is None:
                shape = self._shapes[template.operands] = tuple(shape_of(template.operands))
            for mnemonic in self.mnemonics(template.mnemonic):
                yield TextKey(form.instruction_set, shape, mnemonic), mnemonic

    def mnemonics(self, parts: tuple[Part, ...]) -> tuple[str, ...]:
        """Every mnemonic that the parts can spell."""
        known = self._mnemonics.get(parts)
        if known is None:
            known = self._mnemonics[parts] = tuple(mnemonics(parts, self._names))
        return known
