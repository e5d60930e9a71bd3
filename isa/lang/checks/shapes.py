"""What tells texts of instructions apart: mnemonics, and the shape of their operands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

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
