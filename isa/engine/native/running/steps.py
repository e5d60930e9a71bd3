"""Single steps and steps in a range: a native call for each instruction, and little else."""

from __future__ import annotations

from collections.abc import Callable

from ...interface import Stop, StopReason
from ...reference import ReferenceEngine
from ...softtlb import PAGE_SIZE
from ..shared import Area
from ..shared import cpu_layout as cpu

_ASIDE, _ATTENTION, _BASE, _CONTEXT = cpu.ASIDE >> 3, cpu.ATTENTION >> 3, cpu.BASE >> 3, cpu.CONTEXT >> 3
_LEFT, _PC = cpu.LEFT >> 3, cpu.PC >> 3
_IN_PAGE = PAGE_SIZE - 1
_BRAKE_MASK = 15
"""The brake is looked at every so many steps."""
_NOTHING_DONE = frozenset({
    cpu.MISS_STATUS, cpu.UNDECODED_STATUS, cpu.STEP_STATUS, cpu.STOP_STATUS, cpu.HOT_STATUS, cpu.STALE_STATUS,
    cpu.UNBUILT_STATUS, cpu.SPLIT_STATUS,
})  # fmt: skip
"""The loop has something to do before the instruction can be executed."""


class NativeSteps(ReferenceEngine):
    """Overrides `step`."""

    area: Area
    words: memoryview
    attached: bool
    _pc_cell: memoryview
    _retired_cell: memoryview
    _length: int
    _run_native: Callable[[int, None, int, int], int]

    @property
    def pc(self) -> int:
        """See `Engine`."""
        return self._pc_cell[0]

    def step(self, start: int = 0, end: int = 0, most: int = 1) -> int | Stop:
        """See `Engine`. What needs a closer look than this goes through `run`."""
        words, pc_cell = self.words, self._pc_cell
        address, stops = self.area.address, self.breakpoints
        pc, started = pc_cell[0], self.retired
        if self.watchpoints or pc in stops or not self.attached:
            return self._slow_step()
        done, run = 0, self._run_native
        brake = self.peers.brake
        words[_ATTENTION] = words[_ASIDE] = 0
        while True:
            retired = self.retired
            if retired >= self.poll_at:
                return done or self._slow_step()
            # Another vcpu may have written shared registers that the context depends on.
            words[_CONTEXT] = cpu.NOWHERE
            words[_BASE] = retired + 1
            words[_PC], words[_LEFT] = pc, 1
            self._reported = None
            self._length = 1
            try:
                status = run(address, None, pc, 1)
            except KeyboardInterrupt as error:
                self._failed(error)
                raise
            if status:
                return self._unusual_step(status, started, done)
            self._length = 0
            done += 1
            pc_cell[0] = pc = words[_PC]
            self._retired_cell[0] = self.retired = words[_BASE]
            if done >= most or not start <= pc < end or pc in stops or (not done & _BRAKE_MASK and brake.due()):
                return done

    def _unusual_step(self, status: int, started: int, done: int) -> int | Stop:
        """The end of a step, the one behind `done` others, that did not simply complete."""
        if status in _NOTHING_DONE:
            self._length = 0
            return done or self._slow_step()
        self._started_at = started
        self._budget = 1
        try:
            pc, self._left, _ = self._after(status)
        except BaseException as error:
            self._failed(error)
            raise
        self._length = 0
        if self.leaving is not None:
            goes_on, pc = self._answered(self.leaving, pc), self._pc_cell[0]
            if not goes_on:
                return self._stop(StopReason.EXIT, pc, done + 1)
        self._sync(pc)
        return done + 1

    def _slow_step(self) -> int | Stop:
        return super().step()

    def _after(self, status: int) -> tuple[int, int, bool]:
        """What follows a native call: (next address, instructions left, whether the next is to be executed alone)."""
        raise NotImplementedError
