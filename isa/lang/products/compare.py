"""Two descriptions compared in meaning: what one has, the other lacks, or says otherwise; comments do not count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ...model import items as model
from ...model.digest import digest_of_meaning

_KINDS: Final = {
    "instruction sets": "instruction_sets", "forms": "forms", "aliases": "aliases", "registers": "registers",
    "numbered spaces": "spaces", "enums": "enums", "bit fields": "bitfields", "constants": "constants",
    "names lists": "names", "functions": "functions", "interrupts": "interrupts", "exits": "exits",
    "conventions of calls": "abis", "hypervisor calls": "hypercalls", "classes of arguments": "argument_classes",
    "devices": "devices", "boards": "boards",
}  # fmt: skip
_ENCODING: Final = ("instruction_set", "length", "mask", "match", "should_mask", "should_be", "excludes", "fields")
_SYNTAX: Final = ("templates",)


def compare(old: model.Description, new: model.Description) -> Iterator[str]:
    """A line for each difference: `+` what is new, `-` what is gone, `~` what is said otherwise (of forms: what)."""
    for title, attribute in _KINDS.items():
        before: Mapping[str, model.Item] = getattr(old, attribute)
        after: Mapping[str, model.Item] = getattr(new, attribute)
        lines = [f"  - {name}" for name in before if name not in after]
        lines += [f"  + {name}" for name in after if name not in before]
        for name in after:
            if name in before and digest_of_meaning(before[name]) != digest_of_meaning(after[name]):
                lines.append(f"  ~ {name}{_what(before[name], after[name])}")
        if lines:
            yield title
            yield from lines
    if old.hooks != new.hooks:
        yield "hooks"
        for name in sorted(old.hooks.keys() | new.hooks.keys()):
            if old.hooks.get(name) != new.hooks.get(name):
                yield f"  ~ {name}: {old.hooks.get(name, 'none')} → {new.hooks.get(name, 'none')}"


def _what(before: model.Item, after: model.Item) -> str:
    if not isinstance(before, model.Form):
        return ""
    changed = []
    for title, names in (("encoding", _ENCODING), ("syntax", _SYNTAX), ("meaning", ("body", "after", "may_raise"))):
        old, new = (tuple(getattr(one, name) for name in names) for one in (before, after))
        if digest_of_meaning(old) != digest_of_meaning(new):
            changed.append(title)
    return f": {', '.join(changed) or 'annotations'}"
