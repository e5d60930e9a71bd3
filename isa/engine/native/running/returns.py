"""What follows a native call: what it has made of the vcpu is taken over, and what it came back for is done."""

from __future__ import annotations

from collections.abc import Callable

from ...decoded import Decoded
from ...errors import Interrupt
from ...interface import ExitTaken
from ..shared import cpu_layout as cpu
from .calls import NativeCalls
from .entered import Entered
from .hot import NativeHot
from .steps import NativeSteps

_BASE, _PC = cpu.BASE >> 3, cpu.PC >> 3
_CIA, _LEFT, _NIA, _WALKING = cpu.CIA >> 3, cpu.LEFT >> 3, cpu.NIA >> 3, cpu.WALKING >> 3
_ASIDE, _EXIT = cpu.ASIDE >> 3, cpu.EXIT >> 3
_PLAIN = (cpu.ATTENTION_STATUS, cpu.BUDGET)


class NativeReturns(NativeHot, NativeCalls, NativeSteps):
    """The loop's part behind native code."""

    _asked: Entered
    _exits: tuple[tuple[str, Callable[[memoryview], tuple[int, ...]]], ...]
    _instruction: Decoded | None

    def _look(self, words: memoryview) -> None:
        """Takes over what native code has made of the vcpu."""
        self.cia = words[_CIA]
        self.nia = words[_NIA]
        self.retired = words[_BASE] - words[_LEFT]
        if words[_WALKING]:
            self.walking = True
            self.access = (words[cpu.WALK_ADDRESS >> 3], words[cpu.WALK_KIND >> 3])
        else:
            self.walking = False
        self.follow_context()
        self._instruction = None

    def _after(self, status: int) -> tuple[int, int, bool]:
        """What follows a native call; returns as `_stretch` does."""
        words = self.words
        self._asked.statuses[status] += 1
        self._look(words)
        pc, left = words[_PC], words[_LEFT] + words[_ASIDE]
        self.take_exit()
        if status in _PLAIN:
            return pc, left, False
        if status == cpu.FAILED_STATUS:
            raise self.take_failure()
        if status == cpu.RAISED_STATUS:
            return self._enter(self.raised()), left - 1, False
        if status == cpu.MISS_STATUS:
            return self._missed(pc, left)
        if self.regions is not None:
            if status == cpu.HOT_STATUS:
                self.regions.hot(pc)
            elif status == cpu.STALE_STATUS:
                self.regions.stale(pc)
        if status == cpu.UNDECODED_STATUS:
            return (pc, left, False) if self.decode(pc) else self._missed(pc, left)
        if status == cpu.UNBUILT_STATUS:
            return pc, left, not self.look_again(pc)
        if status == cpu.SPLIT_STATUS:
            self.find_both(pc)
            return pc, left, True
        if status == cpu.STEP_STATUS:
            return pc, left, True
        if status == cpu.STOP_STATUS:
            return pc, left, pc not in self.breakpoints
        return pc, left, False

    def _missed(self, pc: int, left: int) -> tuple[int, int, bool]:
        try:
            return pc, left, not self.find_page(pc)
        except Interrupt as raised:
            return self._enter(raised), left - 1, False

    def take_exit(self) -> None:
        """See `NativeCalls`."""
        words = self.words
        number = words[_EXIT]
        if number:
            words[_EXIT] = 0
            name, arguments = self._exits[number - 1]
            self.leaving = ExitTaken(name, arguments(words))
