"""Cutting IR in pieces that are compiled apart: shards with the handlers of some forms, and a core with all else.

A shard has its own copy of the functions that it may have inlined. Which forms share one depends on their instruction:
where that is edited in a description, the other shards stay as they are.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection, Iterable, Sequence

from ....model.items import Form
from ..text import BRANCH_WEIGHTS, declarations
from .compiler import Effort

_FORMS = 100
"""Forms of a shard, about."""
_MOST = 8
"""Shards."""
_LONGEST = {Effort.ALL: 12_000, Effort.SOME: 2_000, Effort.LITTLE: 0}
"""Characters of the longest function that may take the place of its calls."""
_NAME = r'@("[^"]*"|[\w$.-]+)'
_HEAD = re.compile(rf"define (?:internal )?[^@]*{_NAME}\(.*\{{$", re.MULTILINE)
_REFERENCE = re.compile(_NAME)


def shards_of(forms: Collection[Form]) -> list[list[str]]:
    """The names of each shard's forms; one shard for all where there are few."""
    count = max(1, min(_MOST, len(forms) // _FORMS))
    shards: list[list[str]] = [[] for _ in range(count)]
    for form in forms:
        shards[zlib.crc32(form.instruction.encode()) % count].append(form.name)
    return shards


class Shards:
    """Writes the pieces, `core` last."""

    def __init__(self, shared: Iterable[str]) -> None:
        """`shared`: the definitions that handlers use; all functions of a piece but these are seen by the others."""
        self._shared = _definitions("\n".join(shared))
        self._heads: dict[str, str] = {}
        """Of the handlers of all shards."""
        self._wanted: set[str] = set()
        """What shards have the core define."""

    def shard(self, handlers: Iterable[str], effort: Effort) -> str:
        """The module of some handlers."""
        own = _definitions("\n".join(handlers))
        texts = [_linked(text, "") for text in own.values()]
        self._heads |= {name: _declaration(text) for name, text in own.items()}
        waiting, seen = [name for text in own.values() for name in _REFERENCE.findall(text)], set(own)
        while waiting:
            name = waiting.pop()
            if name in seen or name.startswith("llvm."):
                continue
            seen.add(name)
            text = self._shared.get(name)
            if text is not None and _is_inlined(text, _LONGEST[effort]):
                copy = _linked(text, "available_externally ")
                # The few passes have no inliner that decides by itself.
                texts.append(copy if effort is Effort.ALL else copy.replace("{\n", "alwaysinline {\n", 1))
                waiting += _REFERENCE.findall(text)
            else:
                texts.append(f"@{name} = external global i8" if text is None else _declaration(text))
            self._wanted.add(name)
        return module_text(texts)

    def core(self, rest: Sequence[str]) -> str:
        """The module of the shared functions and of `rest`, which refers to the handlers."""
        shared = [_linked(text, "") if name in self._wanted else text for name, text in self._shared.items()]
        return module_text([*shared, *self._heads.values(), *rest])


def module_text(texts: Sequence[str]) -> str:
    """A module of definitions, with what LLVM itself has declared."""
    whole = "\n".join(texts)
    return "\n".join([whole, BRANCH_WEIGHTS, declarations(whole)])


def _definitions(text: str) -> dict[str, str]:
    starts = [*_HEAD.finditer(text)]
    ends = [*(found.start() for found in starts[1:]), len(text)]
    return {found[1]: text[found.start() : end].rstrip() for found, end in zip(starts, ends, strict=True)}


def _head(text: str) -> str:
    return text.split("\n", 1)[0]


def _linked(text: str, linkage: str) -> str:
    return re.sub("^define (internal )?", f"define {linkage}", text)


def _declaration(text: str) -> str:
    return re.sub("^define (internal )?", "declare ", _head(text)).removesuffix("{").rstrip()


def _is_inlined(text: str, longest: int) -> bool:
    head = _head(text)
    return "alwaysinline" in head or (len(text) <= longest and "noinline" not in head)
