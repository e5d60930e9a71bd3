"""The event stream delivers what was asked for and tells producers when nobody asks."""


import pytest

from trapline.server.machine.events import Event, EventStream, Exit, Hcall


def test_listeners_get_their_class_in_subscription_order() -> None:
    """Two listeners of one class are called in order; another class does not reach them."""
    stream = EventStream()
    heard: list[tuple[str, Event]] = []
    stream.subscribe(Hcall, lambda event: heard.append(("first", event)))
    stream.subscribe(Hcall, lambda event: heard.append(("second", event)))
    event = Hcall(5, 0, 1, "SOME_CALL", (1, 2), (0,), "kernel")
    stream.publish(event)
    stream.publish(Exit(6, 0, "test"))
    assert heard == [("first", event), ("second", event)]


def test_producers_know_whether_anybody_listens() -> None:
    """`wanted` follows subscriptions, and a watcher hears of changes only."""
    stream = EventStream()
    changes: list[frozenset[type[Event]]] = []
    stream.watch_wanted(changes.append)
    one = stream.subscribe(Exit, lambda event: None)
    two = stream.subscribe(Exit, lambda event: None)
    stream.unsubscribe(one)
    assert Exit in stream.wanted
    stream.unsubscribe(two)
    stream.unsubscribe(two)
    assert stream.wanted == frozenset()
    assert changes == [frozenset(), frozenset({Exit}), frozenset()]


def test_a_listener_may_leave_while_it_is_called() -> None:
    """Leaving during delivery does not disturb the others."""
    stream = EventStream()
    heard: list[str] = []

    def once(event: Exit) -> None:
        heard.append("once")
        stream.unsubscribe(subscription)

    subscription = stream.subscribe(Exit, once)
    stream.subscribe(Exit, lambda event: heard.append("always"))
    stream.publish(Exit(1, None, "a"))
    stream.publish(Exit(2, None, "b"))
    assert heard == ["once", "always", "always"]


def test_events_cannot_be_changed() -> None:
    """What a listener got stays what happened."""
    with pytest.raises(AttributeError, match="immutable"):
        Exit(1, None, "a").reason = "b"  # type: ignore[misc]
