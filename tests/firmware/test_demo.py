"""What `trapline demo` shows."""

from __future__ import annotations

import pytest

from trapline.firmware.catalogue import GUESTS
from trapline.firmware.demo import chosen
from trapline.firmware.demo_sessions import SESSIONS
from trapline.isa.errors import TraplineError


def test_the_demo_shows_every_guest_that_has_a_session() -> None:
    """Whatever else is bundled."""
    assert [guest.name for guest in chosen([])] == list(SESSIONS)
    assert {guest.name for guest in GUESTS} > set(SESSIONS)


def test_a_guest_without_a_session_is_refused_with_a_way_out() -> None:
    """The others are for `run`."""
    assert [guest.name for guest in chosen(["arm_hyp"])] == ["arm_hyp"]
    with pytest.raises(TraplineError, match="no session with power_pages") as told:
        chosen(["power_pages"])
    assert "trapline guests power_pages" in str(told.value.hint)
