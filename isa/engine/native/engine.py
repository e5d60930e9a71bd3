"""The native engine: a description's bodies as native code, on the same state as the reference engine's.

Instructions run as threaded code (`handlers`). What is rare is done by the machinery that the reference engine has
too, on the same registers: entering interrupts, polls, accesses that leave RAM, watchpoints that stop before an access.
"""

from __future__ import annotations

import ctypes
import struct

from ...model.items import Description
from ..decoded import NOTHING, Decoded
from ..errors import EngineError, Interrupt
from ..interface import Bus, ExitTaken, PhysicalMemory, Stop, StopReason
from ..reference import ReferenceEngine
from ..state import State
from . import cpu_layout as cpu
from .area import share_state
from .code_cache import NativeCode, native_code
from .module import Progress
from .native_fetch import NativeFetch, TaggedTlb
from .regions.machine import Host
from .regions.tier import RegionTier
from .regions.tiers import BOTH, Tiers
from .requests import make_request

_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_int32)
_RUN = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint64, ctypes.c_uint64)
_MAXIMUM_STRETCH = 1 << 22
"""Instructions of one native call: some milliseconds, after which Python sees signals."""


class NativeEngine(NativeFetch, ReferenceEngine):
    """One vcpu. See `interface.Engine`."""

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
        if any(not isinstance(engine, NativeEngine) for engine in state.peers.engines):
            raise EngineError(
                "a native engine cannot join a machine whose engines are not native",
                hint="choose one engine for all vcpus of a machine",
            )
        self.code: NativeCode = native_code(description, progress)
        self.tiers = tiers
        self.area, blocks = share_state(state)
        self.words = self.area.words
        self._interrupts = tuple(description.interrupts.values())
        self._exits = tuple(description.exits.values())
        self._failure: BaseException | None = None
        self._length = 0
        """Instructions of the native call that is under way; 0: none is."""
        self._run_native = _RUN(self.code.run)
        self._callback = _CALLBACK(self._requested)
        self.prepare_tables(blocks)
        self.words[cpu.CALLBACK >> 3] = ctypes.cast(self._callback, ctypes.c_void_p).value or 0
        super().__init__(description, state, memory, bus, vcpu)
        self.tlb = TaggedTlb()
        self._requests = [make_request(self, self.area, operation) for operation in self.code.operations]
        self.regions = RegionTier(self, self._host(), self._stored, tiers) if tiers.blocks else None

    def state_changed(self) -> None:
        """See `Engine`."""
        super().state_changed()
        self.clear_tables()

    def _host(self) -> Host:
        words = self.words
        blocks = {field: words[field >> 3] for field in (cpu.CORE, cpu.PARTITION, cpu.MACHINE)}
        code = self.code
        return Host(words[cpu.LOADS >> 3], words[cpu.STORES >> 3], blocks, code.handlers, code.special, code.quick)

    def _stored(self, register: str, index: int) -> int:
        return self.state.read(register, index if self.state.layout.slot(register).count else None)

    # Requests of native code

    def _requested(self, number: int) -> int:
        words = self.words
        self._look(words)
        poll_at = self.poll_at
        try:
            self._requests[number]()
            status = 0
        except Interrupt as raised:
            self._note(raised)
            status = cpu.RAISED_STATUS
        except BaseException as failure:  # noqa: BLE001 - it cannot pass through native frames; the loop raises it again
            self._failure = failure
            status = cpu.FAILED_STATUS
        words[cpu.NIA >> 3] = self.nia
        if self.watch_hit is not None or self.poll_at != poll_at or self.leaving is not None:
            words[cpu.ATTENTION >> 3] = 1
        return status

    def _look(self, words: memoryview) -> None:
        """Takes over what native code has made of the vcpu."""
        self.cia = words[cpu.CIA >> 3]
        self.nia = words[cpu.NIA >> 3]
        self.retired = words[cpu.BASE >> 3] - words[cpu.LEFT >> 3]
        self.walking = bool(words[cpu.WALKING >> 3])
        if self.walking:
            self.access = (words[cpu.WALK_ADDRESS >> 3], words[cpu.WALK_KIND >> 3])
        self.follow_context()
        entry = words[cpu.ENTRY >> 3]
        if entry:
            word, length = struct.unpack("<IH", ctypes.string_at(entry + 8, 6))
            self.instruction = Decoded(NOTHING.execute, None, self.nia, word, length, None)

    def _note(self, raised: Interrupt) -> None:
        names = [interrupt.name for interrupt in self._interrupts]
        self.words[cpu.RAISED >> 3] = names.index(raised.name)
        for at, argument in enumerate(raised.arguments):
            self.area.set_wide(cpu.ARGUMENTS + 16 * at, argument)

    def _noted(self) -> Interrupt:
        interrupt = self._interrupts[self.words[cpu.RAISED >> 3]]
        return Interrupt(interrupt.name, self._arguments(cpu.ARGUMENTS, len(interrupt.parameters)))

    def _arguments(self, start: int, count: int) -> tuple[int, ...]:
        return tuple(self.area.wide(start + 16 * at) for at in range(count))

    # Running

    def _loop(self, pc: int, budget: int, over_breakpoint: bool, over_watchpoint: bool) -> Stop:
        if self.watchpoints and self.watch_before:
            return super()._loop(pc, budget, over_breakpoint, over_watchpoint)
        breakpoints = self.breakpoints
        self._budget = self._left = budget
        self.watching = not over_watchpoint
        polled_at = -1
        while self._left > 0:
            # Once an instruction: the way to its code may lead through here several times.
            if self.retired >= self.poll_at and polled_at != self._left:
                polled_at = self._left
                after_poll = self._take_poll(pc)
                if after_poll != pc:
                    pc, over_breakpoint, self.watching = after_poll, False, True
                if self.leaving is not None:
                    return self._stop(StopReason.EXIT, pc, self._steps())
            if pc in breakpoints and not over_breakpoint:
                return self._stop(StopReason.BREAKPOINT, pc, self._steps())
            if over_breakpoint or not self.watching:
                pc = self._step(pc)
                self._left -= 1
                over_breakpoint, self.watching = False, True
            else:
                self._length = stretch = min(self._left, max(1, self.poll_at - self.retired), _MAXIMUM_STRETCH)
                pc, rest, over_breakpoint = self._stretch(pc, stretch)
                self._length = 0
                self._left -= stretch - rest
            if self.leaving is not None:
                return self._stop(StopReason.EXIT, pc, self._steps(), self.watch_hit)
            if self.watch_hit is not None:
                return self._stop(StopReason.WATCHPOINT, pc, self._steps(), self.watch_hit)
        return self._stop(StopReason.BUDGET, pc, self._steps())

    def cut(self, first: int, every: int) -> None:
        """See `Engine`. Native code, if it is what runs, comes back behind the present instruction."""
        done = self._steps() + 1
        if self._length:
            done += self._length - self.words[cpu.LEFT >> 3]
            self.words[cpu.ATTENTION >> 3] = 1
        self._cut_behind(done, first, every)

    def _stretch(self, pc: int, left: int) -> tuple[int, int, bool]:
        """Executes up to `left` instructions natively.

        Returns (next address, instructions left, whether the next is to be executed alone: no breakpoint stops it).
        """
        words = self.words
        words[cpu.BASE >> 3] = self.retired + left
        words[cpu.ATTENTION >> 3] = 0
        if self._stale:
            words[cpu.CONTEXT >> 3] = cpu.NOWHERE
        status = self._run_native(self.area.address, None, pc, left)
        pc, left = words[cpu.PC >> 3], words[cpu.LEFT >> 3]
        self._look(words)
        self._take_exit()
        if status == cpu.FAILED_STATUS:
            failure, self._failure = self._failure, None
            assert failure is not None
            raise failure
        if status == cpu.RAISED_STATUS:
            return self._enter(self._noted()), left - 1, False
        if status == cpu.MISS_STATUS:
            return self._missed(pc, left)
        if self.regions is not None:
            if status == cpu.HOT_STATUS:
                self.regions.hot(pc)
            elif status == cpu.STALE_STATUS:
                self.regions.stale(pc)
        if status == cpu.UNDECODED_STATUS:
            return (pc, left, False) if self.decode(pc) else self._missed(pc, left)
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

    def _take_exit(self) -> None:
        number = self.words[cpu.EXIT >> 3]
        if number:
            self.words[cpu.EXIT >> 3] = 0
            taken = self._exits[number - 1]
            self.leaving = ExitTaken(taken.name, self._arguments(cpu.EXIT_ARGUMENTS, len(taken.parameters)))
