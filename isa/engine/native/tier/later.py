"""What a guest leaves to the next run of it: places that were hot, but not compiled when it ended.

A region costs what a run of a second seldom has to spend; the run after it would have to pay again, and the next one.
So when the process ends, another one of the lowest priority compiles what units have executed most, and leaves it in
the cache. Nobody waits for it, one works for a description at a time, and it works for some seconds at most.
"""

from __future__ import annotations

import atexit
import os
import time
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Protocol
from weakref import WeakSet

import msgspec

from ....model.decoder import Decoder
from ....model.items import Description
from .beside import begin_beside
from .kept import Kept
from .requests import Request, StencilRequest

_WORTH = 20_000_000
"""Instructions of places without regions for which a process is begun."""
_MOST_SECONDS = 30.0
"""Of processor time that it takes."""
MOST_PLACES = 64


class Left(msgspec.Struct, frozen=True):
    """What one engine leaves: the hottest regions first. `decoders` are those of instruction sets by name."""

    description: Description
    kept: Kept
    regions: tuple[Request, ...]
    stencils: StencilRequest | None
    decoders: Mapping[str, Decoder]


class Leaves(Protocol):
    """What may leave something: an engine's tier."""

    def left(self) -> Left | None:
        """What is worth being compiled for the next run; None if that is little."""


_tiers: WeakSet[Leaves] = WeakSet()
_process = 0


def leaves_behind(tier: Leaves) -> None:
    """Has what an engine's tier leaves compiled when this process ends."""
    global _process
    if _process != os.getpid():
        _process = os.getpid()
        _tiers.clear()
        atexit.register(_begin)
    _tiers.add(tier)


def _begin() -> None:
    if _process != os.getpid() or os.environ.get("TRAPLINE_LATER") == "no":
        return
    for tier in list(_tiers):
        left = tier.left()
        if left is not None:
            begin_beside(left.kept.folder, lambda: False, partial(compile_left, left))


def is_worth(heats: Iterable[int]) -> bool:
    """Whether a process should be begun, by the instructions that were executed in the places."""
    return sum(heats) >= _WORTH


def compile_left(left: Left) -> None:
    """Makes and keeps regions, the hottest first, but none for a place in another one; then stencils. Raises
    EngineError where LLVM rejects one."""
    from .shelves import make_kit
    from .worker import make_region

    end = time.process_time() + _MOST_SECONDS
    covered: set[tuple[int, int]] = set()
    apart: dict[int, set[int]] = {}
    for request in left.regions:
        offset = request.pc - request.address
        if time.process_time() > end or not left.kept.folder.parent.is_dir():
            return
        if (request.address, offset) in covered:
            continue
        asked = request.without(apart.get(request.address, ()))
        made = make_region(left.description, left.decoders[request.set_name], asked, left.kept)
        if made is None:
            continue
        covered |= {(request.address, inside) for inside, _, _ in made.facts.instructions}
        if made.facts.is_long_loop:
            apart.setdefault(request.address, set()).add(offset)
    if left.stencils is not None:
        more = left.stencils
        make_kit(left.description, more.folder, more.wanted, more.registers, more.known)
