"""Pictures of a test as SVG: its events in guest time by vcpu, and the groups of the page table that changed."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Final

from .timeline import Moment, Timeline

_WIDTH: Final = 900
_LEFT: Final = 150
_LANE: Final = 22
_KINDS: Final = (
    "Hcall",
    "Exit",
    "HypTrap",
    "Interrupt",
    "WorldSwitch",
    "VcoreTransition",
    "Nap",
    "Wake",
    "DeviceAccess",
    "HptChange",
)
_GROUPS_A_ROW: Final = 64


def timeline_picture(one: Timeline) -> str:
    """A lane for each vcpu and kind of event that there is; what a mark is stands in its title."""
    lanes = list(dict.fromkeys((moment.vcpu or 0, moment.kind) for moment in one.moments))
    lanes.sort(key=lambda lane: (lane[0], _KINDS.index(lane[1])))
    height = _LANE * len(lanes) + 30
    parts = [
        f'<svg class="timeline" viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'aria-label="{html.escape(one.test, quote=True)}: events in guest time">'
    ]
    scale = (_WIDTH - _LEFT - 10) / max(one.end, 1)
    for row, (vcpu, kind) in enumerate(lanes):
        y = row * _LANE + 4
        parts.append(
            f'<text x="4" y="{y + 12}">{vcpu}: {kind}</text>'
            f'<line x1="{_LEFT}" x2="{_WIDTH - 10}" y1="{y + 8}" y2="{y + 8}"/>'
        )
        for moment in one.moments:
            if (moment.vcpu or 0, moment.kind) == (vcpu, kind):
                parts.append(_mark(moment, _LEFT + moment.time * scale, y))
    y = len(lanes) * _LANE + 20
    parts.append(
        f'<text x="{_LEFT}" y="{y}">0</text>'
        f'<text x="{_WIDTH - 10}" y="{y}" text-anchor="end">{one.end} instructions</text>'
    )
    return "".join([*parts, "</svg>"])


def _mark(moment: Moment, x: float, y: int) -> str:
    details = "; ".join(f"{name} {value}" for name, value in moment.details.items() if value)
    title = html.escape(f"{moment.time}: {moment.name} ({details})", quote=True)
    return f'<rect class="k-{moment.kind}" x="{x:.1f}" y="{y}" width="3" height="16"><title>{title}</title></rect>'


def page_table_picture(one: Timeline) -> str:
    """Groups of eight entries: those in which an entry changed, and how often; empty if none did."""
    counts = dict(_changes(one))
    if not counts:
        return ""
    low = min(counts) // _GROUPS_A_ROW * _GROUPS_A_ROW
    rows = sorted({(group - low) // _GROUPS_A_ROW for group in counts})
    cell = (_WIDTH - _LEFT - 10) / _GROUPS_A_ROW
    parts = [
        f'<svg class="hpt" viewBox="0 0 {_WIDTH} {len(rows) * 18 + 4}" role="img" '
        'aria-label="page table groups that changed">'
    ]
    for at, row in enumerate(rows):
        first = low + row * _GROUPS_A_ROW
        parts.append(f'<text x="4" y="{at * 18 + 14}">{first * 8:#x}</text>')
        for column in range(_GROUPS_A_ROW):
            count = counts.get(first + column, 0)
            title = f"entries {8 * (first + column):#x} to {8 * (first + column) + 7:#x}: {count} changes"
            style = "some" if count else "none"
            parts.append(
                f'<rect class="{style}" x="{_LEFT + column * cell:.1f}" y="{at * 18 + 2}" '
                f'width="{cell - 1:.1f}" height="14">'
                f"<title>{title}</title></rect>"
            )
    return "".join([*parts, "</svg>"])


def _changes(one: Timeline) -> Iterator[tuple[int, int]]:
    counts: dict[int, int] = {}
    for moment in one.moments:
        if moment.kind == "HptChange" and "index" in moment.details:
            group = int(moment.details["index"], 16) >> 3
            counts[group] = counts.get(group, 0) + 1
    return iter(counts.items())
