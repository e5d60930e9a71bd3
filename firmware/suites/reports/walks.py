"""Page walks of a run's tests as pictures: each test runs once more, on an engine that notes what translations read."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Final

import msgspec

from ....isa.engine.walks import Read, Walk, walking_engine
from ..running.results import Status
from .outcome import Reported

MOST_TESTS: Final = 12
"""Of a run that have pictures of walks: failures first."""
_MOST_WALKS: Final = 24
_LEFT, _BOX, _GAP, _HEIGHT, _WIDTH = 200, 218, 14, 34, 900
_GROUP: Final = 128
"""Bytes of a group of a hashed page table."""


class Walked(msgspec.Struct, frozen=True):
    """A test's walks, in their order; `more` are not kept."""

    suite: str
    test: str
    walks: tuple[Walk, ...]
    more: int


def walked(run: Reported, changes: Sequence[str] = (), most: int = MOST_TESTS) -> list[Walked]:
    """Of a run's tests, those that failed first, as far as they walk tables; none where Trapline has no part."""
    kind = run.record.target.partition(":")[0]
    manifest = run.suite.manifest
    if kind not in ("trapline", "oracle") or manifest.is_foreign:
        return []
    from ....server.api import Machine

    order = sorted(run.results, key=lambda one: one.status in (Status.PASS, Status.SKIP))
    files = {one.name: run.suite.folder / one.elf for one in manifest.tests}
    needs, limits = manifest.machine, manifest.limits
    found: list[Walk] = []
    result: list[Walked] = []
    with (
        walking_engine(found) as engine,
        Machine(
            machine=needs.name,
            core=needs.core,
            vcpus=needs.vcpus,
            threads=needs.threads,
            memory=needs.memory,
            clock_shift=needs.clock_shift,
            engine=engine,
            isa=changes,
        ) as machine,
    ):
        for one in order[: 2 * most]:
            found.clear()
            machine.load(files[one.test].read_bytes())
            machine.run(max_instructions=limits.instructions, timeout=limits.seconds)
            kept = _worth_seeing(found)
            if kept and len(result) < most:
                more = len(kept) - _MOST_WALKS
                result.append(Walked(run.record.suite, one.test, tuple(kept[:_MOST_WALKS]), max(more, 0)))
    return result


def _worth_seeing(walks: Sequence[Walk]) -> list[Walk]:
    """Of walks of a kind that read the same words the first one, and every fault."""
    seen: set[tuple[str, tuple[Read, ...]]] = set()
    kept = []
    for walk in walks:
        key = walk.kind, walk.reads
        if walk.physical is not None and key in seen:
            continue
        seen.add(key)
        kept.append(walk)
    return kept


def walks_picture(one: Walked) -> str:
    """A row for each walk: the access, the tables' words that were read, and the physical address or the fault."""
    rows = [_row(walk) for walk in one.walks]
    heights = [height for _, height in rows]
    total = sum(heights) + 6
    parts = [
        f'<svg class="walks" viewBox="0 0 {_WIDTH} {total}" role="img" '
        f'aria-label="{html.escape(one.test, quote=True)}: page walks">'
    ]
    y = 2
    for (body, height), _ in zip(rows, heights, strict=True):
        parts.append(f'<g transform="translate(0 {y})">{body}</g>')
        y += height
    more = f"<p class=small>and {one.more} more walks</p>" if one.more else ""
    return "".join([*parts, "</svg>", more])


def _row(walk: Walk) -> tuple[str, int]:
    """SVG, and its height."""
    steps = _steps(walk.reads)
    title = html.escape(
        f"{walk.kind} of {walk.address:#x} at pc {walk.pc:#x}, after {walk.time} instructions", quote=True
    )
    per_row = (_WIDTH - _LEFT) // (_BOX + _GAP)
    parts = [
        f'<rect class="w-access" x="2" y="2" width="{_LEFT - _GAP - 4}" height="26" rx="3">'
        f"<title>{title}</title></rect>"
        f'<text x="8" y="19">{walk.kind} {walk.address:#x}</text>'
    ]
    boxes = [*steps, ("end", _end(walk), walk.fault)]
    for at, (kind, text, note) in enumerate(boxes):
        x, y = _LEFT + at % per_row * (_BOX + _GAP), 2 + at // per_row * _HEIGHT
        style = ("w-fault" if walk.physical is None else "w-physical") if kind == "end" else f"w-{kind}"
        parts.append(
            f'<line x1="{x - _GAP}" x2="{x}" y1="{y + 13}" y2="{y + 13}"/>'
            f'<rect class="{style}" x="{x}" y="{y}" width="{_BOX}" height="26" rx="3">'
            f"<title>{html.escape(note or text, quote=True)}</title></rect>"
            f'<text x="{x + 6}" y="{y + 17}">{html.escape(text)}</text>'
        )
    return "".join(parts), _HEIGHT * -(-len(boxes) // per_row) + 6


def _end(walk: Walk) -> str:
    return walk.fault.replace("_", " ") if walk.physical is None else f"real {walk.physical:#x}"


def _steps(reads: Sequence[Read]) -> list[tuple[str, str, str]]:
    """(kind, text, note) of each box: a group of a hashed page table is one, with the entries that were looked at."""
    found: list[tuple[str, str, str]] = []
    at = 0
    while at < len(reads):
        first = reads[at]
        group = [first]
        while (
            at + len(group) < len(reads)
            and reads[at + len(group)].size == 8
            and reads[at + len(group)].address == group[-1].address + 16
            and reads[at + len(group)].address // _GROUP == first.address // _GROUP
        ):
            group.append(reads[at + len(group)])
        if first.size == 8 and first.address % _GROUP == 0 and len(group) > 1:
            note = "; ".join(f"{one.address:#x} = {one.value:#018x}" for one in group)
            count = len(group)
            found.append(("group", f"group {first.address:#x}: {count} entr{'y' if count == 1 else 'ies'}", note))
        else:
            group = [first]
            text = f"{first.address:#x} = {first.value:#x}"
            found.append(
                ("read", text if len(text) < 33 else f"= {first.value:#x}", f"{first.address:#x} = {first.value:#x}")
            )
        at += len(group)
    return found
