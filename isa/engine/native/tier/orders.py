"""What is under way: one order to the process that compiles, and what it is for."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from ...errors import EngineError
from .candidates import Candidate
from .credit import Credit, Purse

if TYPE_CHECKING:
    from ..copies import Wanted
    from .requests import Request, StencilRequest
    from .worker import Order, Worker


class UnderWay(msgspec.Struct):
    """An order, what pays for it, and the place or the stencils that it is for."""

    order: Order
    purse: Purse
    place: Candidate | None = None
    stencils: tuple[Wanted, ...] = ()


class Orders:
    """Of one engine."""

    def __init__(self, worker: Callable[[], Worker]) -> None:
        """`worker` gives the process; it is not asked before there is something to order."""
        self._get = worker
        self.credit = Credit()
        self.under_way: UnderWay | None = None

    @functools.cached_property
    def worker(self) -> Worker:
        """The process: begun once something is ordered, as a start would feel it."""
        return self._get()

    def region(self, request: Request, place: Candidate, purse: Purse) -> None:
        """Has a region made."""
        self.under_way = UnderWay(self.worker.order(request, purse is Purse.SPARE), purse, place)

    def stencils(self, request: StencilRequest, purse: Purse) -> None:
        """Has stencils made."""
        order = self.worker.order(request, purse is Purse.SPARE)
        self.under_way = UnderWay(order, purse, stencils=request.wanted)

    def taken(self) -> UnderWay | None:
        """What has come, so that nothing is under way any more; None while it has not."""
        found = self.under_way
        assert found is not None
        if not found.order.ready:
            self.worker.look()
        if not found.order.ready:
            return None
        self.under_way = None
        self.credit.spend(found.purse, found.order.seconds)
        return found

    @property
    def starves(self) -> bool:
        """Whether something is under way that nobody works at, as no processor is to spare."""
        return self.under_way is not None and self.under_way.purse is Purse.SPARE and self.worker.starves

    def give_up(self) -> UnderWay:
        """Forgets what is under way, so that others can be had to make it."""
        found = self.under_way
        assert found is not None
        self.worker.give_up(EngineError("nobody had time for it"))
        self.under_way = None
        return found
