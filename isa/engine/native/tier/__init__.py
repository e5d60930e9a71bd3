"""When hot code is compiled, and what becomes of regions."""

from __future__ import annotations

from .beside import wait_beside
from .places import Place
from .tier import RegionTier
from .tiers import BOTH, EAGER, INTERPRETER, Tiers

__all__ = ["BOTH", "EAGER", "INTERPRETER", "Place", "RegionTier", "Tiers", "wait_beside"]
