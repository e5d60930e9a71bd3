"""Another machine in the same process costs what is its own: nothing is read, checked or generated again."""

from __future__ import annotations

import io
import marshal
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from trapline.isa.engine import kept
from trapline.isa.model.decoder import Decoder
from trapline.server.boards.machine import Machine
from trapline.server.verdict import Outcome

from .guests import arm, partition, power_off, say


def power() -> Machine:
    """A partition that prints PASS and is off."""
    return partition(say("PASS\n") + power_off())


def virt() -> Machine:
    """An Arm machine that is off at once."""
    return arm("OFF", "arm-virt")


@pytest.mark.parametrize(("make", "outcome"), [(power, Outcome.PASSED), (virt, Outcome.SILENT)])
def test_another_machine_opens_no_file_and_builds_no_decoder(
    make: Callable[[], Machine], outcome: Outcome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Description, generated functions, decoders and the native code are those of the first one."""
    assert make().run(10_000).outcome is outcome
    counts: Counter[str] = Counter()

    def counted(owner: Any, name: str) -> None:  # noqa: ANN401 - a module or a class
        original = getattr(owner, name)

        def call(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever the original takes and gives
            counts[name] += 1
            return original(*arguments, **named)

        monkeypatch.setattr(owner, name, call)

    counted(io, "open")
    counted(marshal, "loads")
    counted(Decoder, "__init__")
    assert make().run(10_000).outcome is outcome
    assert counts == {}


def test_kept_products_are_bounded() -> None:
    """Somebody who tries a thousand descriptions does not keep a thousand; those that were used last stay."""
    for number in range(10 * kept.MOST):
        assert kept.kept_product(f"bounded {number}", "product", partial(int, number)) == number
        assert kept.kept_product("bounded first", "product", lambda: "first") == "first"
    assert len(kept._kept) <= kept.MOST
    assert kept.kept_product("bounded first", "product", lambda: "another") == "first"


def test_a_description_without_a_fingerprint_is_not_mixed_up() -> None:
    """Nothing tells two of them apart, so nothing is kept."""
    assert [kept.kept_product("", "product", partial(int, value)) for value in (1, 2)] == [1, 2]
