"""Names of a description as Python identifiers: each once, none a keyword, none that generated code needs itself."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterable

_NOT_IN_IDENTIFIER = re.compile(r"\W")


class Identifiers:
    """Gives every name of one kind an identifier; two names never share one."""

    def __init__(self, prefix: str = "", reserved: Iterable[str] = ()) -> None:
        self._prefix = prefix
        self._taken = set(reserved)
        self._known: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        known = self._known.get(name)
        if known is None:
            known = self._prefix + _NOT_IN_IDENTIFIER.sub("_", name)
            if not known.isidentifier():
                known = f"_{known}"
            while known in self._taken or keyword.iskeyword(known) or hasattr(builtins, known):
                known += "_"
            self._taken.add(known)
            self._known[name] = known
        return known
