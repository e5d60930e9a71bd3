"""Which templates a word may begin, told without looking at the items of a description; kept in the cache directory.

A description has thousands of templates, of which a source needs some dozens: items are decoded, and templates
compiled, when a mnemonic asks for them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from ....isa.cache_files import cache_directory, digest_of, kept, remove_old
from ....isa.model.items import Description, Literal, Operand, Optional, Template, TemplatePart
from .templates import WORD


class TemplateIndex(msgspec.Struct, frozen=True):
    """All templates of a description, by numbers from 0 on; forms' own ones come first."""

    templates: list[tuple[str, str, int]]
    """Form, alias (or empty), and the place among the templates of the one or the other."""
    by_prefix: dict[str, dict[str, list[int]]]
    """By instruction set and the fixed text in front of the mnemonic, in lower case."""
    own: dict[str, list[int]]
    """By form, what it is itself written as."""
    aliases: dict[str, list[int]]
    """By form, other ways to write it."""
    words: list[str]
    """Words that templates have beside operands."""
    names: list[str]
    """The lists of names that operands read."""


def template_index(description: Description) -> TemplateIndex:
    """The index of a description, from the cache where it is there."""
    if not description.fingerprint:
        return _made(description)
    key = f"{digest_of('spellings', (Path(__file__),))} {description.fingerprint} {msgspec.__version__}"
    name = description.core or description.name
    path = cache_directory() / f"{name}-{hashlib.sha256(key.encode()).hexdigest()[:24]}.spellings"
    made: list[TemplateIndex] = []

    def make() -> bytes:
        made.append(_made(description))
        remove_old(path.parent, rf"{name}-[0-9a-f]+\.spellings")
        return msgspec.json.encode(made[0])

    content = kept(path, make)
    return made[0] if made else msgspec.json.decode(content, type=TemplateIndex)


def _made(description: Description) -> TemplateIndex:
    index = TemplateIndex([], {name: {} for name in description.instruction_sets}, {}, {}, [], [])
    words: dict[str, None] = {}
    names: dict[str, None] = {}

    def add(form: str, alias: str, place: int, template: Template) -> None:
        number = len(index.templates)
        index.templates.append((form, alias, place))
        first = template.mnemonic[0] if template.mnemonic else None
        prefix = first.text.lower() if isinstance(first, Literal) else ""
        index.by_prefix[description.forms[form].instruction_set].setdefault(prefix, []).append(number)
        (index.aliases if alias else index.own).setdefault(form, []).append(number)
        for part in _parts_of(template.operands):
            if isinstance(part, Literal):
                words.update(dict.fromkeys(WORD.findall(part.text)))
            elif isinstance(part, Operand) and part.codec.kind in ("names", "ambient"):
                names[part.codec.names] = None

    for form in description.forms.values():
        for place, template in enumerate(form.templates):
            add(form.name, "", place, template)
    for alias in description.aliases.values():
        for place, template in enumerate(alias.templates):
            add(alias.form, alias.name, place, template)
    index.words.extend(words)
    index.names.extend(names)
    return index


def _parts_of(parts: Sequence[TemplatePart]) -> Iterator[Literal | Operand]:
    for part in parts:
        if isinstance(part, Optional):
            yield from _parts_of(part.parts)
        else:
            yield part
