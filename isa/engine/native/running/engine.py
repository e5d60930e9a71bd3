"""The native engine: a description's bodies as native code, on the same state as the reference engine's.

Instructions run as threaded code (`handlers`). What is rare is done by the machinery that the reference engine has
too, on the same registers: entering interrupts, polls, accesses that leave RAM, watchpoints that stop before an access.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Mapping
from typing import Any, ClassVar

from ....model.items import Description
from ...decoded import NOTHING, Decoded
from ...errors import EngineError, Interrupt
from ...interface import Bus, FaultAnswer, PhysicalMemory, Stop, StopReason
from ...interrupt_log import REPORT, InterruptLog, log_size
from ...layout import PC, RETIRED
from ...softtlb import PAGE_SIZE
from ...state import State
from ..building import NativeCode, native_code
from ..shared import Area, Progress, cell_of, share_state
from ..shared import cpu_layout as cpu
from ..tier import BOTH, Tiers
from .entered import Entered
from .fetch import TaggedTlb
from .polls import NativePolls
from .requests import Request, arguments_reader, make_request
from .returns import NativeReturns
from .stretches import Stretches
from .watching import Again

_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_int64)
_IN_PAGE = PAGE_SIZE - 1
_DOUBLEWORD = (1 << 64) - 1
_ATTENTION, _BASE, _CONTEXT, _PC = cpu.ATTENTION >> 3, cpu.BASE >> 3, cpu.CONTEXT >> 3, cpu.PC >> 3
_LEFT, _NIA = cpu.LEFT >> 3, cpu.NIA >> 3
_COME_BACK = 1 << 8 * cpu.COME_BACK_BYTE
_ASIDE, _PASSED, _POLL_AT, _POLLED = cpu.ASIDE >> 3, cpu.PASSED >> 3, cpu.POLL_AT >> 3, cpu.POLLED >> 3
_ATTACH_MASK = 63
"""Native code is looked for every so many steps."""
_COMPILING_STRETCH = 1 << 21
"""Instructions of one native call while hot code is being compiled: what is ready is soon put to use."""


class NativeEngine(NativePolls, NativeReturns):
    """One vcpu. See `interface.Engine`."""

    KIND: ClassVar[str] = "native"

    def __init__(
        self,
        description: Description,
        state: State,
        memory: PhysicalMemory,
        bus: Bus,
        vcpu: int = 0,
        progress: Progress | None = None,
        tiers: Tiers = BOTH,
    ) -> None:
        """Makes, or finds, the native code. Raises EngineError where it cannot be had."""
        self.refuse_others(state)
        self.code: NativeCode = native_code(description, progress, waits=not tiers.background)
        self.tiers = tiers
        self.area, blocks = share_state(state)
        self.words = self.area.words
        self._pc_cell = cell_of(state, self.area, PC)
        self._retired_cell = cell_of(state, self.area, RETIRED)
        self._interrupts = tuple(description.interrupts.values())
        self._exits = tuple(
            (name, arguments_reader([parameter.width for parameter in one.parameters]))
            for name, one in description.exits.items()
        )
        self.native_hooks = {}
        self._failure: BaseException | None = None
        self._instruction: Decoded | None = NOTHING
        self._length = 0
        """Instructions of the native call that is under way; 0: none is."""
        self._stretches = Stretches()
        self._callback = _CALLBACK(self._requested)
        self.prepare_tables(blocks, state.peers)
        self.prepare_decoding()
        self.prepare_watching()
        self.prepare_stops()
        self.prepare_asking()
        self._log_area = Area(log_size(len(description.interrupts)))
        self.words[cpu.LOG >> 3] = self._log_area.address
        self.words[cpu.CALLBACK >> 3] = ctypes.cast(self._callback, ctypes.c_void_p).value or 0
        super().__init__(description, state, memory, bus, vcpu)
        self.tlb = TaggedTlb(self.words)
        self.link_vcpus()
        self._requests: dict[int, Request] = {}
        self._asked = Entered(self.code.operations)
        self.attach()

    def state_changed(self) -> None:
        """See `Engine`."""
        super().state_changed()
        self.clear_tables()

    def answer_faults(self, interrupt: str, answer: FaultAnswer, bits: int) -> None:
        """See `Engine`; native code knows one such interrupt, that of the description's storage faults."""
        super().answer_faults(interrupt, answer, bits)
        if len(self.faults_asked) > 1:
            raise EngineError("an engine asks about one interrupt", hint="let it be the one of loads and stores")
        names = [one.name for one in self._interrupts]
        self.words[cpu.ASKED >> 3] = names.index(interrupt)
        self.words[cpu.ASKED_BITS >> 3] = bits

    def made_with(self) -> dict[str, Any]:
        """See `ReferenceEngine`."""
        return super().made_with() | {"tiers": self.tiers}

    def close(self) -> None:
        """See `Engine`."""
        super().close()
        self.link_vcpus()
        self.words[cpu.NEXT_VCPU >> 3] = self.area.address

    def entered(self) -> Mapping[str, int]:
        """See `Engine`."""
        return self._asked.kinds()

    # Requests of native code

    def _requested(self, number: int) -> int:
        words = self.words
        self._look(words)
        self._asked.requests[number] += 1
        poll_at = self.poll_at
        try:
            request = self._requests.get(number)
            if request is None:
                operation = self.code.operations[number]
                request = self._requests[number] = make_request(self, self.area, operation)
            request()
            status = 0
        except Interrupt as raised:
            self.note(raised)
            status = cpu.RAISED_STATUS
        except Again:
            status = cpu.STEP_STATUS
        except BaseException as failure:  # noqa: BLE001 - it cannot pass through native frames; the loop raises it again
            self._failure = failure
            status = cpu.FAILED_STATUS
        words[_NIA] = self.nia
        if self.poll_at != poll_at:
            words[_ATTENTION] |= cpu.POLL_WAITS
        if self.watch_hit is not None or self.leaving is not None:
            words[_ATTENTION] |= cpu.LOOP_WAITS
        return status

    @property
    def instruction(self) -> Decoded:
        """The instruction under way; asked of native code when somebody wants to know."""
        if self._instruction is None:
            word, length = struct.unpack("<IH", ctypes.string_at(self.words[cpu.ENTRY >> 3] + 8, 6))
            length &= cpu.CODE_LENGTH_MASK
            self._instruction = Decoded(NOTHING.execute, None, self.nia, word, length, None)
        return self._instruction

    @instruction.setter
    def instruction(self, instruction: Decoded) -> None:
        self._instruction = instruction

    # Running

    def _loop(self, pc: int, budget: int, over_breakpoint: bool, over_watchpoint: bool) -> Stop:
        undoable = bool(self.watchpoints) and self.watch_before
        if undoable and not self.leaves_when_watched():
            return super()._loop(pc, budget, over_breakpoint, over_watchpoint)
        breakpoints = self.breakpoints
        self._budget = self._left = budget
        self.watching = not over_watchpoint
        alone = over_breakpoint and pc in breakpoints
        polled_at = -1
        regions, words, log = self.regions, self.words, self.interrupts.words
        brake, stretches = self.peers.brake, self._stretches
        moved = False
        self.attach()
        stretches.begin()
        while self._left > 0:
            # Where a budget could have ended, too: behind an instruction, and before a poll.
            if moved and brake.pressed:
                break
            longest = stretches.longest
            if regions is not None and self.retired >= regions.due:
                regions.go_on()
                longest = min(longest, _COMPILING_STRETCH)
            # Once an instruction: the way to its code may lead through here several times.
            if self.retired >= words[_POLL_AT] and polled_at != self._left:
                polled_at, moved = self._left, False
                after_poll = self._take_poll(pc)
                if after_poll != pc:
                    pc, over_breakpoint, alone, self.watching = after_poll, False, False, True
                if self.leaving is not None:
                    goes_on, pc = self._answered(self.leaving, pc), self._pc_cell[0]
                    if not goes_on:
                        return self._stop(StopReason.EXIT, pc, self._steps())
                    polled_at = -1
                    continue
            if pc in breakpoints and not over_breakpoint:
                return self._stop(StopReason.BREAKPOINT, pc, self._steps())
            if not self.attached and not self._left & _ATTACH_MASK and not self.attach() and brake.due():
                brake.pressed = True
            if alone or not self.watching or not self.attached:
                pc, hit = self._undoable_step(pc) if undoable else (self._step(pc), None)
                if hit is not None:
                    return self._stop(StopReason.WATCHPOINT, pc, self._steps(), hit)
                self._left -= 1
                over_breakpoint, alone, self.watching, moved = False, False, True, True
            else:
                self._length = stretch = self._left if self._left < longest else longest
                pc, rest, alone = self._stretch(pc, stretch)
                over_breakpoint = alone
                self._length = 0
                if stretches.took(stretch - rest) >= brake.deadline:
                    brake.pressed = True
                self._left -= stretch - rest
                moved = rest != stretch
                if words[_POLLED] == rest:
                    polled_at, moved = self._left, False
            self._pc_cell[0] = pc
            if self.leaving is not None:
                goes_on, pc = self._answered(self.leaving, pc), self._pc_cell[0]
                if not goes_on:
                    return self._stop(StopReason.EXIT, pc, self._steps(), self.watch_hit)
                over_breakpoint, alone, polled_at = False, False, -1
            if self._told is not None:
                self._tell()
            if self.watch_hit is not None:
                return self._stop(StopReason.WATCHPOINT, pc, self._steps(), self.watch_hit)
            if log[REPORT]:
                row = self._take_report()
                if row:
                    return self._stop(StopReason.WILD, pc, self._steps())._replace(row=row)
        return self._stop(StopReason.BUDGET, pc, self._steps())

    def come_back(self) -> None:
        """See `Peer`. Whatever native code adds to this word, it adds to other bytes."""
        self.area.view[cpu.ATTENTION + cpu.COME_BACK_BYTE] = 1

    def make_log(self, interrupts: int) -> InterruptLog:
        """See `ReferenceEngine`: where native code writes it."""
        return InterruptLog(self._log_area.words)

    def _sync(self, pc: int) -> None:
        self._pc_cell[0] = pc
        self._retired_cell[0] = self.retired & _DOUBLEWORD

    def _failed(self, error: BaseException) -> None:
        """See `ReferenceEngine`. Somebody who interrupts the host's process finds the guest between instructions."""
        if isinstance(error, Exception):
            super()._failed(error)
        elif self._length:
            self._look(self.words)
            self._sync(self.words[_PC])
        else:
            self._sync(self._pc_cell[0])
        self._length = 0

    def cut(self, first: int, every: int) -> None:
        """See `Engine`. Native code, if it is what runs, comes back behind the present instruction."""
        done = self._steps() + self._under_way
        if self._length:
            done += self._length - self.words[_LEFT] - self.words[_ASIDE]
            self.words[_ATTENTION] |= cpu.LOOP_WAITS
        self._cut_behind(done, first, every)

    def _stretch(self, pc: int, left: int) -> tuple[int, int, bool]:
        """Executes up to `left` instructions natively.

        Returns (next address, instructions left, whether the next is to be executed alone: no breakpoint stops it).
        """
        words = self.words
        first = words[_POLL_AT] - self.retired
        if first >= left:
            first = left
        elif first < 1:
            first = 1
        words[_BASE] = self.retired + first
        words[_ATTENTION] = _COME_BACK if self.peers.brake.pressed else 0
        words[_POLLED] = words[_PASSED] = _DOUBLEWORD
        words[_PC], words[_LEFT], words[_ASIDE] = pc, first, left - first
        if self._stale:
            words[_CONTEXT] = cpu.NOWHERE
        return self._after(self._run_native(self.area.address, None, pc, first))
