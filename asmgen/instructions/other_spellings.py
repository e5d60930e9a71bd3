"""Spellings that are tried where a statement has no meaning as it stands: other element types, operands, both.

What a description names for that is in its annotation `@assembler` (see `described`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from ..expressions.parser import ExpressionReader
from ..expressions.tree import Number
from ..target.traits import InstructionSet
from ..text.diagnostics import SourceError

_TYPED = re.compile(r"(v\w+)\.([a-z]?)(8|16|32|64)")
"""A mnemonic with one element type."""
_SINGLE = re.compile(r"\bs[0-9]", re.IGNORECASE)
"""A register of single precision: with 16 bits it means half precision, which is another instruction."""


def other_types(text: str) -> dict[str, tuple[str, ...]]:
    """`LETTERS: LETTER LETTER; …` by letter; `-` stands for none."""
    found: dict[str, tuple[str, ...]] = {}
    for entry in filter(None, text.split(";")):
        letters, _, others = entry.partition(":")
        for letter in letters.split():
            found[letter.replace("-", "")] = tuple(other.replace("-", "") for other in others.split())
    return found


def other_operands(text: str) -> tuple[tuple[str, str], ...]:
    """`PATTERN => TEXT; …`."""
    pairs = (entry.partition("=>") for entry in text.split(";") if entry.strip())
    return tuple((pattern.strip(), replacement.strip()) for pattern, _, replacement in pairs)


def other_spellings(
    word: str, rest: str, types: Sequence[str], instruction_set: InstructionSet, expressions: ExpressionReader
) -> Iterator[tuple[str, str]]:
    """Mnemonics in lower case and operands to try for what is written; `types` are those of the operands' names."""
    whole = ".".join(instruction_set.short_types.get(part, part) for part in word.split("."))
    words = [whole, *_other_words(whole, rest, instruction_set.other_types), *_typed_words(whole, rest, types)]
    rests = [rest, _with_numbers(rest, instruction_set.number_places, expressions)]
    for pattern, replacement in instruction_set.other_operands:
        rests.append(re.sub(pattern, replacement, rests[-1]))
    for text in dict.fromkeys((*rests[1:], rest)):
        yield from ((one, text) for one in words if (one, text) != (word, rest))


def _with_numbers(rest: str, places: str, expressions: ExpressionReader) -> str:
    """The operands with the numbers of expressions that stand at these places, where they are known."""

    def number(hit: re.Match[str]) -> str:
        try:
            found = expressions.read_all(hit.group())
        except SourceError:
            return hit.group()
        return str(found.value) if isinstance(found, Number) else hit.group()

    return re.sub(places, number, rest) if places else rest


def _other_words(word: str, rest: str, others: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    hit = _TYPED.fullmatch(word)
    if hit is not None and others:
        stem, letter, size = hit.groups()
        yield from (f"{stem}.{other}{size}" for other in others.get(letter, ()))
        # What moves all bits has no type.
        if size != "16" or "{" in rest or _SINGLE.search(rest) is None:
            yield stem


def _typed_words(word: str, rest: str, types: Sequence[str]) -> Iterator[str]:
    if word.startswith("v") and "." not in word and "[" in rest:
        # An element of a vector that has no size is a word.
        yield f"{word}.32"
    if types and "." not in word:
        yield from (f"{word}.{one}" for one in dict.fromkeys(reversed(types)))
        yield f"{word}.{'.'.join(types)}"
