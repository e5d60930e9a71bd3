"""Numbers that the arithmetic speaks in: rounding, exception flags, reasons, modes.

They are plain ints, not enums, because generated code tests and merges them on every
operation. Sources: IEEE 754-2008 section 7; Power ISA Book I section 4.2.2 (FPSCR);
Arm ARM DDI 0406C section A2.7 (FPSCR).
"""

from typing import Final

# Rounding; the first four in the order of Power's FPSCR.RN.
NEAREST_EVEN: Final = 0
TOWARD_ZERO: Final = 1
TOWARD_PLUS: Final = 2
TOWARD_MINUS: Final = 3
NEAREST_AWAY: Final = 4

# Exceptions of IEEE 754.
INEXACT: Final = 1 << 0
UNDERFLOW: Final = 1 << 1
OVERFLOW: Final = 1 << 2
DIVIDE_BY_ZERO: Final = 1 << 3
INVALID: Final = 1 << 4

INPUT_DENORMAL: Final = 1 << 5
"""An operand was a denormal number. Arm reports it (IDC) only while it flushes to zero."""
ROUNDED_UP: Final = 1 << 6
"""Rounding made the magnitude larger: Power's FPSCR.FR. FI is INEXACT of the same operation."""

# Why an operation was invalid; INVALID stands beside each. Names after Power's FPSCR bits.
VXISI: Final = 1 << 8
"""Infinity minus infinity."""
VXIMZ: Final = 1 << 9
"""Infinity times zero."""
VXIDI: Final = 1 << 10
"""Infinity divided by infinity."""
VXZDZ: Final = 1 << 11
"""Zero divided by zero."""
VXSQRT: Final = 1 << 12
"""Square root of a negative number."""
VXCVI: Final = 1 << 13
"""Conversion of a NaN, or of a number out of range, to an integer."""
VXSNAN: Final = 1 << 14
"""An operand was a signaling NaN."""
VXVC: Final = 1 << 15
"""A NaN in a comparison that signals on quiet NaNs as well."""

# Modes, or'ed together. 0 is IEEE arithmetic as both Power and Arm detect tininess: before
# rounding (Power ISA Book I, 4.4.4; Arm ARM, pseudocode function FPRound).
TINY_AFTER_ROUNDING: Final = 1 << 0
"""Detect tininess after rounding, as x86 does."""
FLUSH_TO_ZERO: Final = 1 << 1
"""Arm's FPSCR.FZ: denormal operands count as zeros of their sign; a tiny result becomes zero
with UNDERFLOW alone."""
TRAP_OVERFLOW: Final = 1 << 2
"""Power's FPSCR.OE: an overflowing result is delivered with its exponent wrapped down."""
TRAP_UNDERFLOW: Final = 1 << 3
"""Power's FPSCR.UE: every tiny result underflows, and is delivered with its exponent wrapped up."""

# Relations that a comparison returns: one-hot in the order of a Power CR field (FPCC).
LESS: Final = 8
GREATER: Final = 4
EQUAL: Final = 2
UNORDERED: Final = 1
