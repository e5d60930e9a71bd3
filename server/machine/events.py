"""The one event stream: what happens in a machine, as typed values with guest time.

Traces, statistics, `monitor catch` and the suites' oracles read this stream and nothing else.
A producer asks first, so that an event nobody wants is never made:

    if Hcall in stream.wanted:
        stream.publish(Hcall(now, vcpu, number, name, arguments, result))

Guest time is in instructions retired by the machine (`clock.py`).
"""

from collections.abc import Callable
from typing import TypeVar

import msgspec


class Event(msgspec.Struct, frozen=True):
    """Base of all events: guest time, and the vcpu it happened on (None: on no vcpu)."""

    time: int
    vcpu: int | None


class Exit(Event, frozen=True):
    """A vcpu left the guest; `reason` as the hypervisor model names it, `detail` in words."""

    reason: str
    detail: str = ""


class Hcall(Event, frozen=True):
    """A hypervisor call was answered: `results` as left in its result registers, return code first.

    `level` says who answered: real_mode, kernel or user.
    """

    number: int
    name: str
    arguments: tuple[int, ...]
    results: tuple[int, ...]
    level: str


class Interrupt(Event, frozen=True):
    """An interrupt or exception was taken at `vector`, from guest address `address`."""

    name: str
    vector: int
    address: int


class WorldSwitch(Event, frozen=True):
    """A core went from one world to another, each named as the model calls it (host, LPID 1...)."""

    source: str
    target: str


class HypTrap(Event, frozen=True):
    """An Arm guest trapped to Hyp mode: the syndrome (0 for an interrupt), where it was, and of an abort the virtual
    address and HPFAR."""

    name: str
    hsr: int
    pc: int
    address: int
    hpfar: int


class VcoreTransition(Event, frozen=True):
    """A virtual core changed state; `vcore` is its number in the partition."""

    vcore: int
    source: str
    target: str


class Nap(Event, frozen=True):
    """A thread of a virtual core waits while its siblings run on; `vcore` is its core's number in the partition."""

    vcore: int


class Wake(Event, frozen=True):
    """A thread that waited goes on; `reason`: decrementer, external, prod, or exit (of its core)."""

    vcore: int
    reason: str


class HptChange(Event, frozen=True):
    """Entry `index` of a partition's hashed page table changed; entries as (first, second) doubleword."""

    lpid: int
    index: int
    before: tuple[int, int]
    after: tuple[int, int]


class DeviceAccess(Event, frozen=True):
    """A load from or store to a device; `offset` in its window, `size` in bytes."""

    device: str
    offset: int
    size: int
    value: int
    is_write: bool


class OutsideInput(Event, frozen=True):
    """Something came in through the recorded door (`door.py`)."""

    source: str
    data: bytes


E = TypeVar("E", bound=Event)


class Subscription(msgspec.Struct, frozen=True, eq=False):
    """A listener's place in the stream; give it to `EventStream.unsubscribe` to leave."""

    kind: type[Event]
    listener: Callable[[Event], None]


class EventStream:
    """Hands each event to those who subscribed to its class, in the order in which they subscribed."""

    def __init__(self) -> None:
        self._subscriptions: dict[type[Event], tuple[Subscription, ...]] = {}
        self._watchers: list[Callable[[frozenset[type[Event]]], None]] = []
        self.wanted: frozenset[type[Event]] = frozenset()
        """The classes that somebody listens to; producers test it before they make an event."""

    def subscribe(self, kind: type[E], listener: Callable[[E], None]) -> Subscription:
        """Calls `listener` with every event that is exactly of class `kind`, until unsubscribed."""

        def typed(event: Event) -> None:
            if isinstance(event, kind):
                listener(event)

        subscription = Subscription(kind, typed)
        self._subscriptions[kind] = (*self._subscriptions.get(kind, ()), subscription)
        self._update()
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """Ends a subscription; ending it again does nothing."""
        kind = subscription.kind
        left = tuple(one for one in self._subscriptions.get(kind, ()) if one is not subscription)
        if left:
            self._subscriptions[kind] = left
        else:
            self._subscriptions.pop(kind, None)
        self._update()

    def publish(self, event: Event) -> None:
        """Delivers `event` now. A listener that fails is not called again, and told of in the log.

        Producers are deep inside of a guest's run: what goes wrong with a listener must not end that.
        """
        for subscription in self._subscriptions.get(type(event), ()):
            try:
                subscription.listener(event)
            except Exception:  # whatever it is, the guest has no part in it
                self.unsubscribe(subscription)
                import logging

                log = logging.getLogger(__name__)
                log.exception("a listener to %s failed, and hears no more", type(event).__name__)

    def watch_wanted(self, watcher: Callable[[frozenset[type[Event]]], None]) -> None:
        """Calls `watcher` with `wanted` now and at each change: native code keeps its own flags."""
        self._watchers.append(watcher)
        watcher(self.wanted)

    def tell_watchers(self) -> None:
        """Tells them again what is wanted: the flags that they keep may be those of an earlier moment."""
        for watcher in self._watchers:
            watcher(self.wanted)

    def _update(self) -> None:
        wanted = frozenset(self._subscriptions)
        if wanted != self.wanted:
            self.wanted = wanted
            self.tell_watchers()
