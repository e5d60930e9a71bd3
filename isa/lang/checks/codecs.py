"""Codecs by functions: what `encode` makes of what `decode` gives must decode to the same again.

`encode` may refuse what `decode` gives: such a field value is written as no text, and its words are shown as numbers.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Final

from ...engine.errors import EngineError
from ...engine.pure import compile_functions
from ...model import items as model
from ..tree import Span
from ..tree.diagnostics import Problems

_EXHAUSTIVE: Final = 12
"""Bits of a field up to which each value is tried; of wider ones as many, by a fixed seed."""


def check_codecs(description: model.Description, spans: Mapping[str, Span], problems: Problems) -> None:
    """Reports codecs that lose a value, or raise. `spans`: where each operand stands; others are not looked at."""
    functions = compile_functions(description)
    done: set[tuple[str, str]] = set()
    for form in description.forms.values():
        for template in form.templates:
            for part in template.operands:
                if not isinstance(part, model.Operand) or not part.codec.decode or part.name not in spans:
                    continue
                if (pair := (part.codec.decode, part.codec.encode)) in done:
                    continue
                done.add(pair)
                try:
                    decode, encode = functions[part.codec.decode], functions[part.codec.encode]
                    wrong = next((v for v in _values(part.width) if not _holds(decode, encode, v)), None)
                except EngineError as error:
                    problems.add("codec", error.message, spans[part.name], error.hint or "")
                    continue
                if wrong is not None:
                    problems.add(
                        "codec",
                        f"'{part.codec.encode}' is not the inverse of '{part.codec.decode}': field value {wrong:#x} is "
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
