"""The items of a file with its families written out, kept in the user's cache directory and read as far as they are
looked at.

A file's entry is named by a digest of its text and of what makes items of it. A part of an item (a body, say) becomes
nodes when somebody asks for it: what was typed already asks for few. Each item comes with a digest of what is written
and with the names that occur in it: whoever keeps what was made of an item keys it by these.
"""

from __future__ import annotations

import functools
import hashlib
import re
from pathlib import Path
from typing import Any, Final

import msgspec

from ...cache_files import cache_directory, digest_of, note_use, put_whole, remove_old, whole
from ..tree import Item, Modifiers
from ..tree.diagnostics import Problems
from .families import expand_families
from .kept_trees import BLOCK, PARSERS, PLACE, Plain, Reading, parsed

_MOST: Final = 600
"""Files that stay: a few versions of all shipped ones."""
_MOST_HERE: Final = 1000
"""Files whose items stay in a process: a language server asks again and again."""
_here: dict[tuple[Path, str], list[Item]] = {}
_PLACELESS: Final = ("operand", "format")
_NAME: Final = re.compile(rb"[A-Za-z_][A-Za-z0-9_]*(?:\|0(?![A-Za-z0-9_]))?")


class _KeptItem(msgspec.Struct, array_like=True):
    kind: str
    name: str
    origin: str
    digest: str
    mentions: str
    span: msgspec.Raw
    modifiers: msgspec.Raw
    parts: dict[str, msgspec.Raw]


class _KeptFile(msgspec.Struct, array_like=True):
    withins: msgspec.Raw
    items: list[_KeptItem]


def file_items(text: str, file: str, problems: Problems) -> list[Item]:
    """The items of a text; what is wrong with it goes to `problems`. Only those of files without mistakes are kept."""
    name = f"{hashlib.sha256(f'{_maker()}{text}'.encode()).hexdigest()[:32]}.items"
    path = cache_directory() / name
    known = _here.get((path, file))
    if known is not None:
        return known
    content = whole(path)
    if content is not None:
        try:
            found = _read(content, file)
        except (msgspec.DecodeError, msgspec.ValidationError, ValueError, TypeError, LookupError):
            pass
        else:
            note_use(path)
            return _remembered(path, file, found)
    items, mistakes = parsed(text, file)
    for mistake in mistakes:
        problems.add(mistake.code, mistake.message, mistake.span, mistake.hint, mistake.notes)
    before = problems.attempts, len(problems.warnings)
    expanded = expand_families(items, problems)
    if mistakes:
        return expanded
    content = _written(expanded)
    if (problems.attempts, len(problems.warnings)) == before:
        put_whole(path, content)
        remove_old(path.parent, r"[0-9a-f]{32}\.items", _MOST)
        return _remembered(path, file, _read(content, file))
    return _read(content, file)


def _remembered(path: Path, file: str, items: list[Item]) -> list[Item]:
    if len(_here) >= _MOST_HERE:
        _here.clear()
    _here[path, file] = items
    return items


@functools.cache
def _maker() -> str:
    own = Path(__file__).resolve().parent.parent
    files = [path for pattern in PARSERS for path in own.glob(pattern)]
    names = ("families.py", "specialise.py", "kept_items.py")
    return digest_of("items", [*files, *(Path(__file__).with_name(name) for name in names)])


def _written(items: list[Item]) -> bytes:
    plain, encode = Plain(), msgspec.json.encode
    made = []
    for item in items:
        span, modifiers = encode(plain.of(item.span)), encode(plain.of(item.modifiers))
        parts = {name: encode(plain.of(value)) for name, value in item.parts.items()}
        whole_text = b" ".join([item.kind.encode(), item.name.encode(), item.origin.encode(), span, modifiers,
                                *(name.encode() + part for name, part in parts.items())])  # fmt: skip
        names = sorted(set(_NAME.findall(whole_text.replace(b"\\t", b" "))))
        made.append(
            _KeptItem(
                item.kind, item.name, item.origin, _digest(item.kind, whole_text),
                b" ".join(names).decode(), msgspec.Raw(span), msgspec.Raw(modifiers),
                {name: msgspec.Raw(part) for name, part in parts.items()},
            )
        )  # fmt: skip
    return encode(_KeptFile(msgspec.Raw(encode(plain.withins)), made))


def _digest(kind: str, text: bytes) -> str:
    """Tells what is written. A sign in front says that it stays the same wherever it stands: no line of it gets into
    what is made of it, as there are no statements in it."""
    placed = kind not in _PLACELESS or BLOCK in text
    return ("" if placed else "~") + hashlib.sha256(text if placed else PLACE.sub(b"", text)).hexdigest()[:24]


_decoder: Final = msgspec.json.Decoder(_KeptFile)


def _read(content: bytes, file: str) -> list[Item]:
    kept = _decoder.decode(content)
    reading = Reading(file, msgspec.json.decode(kept.withins))
    decode, found = msgspec.json.decode, []
    for item in kept.items:
        modifiers = reading.value(decode(item.modifiers))
        if not isinstance(modifiers, Modifiers):
            raise ValueError("no modifiers")
        parts = Parts(item.parts, reading)
        span = reading.value(decode(item.span))
        found.append(Item(span, item.kind, item.name, modifiers, parts, item.origin, item.digest, item.mentions))
    return found


class Parts(dict[str, Any]):
    """An item's parts, each made of what is kept when it is asked for first."""

    __slots__ = ("_reading",)

    def __init__(self, raw: dict[str, msgspec.Raw], reading: Reading) -> None:
        super().__init__(raw)
        self._reading = reading

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - as in any item
        value = super().__getitem__(name)
        if type(value) is msgspec.Raw:
            value = self._reading.value(msgspec.json.decode(value))
            self[name] = value
        return value

    def get(self, name: str, default: Any = None) -> Any:  # noqa: ANN401
        """See `dict.get`."""
        try:
            return self[name]
        except KeyError:
            return default

    def complete(self) -> Parts:
        """All of them, whoever looks at the dictionary as a whole."""
        for name in [*self]:
            self[name]
        return self

    def __eq__(self, other: object) -> bool:
        return dict.__eq__(self.complete(), other)

    def __repr__(self) -> str:
        return dict.__repr__(self.complete())


def all_parts(item: Item) -> dict[str, Any]:
    """A dictionary of an item's parts, each of them made."""
    return dict(item.parts.complete()) if isinstance(item.parts, Parts) else dict(item.parts)
