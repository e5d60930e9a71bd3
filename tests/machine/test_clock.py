"""Guest time is a function of instructions retired, and events come in one fixed order."""

from fractions import Fraction

import pytest

from trapline.server.machine.clock import ClockError, EventQueue, GuestClock


@pytest.mark.parametrize("rate", [Fraction(1), Fraction(2), Fraction(125, 64), Fraction(1, 3), Fraction(1000, 7)])
def test_a_tick_comes_exactly_at_its_time(rate: Fraction) -> None:
    """`time_of_tick` is the first time that shows the tick: one instruction earlier it is not there."""
    for tick in (1, 2, 3, 10, 999, 1 << 40):
        time = GuestClock(rate).time_of_tick(tick)
        assert GuestClock(rate, time).ticks >= tick
        assert GuestClock(rate, time - 1).ticks < tick


def test_time_only_goes_forward() -> None:
    """Advancing adds, skipping never goes back, and bad numbers are refused."""
    clock = GuestClock(Fraction(2))
    clock.advance(5)
    clock.skip_to(3)
    assert (clock.now, clock.ticks) == (5, 2)
    clock.skip_to(100)
    assert (clock.now, clock.ticks) == (100, 50)
    with pytest.raises(ClockError, match="go back by 1"):
        clock.advance(-1)
    with pytest.raises(ClockError, match="not a rate"):
        GuestClock(Fraction(0))


def test_actions_run_by_time_and_then_in_order_of_scheduling() -> None:
    """Equal times keep the order in which they were scheduled; later ones wait."""
    queue = EventQueue()
    ran: list[str] = []
    for time, name in ((20, "c"), (10, "a"), (20, "d"), (10, "b"), (30, "e")):
        queue.schedule(time, name, lambda name=name: ran.append(name))  # type: ignore[misc]
    assert queue.next_time == 10
    assert [timer.name for timer in queue.pending()] == ["a", "b", "c", "d", "e"]
    assert queue.run_due(20) == 4
    assert ran == ["a", "b", "c", "d"]
    assert queue.next_time == 30


def test_a_cancelled_action_does_not_run() -> None:
    """Cancelling also takes it from `next_time`; an action may cancel another that is due with it."""
    queue = EventQueue()
    ran: list[str] = []
    first = queue.schedule(1, "first", lambda: ran.append("first"))
    later = queue.schedule(5, "later", lambda: ran.append("later"))
    queue.schedule(5, "other", lambda: ran.append("other"))
    queue.schedule(4, "canceller", lambda: queue.cancel(later))
    queue.cancel(first)
    assert queue.next_time == 4
    assert queue.run_due(5) == 2
    assert ran == ["other"]
    assert queue.next_time is None


def test_what_an_action_schedules_for_now_runs_too() -> None:
    """A timer that reloads itself for the present runs in the same call, one for the future does not."""
    queue = EventQueue()
    ran: list[int] = []

    def again() -> None:
        ran.append(1)
        if len(ran) < 3:
            queue.schedule(7, "again", again)
        else:
            queue.schedule(8, "again", again)

    queue.schedule(7, "again", again)
    assert queue.run_due(7) == 3
    assert queue.next_time == 8
