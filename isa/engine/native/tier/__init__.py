"""When hot code is compiled, and what becomes of regions."""

from __future__ import annotations

from .begun import wait_for_kits
from .places import Place
from .tier import RegionTier
from .tiers import BOTH, EAGER, INTERPRETER, Tiers

__all__ = ["BOTH", "EAGER", "INTERPRETER", "Place", "RegionTier", "Tiers", "wait_for_kits"]
