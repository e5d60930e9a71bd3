"""Definitions put together to modules for LLVM: with copies of the functions that may take the place of their calls,
and declarations of all others."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable

from ..text import BRANCH_WEIGHTS, declarations
from .compiler import Effort

_LONGEST = {Effort.ALL: 12_000, Effort.SOME: 2_000, Effort.LITTLE: 0}
"""Characters of the longest function that may take the place of its calls."""
_NAME = r'@("[^"]*"|[\w$.-]+)'
_HEAD = re.compile(rf"define (?:internal )?[^@]*{_NAME}\(.*\{{$", re.MULTILINE)
_FUNCTION = rf"define (?!internal|available_externally)[^@\n]*{_NAME}\("
_OWN = re.compile(rf"^(?:{_FUNCTION}|{_NAME} = (?:global|constant))", re.MULTILINE)
_REFERENCE = re.compile(_NAME)

Definitions = dict[str, str]
"""Functions' texts by name, as IR has it behind the @."""
Find = Callable[[str], str | None]
"""A function's definition by its name."""


def module_of(
    own: Definitions, data: Iterable[str], find: Find, may_copy: Callable[[str], bool], effort: Effort
) -> tuple[str, set[str]]:
    """A module that defines `own` and `data`, and which functions it leaves to others.

    `find` gives other functions, of which those that `may_copy` allows may take the place of their calls. What is
    unknown is declared as data.
    """
    texts = [*(_linked(text, "") for text in own.values()), *data]
    waiting = [name for text in texts for name in references(text)]
    seen, outside = {*own, *_defined(data)}, set()
    while waiting:
        name = waiting.pop()
        if name in seen or name.startswith("llvm."):
            continue
        seen.add(name)
        text = find(name)
        if text is not None and may_copy(name) and _is_inlined(text, _LONGEST[effort]):
            copy = _linked(text, "available_externally ")
            # The few passes have no inliner that decides by itself.
            texts.append(copy if effort is Effort.ALL else copy.replace("{\n", "alwaysinline {\n", 1))
            waiting += references(text)
            continue
        texts.append(f"@{name} = external global i8" if text is None else _declaration(text))
        if text is not None:
            outside.add(name)
    return module_text(texts), outside


def module_text(texts: Collection[str]) -> str:
    """A module of definitions, with what LLVM itself has declared."""
    whole = "\n".join(texts)
    return "\n".join([whole, BRANCH_WEIGHTS, declarations(whole)])


def definitions(texts: Iterable[str]) -> Definitions:
    """The functions that stand in texts."""
    text = "\n".join(texts)
    starts = [*_HEAD.finditer(text)]
    ends = [*(found.start() for found in starts), len(text)][1:]
    return {found[1]: text[found.start() : end].rstrip() for found, end in zip(starts, ends, strict=True)}


def references(text: str) -> list[str]:
    """The names of functions and data in a text."""
    return _REFERENCE.findall(text)


def defined(module: str) -> list[str]:
    """The symbols that a module has for others."""
    return [name.strip('"') for pair in _OWN.findall(module) for name in pair if name]


def _defined(data: Iterable[str]) -> list[str]:
    return [text.split(" = ", 1)[0].removeprefix("@") for text in data]


def _linked(text: str, linkage: str) -> str:
    return re.sub("^define (internal )?", f"define {linkage}", text)


def _declaration(text: str) -> str:
    return re.sub("^define (internal )?", "declare ", text.split("\n", 1)[0]).removesuffix("{").rstrip()


def _is_inlined(text: str, longest: int) -> bool:
    head = text.split("\n", 1)[0]
    return "alwaysinline" in head or (len(text) <= longest and "noinline" not in head)
