"""Of one difference between QEMU's vectors and ours: whether the book allows both, or has it otherwise than QEMU."""

import math
import struct
from collections.abc import Callable

from .blocks import Block, field_of
from .power_differences import FI, FR
from .qemu_power import PowerState
from .semantics import Difference

PowerBlock = Block[PowerState]
_SAT = 1


def _floats(vector: int) -> tuple[float, ...]:
    return struct.unpack(">4f", vector.to_bytes(16, "big"))


def _source(block: PowerBlock) -> tuple[float, ...]:
    """The elements of VRB before the block's one instruction; in non-Java mode denormalised ones are zeros."""
    number = field_of(block.samples[0], "VRB")
    assert number is not None
    found = _floats(block.instance.state.vsr[32 + number])
    if block.instance.state.vscr >> 16 & 1:
        return tuple(0.0 if abs(one) < 2.0**-126 else one for one in found)
    return found


def elements(is_good: Callable[[float, float], bool]) -> Callable[[PowerBlock, Difference], bool]:
    """The target of the first instruction, each element of which is good for its source: (source, ours)."""

    def covers(block: PowerBlock, found: Difference) -> bool:
        target = field_of(block.samples[0], "VRT")
        if target is None or found.name != f"vsr[{32 + target}]":
            return False
        return all(is_good(source, ours) for source, ours in zip(_source(block), _floats(found.ours), strict=True))

    return covers


def power_of_two(source: float, ours: float) -> bool:
    if math.isnan(source):
        return math.isnan(ours)
    if source >= 128:
        return ours == math.inf
    exact = 2.0 ** max(source, -200.0)
    return abs(ours - exact) <= exact / 16 or (exact < 2.0**-126 and 0 <= ours <= 2.0**-126)


def logarithm(source: float, ours: float) -> bool:
    if math.isnan(source) or source < 0:
        return math.isnan(ours)
    if source == 0 or source == math.inf:
        return ours == (math.inf if source else -math.inf)
    exact = math.log2(source)
    return abs(ours - exact) <= (abs(exact) / 8 if abs(source - 1) <= 1 / 8 else 1 / 32)


_UE, _ZE = 0x20, 0x10
_OX, _UX, _ZX, _XX, _FX = 1 << 28, 1 << 27, 1 << 26, 1 << 25, 1 << 31
_INVALID = 0x01F80700


def enabled_underflow(block: PowerBlock, found: Difference) -> bool:
    return block.instance.state.fpscr & _UE != 0


def earlier_exceptions(block: PowerBlock, found: Difference) -> bool:
    """Exceptions in FPSCR, or in the copy of it that CR1 is, which QEMU has beside ours."""
    if found.name == "cr":
        return (found.ours ^ found.qemu) & ~(0xF << 24) == 0
    exceptions, other = _OX | _UX | _ZX | _XX | _FX, found.ours ^ found.qemu
    return found.name == "fpscr" and not other & ~(exceptions | FR | FI) and not found.ours & ~found.qemu & exceptions


def zero_divide(block: PowerBlock, found: Difference) -> bool:
    """ZX, with whatever it changes where ZE asks for it."""
    fpscr = block.left.result.state.fpscr
    if not fpscr & _ZX:
        return False
    return fpscr & _ZE != 0 or (found.name == "fpscr" and (found.ours ^ found.qemu) & ~(_ZX | _XX | _FX | FR | FI) == 0)


def overflow_beside_underflow(block: PowerBlock, found: Difference) -> bool:
    """UX of one estimate beside OX of another, and what QEMU says of estimates that the book leaves undefined."""
    fpscr = block.left.result.state.fpscr
    both = fpscr & (_OX | _UX) == _OX | _UX
    return both and found.name == "fpscr" and (found.ours ^ found.qemu) & ~(_UX | _XX | _FX | FR | FI) == 0


def behind_invalid(block: PowerBlock, found: Difference) -> bool:
    """Elements of the result behind one that is an invalid operation."""
    is_same_first = (found.ours ^ found.qemu) >> 96 == 0
    return found.name.startswith("vsr") and is_same_first and block.left.result.state.fpscr & _INVALID != 0


def smallest_word(block: PowerBlock, found: Difference) -> bool:
    scale = field_of(block.samples[0], "UIM")
    if scale is None or found.name != "vscr" or found.ours ^ found.qemu != _SAT:
        return False
    return any(math.ldexp(one, scale) == -(2.0**31) for one in _source(block) if math.isfinite(one))
