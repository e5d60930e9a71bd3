"""Described functions that a region calls, beside it: see `Evaluate._put_off`."""

from __future__ import annotations

import re

from ...purity import reachable
from ..handlers import function_text
from ..text import symbol
from .machine import Surroundings

_CALL = re.compile(r'@"f\.[^"]*"')


def with_functions(surroundings: Surroundings, region: str, text: str) -> str:
    """A region's text with the functions that it calls, under names of its own."""
    called = set(_CALL.findall(text))
    if not called:
        return text
    unit = surroundings.unit
    functions = unit.description.functions
    names = [name for name in surroundings.harmless if symbol("f", name) in called]
    texts = [text, *(function_text(unit, functions[name]) for name in reachable(functions, sorted(names)))]
    return "\n".join(texts).replace('@"f.', f'@"{region}.f.')
