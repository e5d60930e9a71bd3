"""A form on its way: an encoding of an instruction with the cases of operands that it has chosen."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...model import items as model
from ..tree import Item
from .layouts import Format, Layout
from .operands import Case


@dataclass
class FormDraft:
    """A form before its body is lowered; aliases are made from drafts too.

    `given` are the widths of fields that the encoding lacks and gives a value, which is then among the `fixed` ones.
    """

    item: Item
    name: str
    format: Format
    layout: Layout
    fixed: dict[str, int]
    chosen: dict[str, Case]
    excludes: list[tuple[model.Comparison, ...]] = field(default_factory=list)
    templates: tuple[model.Template, ...] = ()
    given: dict[str, int] = field(default_factory=dict)

    @property
    def widths(self) -> dict[str, int]:
        """Fields and their widths."""
        return {name: self.layout.width(name) for name in self.layout.fields} | self.given
