"""Makes values of a usual command line, in a millisecond.

Whatever is not plainly right (an unknown option, a number that is none, something missing) is not judged here: the
answer is None, and the library reads the line once more and tells the user what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from .declared import Argument, Option
from .parameters import Taken, parameters_of

_INTEGER = re.compile(r"[0-9]{1,18}")
_DECIMAL = re.compile(r"[0-9]+(\.[0-9]+)?")
_READERS: Final[dict[type, Callable[[str], object]]] = {str: str, Path: Path}


def read(function: Callable[..., None], words: Sequence[str]) -> dict[str, object] | None:
    """The keyword arguments that a command line means; None where that is not plain."""
    taken = parameters_of(function)
    options = {name: one for one in taken for name in one.names}
    given: dict[str, list[object]] = {}
    places: list[str] = []
    waiting = iter(words)
    for word in waiting:
        if word == "--":
            places += waiting
        elif not word.startswith("-") or word == "-":
            places.append(word)
        else:
            name, equals, text = word.partition("=")
            one = options.get(name)
            if one is None or (equals and (one.is_flag or not name.startswith("--"))):
                return None
            if not one.is_flag and not equals:
                text = next(waiting, "-")
                if text.startswith("-"):
                    return None
            value = True if one.is_flag else _value(one, text)
            if value is None:
                return None
            given.setdefault(one.name, []).append(value)
    return _all(taken, given, places)


def _all(taken: Sequence[Taken], given: dict[str, list[object]], places: list[str]) -> dict[str, object] | None:
    """Each parameter's value, where all have one and no word is left."""
    arguments = [one for one in taken if isinstance(one.mark, Argument)]
    for at, one in enumerate(arguments):
        if one.repeated and at != len(arguments) - 1:
            return None
        texts, places = (places, []) if one.repeated else (places[:1], places[1:])
        values = [_value(one, text) for text in texts]
        if None in values:
            return None
        if values:
            given[one.name] = values
    if places:
        return None
    found: dict[str, object] = {}
    for one in taken:
        if one.name in given:
            found[one.name] = given[one.name] if one.repeated else given[one.name][-1]
        elif one.required:
            return None
        else:
            found[one.name] = one.default
    return found


def _value(one: Taken, text: str) -> object | None:
    """What a text means, or None."""
    if one.kind in (int, float):
        if not (_INTEGER if one.kind is int else _DECIMAL).fullmatch(text):
            return None
        number = one.kind(text)
        least = one.mark.min if isinstance(one.mark, Option) else None
        return number if least is None or number >= least else None
    reader = _READERS.get(one.kind)
    return None if reader is None else reader(text)
