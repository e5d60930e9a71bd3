"""When hot code is compiled, and what becomes of regions."""

from __future__ import annotations

from .tier import Place, RegionTier
from .tiers import BOTH, EAGER, INTERPRETER, Tiers

__all__ = ["BOTH", "EAGER", "INTERPRETER", "Place", "RegionTier", "Tiers"]
