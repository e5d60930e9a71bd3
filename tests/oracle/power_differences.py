"""Of one difference between QEMU's Power cores and ours: whether it is what an entry of known_power.py explains.

Bits of FPSCR and of the results are named as in Book I, 4.2.2.
"""

from collections.abc import Callable

from .blocks import Block, field_of
from .power_blocks import is_single
from .power_machine import SIGBUS, SIGFPE, SIGILL
from .qemu_power import PowerState
from .semantics import Difference

_LOW = (1 << 64) - 1
FR = 1 << 18
FI = 1 << 17
FPRF = 0x1F000
_FX = 1 << 31
_XX = 1 << 25
_UX = 1 << 27
_OX = 1 << 28
DRN = 7 << 32
VXVC = 1 << 19
C = 1 << 16
_NI = 1 << 2
_XE = 1 << 3
_CR1_FX = 1 << 27
_UE = 0x20
_VXSNAN = 1 << 24
_VXIMZ = 1 << 20

PowerBlock = Block[PowerState]


def low_half(block: PowerBlock, found: Difference) -> bool:
    number = found.name.removeprefix("vsr[").rstrip("]")
    return number.isdecimal() and int(number) < 32 and found.ours >> 64 == found.qemu >> 64 and not found.qemu & _LOW


def fpscr(mask: int) -> Callable[[PowerBlock, Difference], bool]:
    """The difference is in these bits of FPSCR alone."""

    def covers(block: PowerBlock, found: Difference) -> bool:
        return found.name == "fpscr" and (found.ours ^ found.qemu) & ~mask == 0

    return covers


def signalled(name: str) -> Callable[[PowerBlock, Difference], bool]:
    """A register of this name, where an enabled floating-point exception was signalled."""

    def covers(block: PowerBlock, found: Difference) -> bool:
        fault = block.left.result.fault
        return found.name.startswith(name) and fault is not None and fault.signal == SIGFPE

    return covers


def directed_rounding(block: PowerBlock, found: Difference) -> bool:
    return block.instance.state.fpscr & 2 != 0


def beyond_single(block: PowerBlock, found: Difference) -> bool:
    """An adjusted exponent (by 192) that single format has no room for, of a double at least that far outside."""
    number = field_of(block.samples[0], "FRB")
    if number is None:
        number = (field_of(block.samples[0], "BX") or 0) << 5 | (field_of(block.samples[0], "B") or 0)
    exponent = (block.instance.state.vsr[number] >> 116 & 0x7FF) - 1023
    return found.name.startswith("vsr") and signalled("")(block, found) and not -318 <= exponent <= 318


def low_word(block: PowerBlock, found: Difference) -> bool:
    return found.name.startswith("vsr") and (found.ours ^ found.qemu) >> 64 & 0xFFFFFFFF == 0


def estimate(block: PowerBlock, found: Difference) -> bool:
    mask = {"fpscr": FR | FI | _XX | _FX, "cr": _CR1_FX}.get(found.name, 0)
    return (found.ours ^ found.qemu) & ~mask == 0 or block.instance.state.fpscr & _XE != 0


def reciprocal_of_zero(block: PowerBlock, found: Difference) -> bool:
    return block.instance.state.vsr[field_of(block.samples[0], "FRB") or 0] >> 64 & ~(1 << 63) == 0


def reserved_xer(block: PowerBlock, found: Difference) -> bool:
    return found.name == "xer" and (found.ours ^ found.qemu) & 0xE000007F == 0


def signalled_class(block: PowerBlock, found: Difference) -> bool:
    return fpscr(FPRF | FR)(block, found) and signalled("fpscr")(block, found)


def of_process(block: PowerBlock, found: Difference) -> bool:
    return field_of(block.samples[0], "spr") in (13, 136, 287, 896, 898)


def vrsave(block: PowerBlock, found: Difference) -> bool:
    return found.name == "vrsave" and (found.ours ^ found.qemu) & 0xFFFFFFFF == 0


def performance_monitor(block: PowerBlock, found: Difference) -> bool:
    return 768 <= (field_of(block.samples[0], "spr") or 0) < 784


def time_base(block: PowerBlock, found: Difference) -> bool:
    return field_of(block.samples[0], "spr") in (268, 269, 284, 285, 526)


def word_select(block: PowerBlock, found: Difference) -> bool:
    return 1 in (field_of(block.samples[0], "W"), field_of(block.samples[0], "L"))


def non_ieee(block: PowerBlock, found: Difference) -> bool:
    return found.name == "fpscr" and found.ours ^ found.qemu == _NI


def refused(block: PowerBlock, found: Difference) -> bool:
    fault = block.left.result.fault
    return fault is not None and fault.signal == SIGILL


def second_element(block: PowerBlock, found: Difference) -> bool:
    """UX beside OX; or the signal of that UX, where UE asks for it."""
    left = block.left.result
    if found.name in ("signal", "fault at"):
        both = left.state.fpscr & (_OX | _UX) == _OX | _UX
        return both and bool(left.state.fpscr & _UE) and left.fault is not None and left.fault.signal == SIGFPE
    return found.name == "fpscr" and (found.ours ^ found.qemu) & ~(FR | FI) == _UX and found.ours & _OX != 0


def signal_return(block: PowerBlock, found: Difference) -> bool:
    return block.left.result.fault is not None and fpscr(DRN)(block, found)


def no_quotient(block: PowerBlock, found: Difference) -> bool:
    """Whether the quotient does not fit the target: RT and all of CR0 but SO are undefined."""
    sample = block.samples[0]
    name = sample.form.name
    width = 32 if "w" in name else 64
    is_signed = not name.endswith("u")
    dividend, divisor = (
        _number(block.instance.state.gpr[field_of(sample, field) or 0], width, is_signed) for field in ("RA", "RB")
    )
    if "e" in name:
        dividend <<= width
    if divisor == 0:
        return True
    quotient = abs(dividend) // abs(divisor) * (1 if (dividend < 0) == (divisor < 0) else -1)
    low, high = (-1 << (width - 1), 1 << (width - 1)) if is_signed else (0, 1 << width)
    return not low <= quotient < high


def _number(value: int, width: int, is_signed: bool) -> int:
    value &= (1 << width) - 1
    return value - (1 << width) if is_signed and value >> (width - 1) else value


def first_doubleword_only(block: PowerBlock, found: Difference) -> bool:
    return found.name.startswith("vsr") and found.ours >> 64 == found.qemu >> 64


def signalling_addend(block: PowerBlock, found: Difference) -> bool:
    """VXSNAN beside VXIMZ."""
    return found.name == "fpscr" and (found.ours ^ found.qemu) & ~(FR | FI) == _VXSNAN and found.qemu & _VXIMZ != 0


def implicit_fx(block: PowerBlock, found: Difference) -> bool:
    bit = {"fpscr": _FX, "cr": _CR1_FX}.get(found.name)
    return bit is not None and found.ours ^ found.qemu == bit


def reserved_vscr(block: PowerBlock, found: Difference) -> bool:
    return found.name == "vscr" and (found.ours ^ found.qemu) & 0x00010001 == 0


def flush_level(block: PowerBlock, found: Difference) -> bool:
    return (field_of(block.samples[0], "flush_level") or 0) >= 2


def not_single(block: PowerBlock, found: Difference) -> bool:
    numbers = (field_of(block.samples[0], name) for name in ("FRA", "FRB", "FRC"))
    return not all(is_single(block.instance.state.vsr[number] >> 64) for number in numbers if number is not None)


def several_fields(block: PowerBlock, found: Difference) -> bool:
    return (field_of(block.samples[0], "FXM") or 0).bit_count() != 1


def misaligned(block: PowerBlock, found: Difference) -> bool:
    fault = block.left.result.fault
    return fault is not None and fault.signal == SIGBUS


def bad_digits(block: PowerBlock, found: Difference) -> bool:
    value = block.instance.state.gpr[field_of(block.samples[0], "RS") or 0]
    return any(value >> at & 15 > 9 for at in range(0, 64, 4))


def decrements(block: PowerBlock, found: Difference) -> bool:
    return not (field_of(block.samples[0], "BO") or 0) & 4
