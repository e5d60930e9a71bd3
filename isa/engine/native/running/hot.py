"""The engine's side of the region tier: what regions are bound to, and where hot code is looked for."""

from __future__ import annotations

from ...state import State
from ..shared import Host
from ..shared import cpu_layout as cpu
from ..tier import RegionTier
from .watching import NativeWatch


class NativeHot(NativeWatch):
    """Has hot code compiled, unless `tiers` says otherwise."""

    state: State
    regions: RegionTier | None = None

    def prepare_regions(self) -> None:
        """Once everything else of the engine is made."""
        if self.tiers.blocks:
            snapshot = self.state.snapshot
            self.regions = RegionTier(self, self._host(), snapshot, self._stored, self.tiers, self.code.key)

    def threshold_at(self, pc: int) -> int:
        """See `NativeFetch`."""
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
