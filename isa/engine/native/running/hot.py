"""The engine's side of the region tier: what regions are bound to, and where hot code is looked for."""

from __future__ import annotations

import ctypes
from collections.abc import Callable

from ....model.items import Description
from ...state import State
from ..building import native_code
from ..shared import Host
from ..shared import cpu_layout as cpu
from ..tier import RegionTier
from .watching import NativeWatch

_RUN = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint64, ctypes.c_uint64)


class NativeHot(NativeWatch):
    """Has hot code compiled, unless `tiers` says otherwise."""

    state: State
    regions: RegionTier | None = None

    attached = False
    """Whether there is native code to run; until then instructions are executed one at a time."""
    _run_native: Callable[[int, None, int, int], int]

    def attach(self) -> bool:
        """Takes up native code, if its core is there. Raises EngineError where that could not be built."""
        if not self.attached and self.code.has_core():
            self._run_native = _RUN(self.code.run)
            self.prepare_regions()
            self.attached = True
        return self.attached

    def prepare_for(self, description: Description) -> None:
        """See `ReferenceEngine`: core and decoder are built, unless that is done beside."""
        native_code(description, None, waits=not self.tiers.background)

    def prepare_regions(self) -> None:
        """Once everything else of the engine is made."""
        if self.tiers.blocks:
            snapshot = self.state.snapshot
            self.regions = RegionTier(self, self._host(), snapshot, self._stored, self.tiers, self.code.key)

    def threshold_at(self, pc: int) -> int:
        """See `NativePages`."""
        if self.regions is None:
            return self.tiers.threshold
        return self.regions.threshold(self.present_set().decoder.instruction_set.name, pc)

    def _host(self) -> Host:
        words, code = self.words, self.code
        blocks = {field: words[field >> 3] for field in (cpu.CORE, cpu.PARTITION, cpu.MACHINE)}

        tables = words[cpu.LOADS >> 3], words[cpu.STORES >> 3]
        return Host(*tables, blocks, code.handlers, code.variant_of, code.special, code.beside)

    def _stored(self, register: str, index: int) -> int:
        return self.state.read(register, index if self.state.layout.slot(register).count else None)
