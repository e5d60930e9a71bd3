"""`trapline mutate`: its list fits the sources, and the guests notice what is broken."""

from __future__ import annotations

import pytest

from trapline.tools.mutate.breakage import Breakage
from trapline.tools.mutate.breakages import all_breakages
from trapline.tools.mutate.guest import guest_named
from trapline.tools.mutate.run import BreakageError, broken_text, guest_says

LEAST = 120
LEAST_OF_ARM = 40
SAMPLES = ("self.log_index += 1", "if found == 1 { (2, absent)", "target.prod()")
ARM_SAMPLES = ("pop_mode und", "_READ if slot.read_only else _READ_WRITE")


def test_every_breakage_fits_its_file() -> None:
    """Its line stands there once, its guest exists, and there are enough of them for stub, model and description."""
    assert set(all_breakages()) == {one for one in all_breakages(by_suites=True) if one.guest}
    for one in all_breakages(by_suites=True):
        assert broken_text(one) != ""
    breakages = all_breakages()
    for one in breakages:
        guest, at, core = one.guest.partition("@")
        named = guest_named(one.guest)
        assert (named.name, named.payload) == ((f"{core}_host", guest) if at else (guest, named.payload))
    assert len(breakages) >= LEAST
    assert len(set(breakages)) == len(breakages)
    of_arm = [one for one in breakages if one.guest.startswith("arm_")]
    of_power = [one for one in breakages if one.guest.startswith("power")]
    assert len(of_arm) >= LEAST_OF_ARM
    for parts in ({one.file.split("/", 1)[0] for one in found} for found in (of_power, of_arm)):
        assert parts == {"isa", "server", "firmware"}


@pytest.mark.parametrize("line", SAMPLES + ARM_SAMPLES)
def test_a_broken_line_is_noticed(line: str) -> None:
    """In a process of its own: the guest that names the breakage does not pass."""
    (breakage,) = [one for one in all_breakages() if line in one.line]
    passed, said = guest_says(breakage, breakage.guest)
    assert not passed, said


def test_a_guest_passes_in_an_unbroken_copy() -> None:
    """Else everything would be noticed."""
    passed, said = guest_says(None, "power_areas")
    assert passed, said


def test_a_line_that_is_gone_is_told() -> None:
    """The list has to be kept up to date."""
    with pytest.raises(BreakageError, match="0 times"):
        broken_text(Breakage("server/hv/book3s/thread/vpa.py", "power_areas", "no such line", ""))


def test_what_does_not_come_to_run_is_not_noticed_by_a_guest() -> None:
    """A line that the loader refuses is no breakage."""
    nonsense = Breakage("isa/arch/power/hypervisor/hcalls_hpt.isa", "power_table", "H_SUCCESS(slot)", "H_SUCCESS(")
    with pytest.raises(BreakageError, match="does not come to run"):
        guest_says(nonsense, nonsense.guest)
