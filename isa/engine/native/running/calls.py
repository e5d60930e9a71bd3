"""Described functions that Python has reason to call (hooks, interrupt entries, a model's questions), run natively.

A probe's calls stay Python's: what they store must not reach memory. So do those of an instruction that may be undone.
"""

from __future__ import annotations

import ctypes
from typing import Any

from ....model.items import Interrupt as InterruptItem
from ...decoded import Decoded
from ...errors import EngineError, Interrupt
from ...execution import Execution, Hook
from ..building import NativeCode
from ..shared import Area
from ..shared import cpu_layout as cpu

_CALL = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p)
_BASE, _CIA, _CONTEXT, _ENTRY = cpu.BASE >> 3, cpu.CIA >> 3, cpu.CONTEXT >> 3, cpu.ENTRY >> 3
_LEFT, _NIA, _SCRATCH, _WALKING = cpu.LEFT >> 3, cpu.NIA >> 3, cpu.SCRATCH >> 3, cpu.WALKING >> 3
_DOUBLEWORD = (1 << 64) - 1


class NativeCalls(Execution):
    """Overrides what gives callables for described functions."""

    code: NativeCode
    area: Area
    words: memoryview
    overlay: dict[int, int] | None
    journal: list[tuple[int, bytes]] | None
    access: tuple[int, int]
    walking: bool
    native_hooks: dict[str, Hook]
    """What `bound` has made."""
    _stale: bool
    _instruction: Decoded | None
    _interrupts: tuple[InterruptItem, ...]
    _failure: BaseException | None

    def bound(self, function: str) -> Hook:
        """See `Execution`."""
        if function not in self.native_hooks:
            self.native_hooks[function] = self._bind(function)
        return self.native_hooks[function]

    def _bind(self, function: str) -> Hook:
        plain = super().bound(function)
        if function not in self.code.callable:
            return plain
        results = len(self.description.functions[function].results)
        native: Any = None

        def call(*arguments: int) -> Any:  # noqa: ANN401 - none, one or several values, as generated Python has it
            nonlocal native
            if self.overlay is not None or self.journal is not None:
                return plain(*arguments)
            if native is None:
                address = self.code.call(function)
                if address is None:
                    return plain(*arguments)
                native = _CALL(address)
            self._call(native, arguments)
            if results <= 1:
                return self.area.wide(cpu.SCRATCH) if results else None
            return tuple(self.area.wide(cpu.SCRATCH + 16 * at) for at in range(results))

        return call

    def _call(self, native: Any, arguments: tuple[int, ...]) -> None:  # noqa: ANN401 - ctypes has no type for it
        words = self.words
        for at, argument in enumerate(arguments):
            words[_SCRATCH + 2 * at] = argument & _DOUBLEWORD
            words[_SCRATCH + 2 * at + 1] = argument >> 64
        words[_CIA], words[_NIA] = self.cia, self.nia
        words[_BASE] = (self.retired + words[_LEFT]) & _DOUBLEWORD
        if self._stale:
            words[_CONTEXT] = cpu.NOWHERE
        # Native code may be waiting for the answer to a request: what it reads later stays as it was.
        kept = words[_ENTRY], words[_WALKING]
        if self._instruction is not None:
            words[_ENTRY] = self.area.address + cpu.NO_ENTRY
            words[(cpu.NO_ENTRY >> 3) + 1] = self._instruction.word | self._instruction.length << 32
        if self.walking:
            words[cpu.WALK_ADDRESS >> 3], words[cpu.WALK_KIND >> 3] = self.access
        words[_WALKING] = int(self.walking)
        status = native(self.area.address)
        words[_ENTRY], words[_WALKING] = kept
        self.nia = words[_NIA]
        self.follow_context()
        self.take_exit()
        if status == cpu.RAISED_STATUS:
            raise self.raised()
        if status == cpu.FAILED_STATUS:
            raise self.take_failure()
        if status:
            raise EngineError(f"a native function ended with status {status}", self.cia)

    def follow_context(self) -> None:
        """Makes Python's idea of the present context that of native code."""
        raise NotImplementedError

    def take_exit(self) -> None:
        """Notes the exit that native code has taken, if it has."""
        raise NotImplementedError

    def note(self, raised: Interrupt) -> None:
        """Tells native code of an interrupt that its request has raised."""
        names = [interrupt.name for interrupt in self._interrupts]
        self.words[cpu.RAISED >> 3] = names.index(raised.name)
        for at, argument in enumerate(raised.arguments):
            self.area.set_wide(cpu.ARGUMENTS + 16 * at, argument)

    def raised(self) -> Interrupt:
        """The interrupt that native code has raised."""
        interrupt = self._interrupts[self.words[cpu.RAISED >> 3]]
        return Interrupt(interrupt.name, self._arguments(cpu.ARGUMENTS, len(interrupt.parameters)))

    def take_failure(self) -> BaseException:
        """What a request of native code has failed with."""
        failure, self._failure = self._failure, None
        assert failure is not None
        return failure

    def _arguments(self, start: int, count: int) -> tuple[int, ...]:
        return tuple(self.area.wide(start + 16 * at) for at in range(count))
