"""`.loc`: where compiled code comes from (GNU as manual, ".loc")."""

from __future__ import annotations

import re

from ..layout.assembly import Assembly
from ..text.source import Statement

_VIEW = re.compile(r"\bview\s+(?P<name>[A-Za-z_.$][\w.$]*|-?\d+)")


def loc(assembly: Assembly, statement: Statement) -> None:
    """`.loc FILE LINE COLUMN … view NAME`: NAME becomes the number of the row among those of the same address."""
    hit = _VIEW.search(statement.rest)
    section = assembly.section
    place = (section, section.size, section.epoch)
    if hit is not None and hit["name"] == "-0":
        assembly.view = (place, 0)
    else:
        known, number = assembly.view
        assembly.view = (place, number + 1 if known == place else 0)
    if hit is not None and not hit["name"].lstrip("-").isdigit():
        assembly.symbols.assign_number(hit["name"], assembly.view[1], statement.place(hit.start("name")), once=False)
