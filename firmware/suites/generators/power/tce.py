"""`tce`: translation control entries of the I/O bus: each place of the window, what lies outside, other buses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ...making.case import Allowed, Case, Check, Step
from ...making.context import Context
from ...making.pairwise import crossed, pairwise
from ..values import Value, values_of
from .code import MASK, hcall

BUS: Final = 0x80000000
WINDOW: Final = 0x40000000
"""The machine's first I/O bus, and bytes of its window."""
_RULE: Final = "PAPR 2.x, section 14.5.4.2.1 (H_PUT_TCE)"
_PLACES: Final = (
    0,
    8,
    0xFFF,
    0x1000,
    0x5008,
    WINDOW // 2,
    WINDOW - 0x1000,
    WINDOW - 1,
    WINDOW,
    WINDOW + 0x1000,
    1 << 63,
    (1 << 64) - 1,
)
_BUSES: Final = (BUS, BUS + 1, 0, 1 << 32 | BUS, (1 << 64) - 1)
_PERMISSIONS: Final = (0, 1, 2, 3, 0xFFC)


def generate(context: Context) -> Iterator[Case]:
    """Crossed calls, then windows filled at random."""
    call = context.description.hypercalls["H_PUT_TCE"]
    codes = context.description.abis["papr"].return_codes
    allowed = tuple(Allowed(one.code, codes[one.code].value & MASK) for one in call.returns if one.code != "H_TOO_HARD")
    rng = context.source("crossed")
    described = [values_of(context.description.argument_classes[one.type_name], rng) for one in call.arguments]
    kinds = [
        [*described[0], *(Value(one, "chosen") for one in _BUSES)],
        [*described[1], *(Value(one, "chosen") for one in _PLACES)],
        [*described[2], *(Value(0x200000 | one, "chosen") for one in _PERMISSIONS)],
    ]
    rows = (crossed if context.full else pairwise)(kinds, rng)
    for number, row in enumerate(rows, 1):
        bus, place, entry = (one.number for one in row)
        yield Case(
            f"put-{number:03}",
            f"H_PUT_TCE({bus:#x}, {place:#x}, {entry:#x})",
            (_put(bus, place, entry, allowed),),
            ("crossed",),
        )
    for number in range(1, int(context.options.get("tests", 20)) + 1):
        rng = context.source(f"filled/{number}")
        steps = [
            _put(
                BUS,
                rng.choice((rng.randrange(WINDOW), rng.randrange(2 * WINDOW))),
                rng.getrandbits(28) << 12 | rng.randrange(4),
                allowed,
            )
            for _ in range(10)
        ]
        yield Case(f"filled-{number:03}", f"ten entries, {number}", tuple(steps), ("filled",))


def _put(bus: int, place: int, entry: int, allowed: tuple[Allowed, ...]) -> Step:
    kept = tuple(Check(f"r{one}", note="preserved") for one in (1, 2, *range(13, 32)))
    checks = (
        Check("r3"),
        *(Check(f"r{one}", note="as it was") for one in (4, 5, 6)),
        *kept,
    )
    title = f"H_PUT_TCE of bus {bus:#x} at {place:#x}: {entry:#x}"
    covers = ("hcall H_PUT_TCE",)
    return Step(title, hcall("H_PUT_TCE", bus, place, entry), checks, _RULE, allowed=allowed, covers=covers)
