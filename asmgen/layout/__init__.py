"""What an assembly gathers (sections, symbols, literals, call frames), and where all of it goes."""

from __future__ import annotations

from .assembly import Assembly
from .options import Layout
from .placing import check_sizes, lay_out

__all__ = ["Assembly", "Layout", "check_sizes", "lay_out"]
