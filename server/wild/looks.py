"""Looks at a guest from time to time: where it is, and whether it can still get anywhere.

The looks come at numbers of executed instructions, so that they, and what they find, are a function of the run alone;
they come less often the longer the guest has run, up to a bound, so that they cost it next to nothing.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Sequence
from typing import Final

import msgspec

from ...isa.engine.layout import RETIRED
from ..core import Core
from ..hv.kvm import MpState
from ..tree.vcpu import MachineVcpu
from .report import PAGE, Reporter, Wild
from .stuck import only_zeros, stuck, zeros_begin

_FIRST: Final = 4000
"""Instructions before the first look."""
_OF_ALL: Final = 4
"""A look each time that one of so many parts of the run so far has been added ..."""
_SELDOM: Final = 1 << 24
"""... but after so many instructions at the latest."""
_FIRST_CHECK: Final = 4000
_SELDOM_CHECK: Final = 1 << 27
"""The same for finding out whether the guest is stuck, which takes milliseconds where interrupts are off: twice as late
each time, and but for the first time only where the guest is found as it was found before."""
_STATES: Final = 256
"""States of the guest that are remembered for that: a round of 64 instructions is found as it was before by the 65th
look."""
_TRUSTED: Final = 1 << 26
"""Instructions for which a page that was not all zeros is not looked at again, which takes part of a millisecond."""
_PAGES: Final = 256
"""Pages of which that is remembered."""
_ADDRESSES: Final = 4096
"""Addresses that are kept apart."""


class Hot(msgspec.Struct, frozen=True):
    """An address that the guest was found at, and in which part of its instructions (0 to 1)."""

    address: int
    part: float


class Looks:
    """The looks at one machine."""

    def __init__(self, vcpus: Sequence[MachineVcpu], reporter: Reporter, finds_wild: bool) -> None:
        """`finds_wild`: whether guests that are stuck are to be found."""
        self._vcpus = vcpus
        self.reporter = reporter
        self._finds_wild = finds_wild
        self._looked = 0
        self._next = _FIRST
        self._next_check = _FIRST_CHECK
        self._found: Counter[int] = Counter()
        self._zeros: int | None = None
        """The page of zeros that was executed when somebody last looked."""
        self._trusted: dict[int, int] = {}
        """Pages that hold something, with the instructions until when they are taken to."""
        self._states: dict[int, None] = {}
        """Checksums of the registers of vcpus that were found running, the last ones."""
        self._counting: list[slice] | None = None

    def left(self, steps: int) -> int:
        """Instructions until the next look, the machine having executed `steps`; at least one."""
        return max(1, self._next - steps)

    def look(self, steps: int, running: MachineVcpu) -> Wild | None:
        """Looks, if it is time to; says that the guest is wild if it is. `running` had its turn last."""
        if steps < self._next:
            return None
        self._note(running.core.pc, steps - self._looked)
        self._looked = steps
        self._next = steps + min(max(_FIRST, steps // _OF_ALL), _SELDOM)
        if not self._finds_wild:
            return None
        if running.mp_state is MpState.RUNNABLE:
            found = self._look_for_zeros(running, steps)
            if found is not None:
                return found
        known = self._is_as_before(running.core)
        if steps < self._next_check or not (known or steps < 2 * _FIRST_CHECK):
            return None
        self._next_check = steps + min(steps, _SELDOM_CHECK)
        rounds = stuck(self._vcpus)
        if not rounds:
            return None
        first = rounds[0]
        vcpu = first.vcpu
        return self.reporter.stuck(vcpu.number, vcpu.core, first.addresses, len(rounds) > 1)

    def hottest(self, most: int = 5) -> list[Hot]:
        """The addresses that the guest was found at most often."""
        all_ = sum(self._found.values())
        chosen = sorted(self._found.items(), key=lambda item: (-item[1], item[0]))[:most]
        return [Hot(address, count / all_) for address, count in chosen]

    def _is_as_before(self, core: Core) -> bool:
        """Whether the registers are as they were at an earlier look, which they are sooner or later in a round."""
        registers = bytearray(core.state.blocks["thread"].snapshot())
        for place in self._counters(core):
            registers[place] = bytes(place.stop - place.start)
        found = zlib.crc32(registers)
        known = found in self._states
        self._states.pop(found, None)
        self._states[found] = None
        if len(self._states) > _STATES:
            del self._states[next(iter(self._states))]
        return known

    def _counters(self, core: Core) -> list[slice]:
        """Where the registers are that go on though the guest does not get anywhere."""
        if self._counting is None:
            returns = core.description.hooks.get("returns")
            counted = [RETIRED, *(sorted(core.description.functions[returns].reads) if returns else ())]
            slots = core.state.layout.blocks["thread"].slots
            found = [slots[name] for name in counted if name in slots]
            self._counting = [slice(one.offset, one.offset + one.size * one.elements) for one in found]
        return self._counting

    def _note(self, address: int, weight: int) -> None:
        if len(self._found) >= _ADDRESSES and address not in self._found:
            kept = sorted(self._found.items(), key=lambda item: (-item[1], item[0]))[: _ADDRESSES // 2]
            self._found = Counter(dict(kept))
        self._found[address] += weight

    def _look_for_zeros(self, vcpu: MachineVcpu, steps: int) -> Wild | None:
        page = vcpu.core.pc & -PAGE
        if page == self._zeros:
            return None
        if self._trusted.get(page, 0) > steps or not only_zeros(vcpu.core):
            self._zeros = None
            if self._trusted.get(page, 0) <= steps:
                if len(self._trusted) >= _PAGES:
                    self._trusted.clear()
                self._trusted[page] = steps + _TRUSTED
            return None
        before, self._zeros = self._zeros, page
        if before is None:
            return None
        return self.reporter.zeros(vcpu.number, vcpu.core, zeros_begin(vcpu.core))
