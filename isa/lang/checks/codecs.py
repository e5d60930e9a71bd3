"""Codecs by functions: what `encode` makes of what `decode` gives must decode to the same again.

`encode` may refuse what `decode` gives: such a field value is written as no text, and its words are shown as numbers.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from ...engine.errors import EngineError
from ...engine.pure import compile_functions
from ...engine.purity import reachable
from ...model import items as model
from ..tree import Span
from ..tree.diagnostics import Problems
from .clean import Clean

_EXHAUSTIVE: Final = 12
"""Bits of a field up to which each value is tried; of wider ones as many, by a fixed seed."""


def check_codecs(
    description: model.Description, spans: Mapping[str, Span], problems: Problems, clean: Clean
) -> None:
    """Reports codecs that lose a value, or raise. `spans`: where each operand stands; others are not looked at. Those
    that were in order, and are as they were, are not tried again."""
    pairs: dict[tuple[str, str], model.Operand] = {}
    for form in description.forms.values():
        for template in form.templates:
            for part in template.operands:
                if isinstance(part, model.Operand) and part.codec.decode and part.name in spans:
                    pairs.setdefault((part.codec.decode, part.codec.encode), part)
    digests = {pair: _digest(description, pair, part.width) for pair, part in pairs.items()}
    new = [pair for pair in pairs if not clean.has_codec(digests[pair])]
    if not new:
        return
    functions, told = compile_functions(description), problems.attempts
    for pair in new:
        _check(functions, *pair, pairs[pair], spans, problems)
    if problems.attempts == told:
        clean.note_codecs(digests.values())


def _digest(description: model.Description, pair: tuple[str, str], width: int) -> str:
    names = sorted(reachable(description.functions, pair))
    told = [msgspec.structs.replace(description.functions[name], line=0) for name in names]
    return hashlib.sha256(msgspec.json.encode([width, pair, told])).hexdigest()[:24]


def _check(
    functions: Mapping[str, Callable[..., object]],
    decoder: str,
    encoder: str,
    part: model.Operand,
    spans: Mapping[str, Span],
    problems: Problems,
) -> None:
    try:
        decode, encode = functions[decoder], functions[encoder]
        wrong = next((v for v in _values(part.width) if not _holds(decode, encode, v)), None)
    except EngineError as error:
        problems.add("codec", error.message, spans[part.name], error.hint or "")
        return
    if wrong is not None:
        problems.add(
            "codec",
            f"'{encoder}' is not the inverse of '{decoder}': field value {wrong:#x} is "
            f"written as {decode(wrong)}, which is encoded as {encode(_one(decode(wrong)))}",
            spans[part.name],
            "where encode(decode(x)) gives (1, y), decode(y) has to be what decode(x) is",
        )


def _values(width: int) -> range | list[int]:
    if width <= _EXHAUSTIVE:
        return range(1 << width)
    chosen = random.Random(width)
    return [0, (1 << width) - 1, *(chosen.getrandbits(width) for _ in range(1 << _EXHAUSTIVE))]


def _one(value: object) -> int:
    assert isinstance(value, int)
    return value


def _holds(decode: object, encode: object, value: int) -> bool:
    assert callable(decode)
    assert callable(encode)
    number = decode(value)
    known, field = encode(number)
    return bool(known == 0 or decode(field) == number)
