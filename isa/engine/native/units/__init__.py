"""Units: copies of stencils in the place of a handler, from their code to what they have executed.

`making` puts runs of instructions together, `unit_text` writes their code, `arena` is the memory for it, `unit`
is one that is in place.
"""

from .making import Register, Run, UnitMaker
from .unit import Unit

__all__ = ["Register", "Run", "Unit", "UnitMaker"]
