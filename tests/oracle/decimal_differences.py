"""Of one difference between QEMU's decimal floating point and ours: whether it is a known one."""

from .blocks import Block, field_of
from .power_differences import FI, FR
from .qemu_power import PowerState
from .semantics import Difference

PowerBlock = Block[PowerState]
_LOW = (1 << 64) - 1
_FEX, _CR1_FEX = 1 << 30, 1 << 26
_SPECIAL = 0b1111 << 59


def bad_decimal_digits(block: PowerBlock, found: Difference) -> bool:
    """A binary coded decimal with a digit or a sign code that is none."""
    sample, vsr = block.samples[0], block.instance.state.vsr
    pair, number = field_of(sample, "FRBp"), field_of(sample, "FRB")
    value = vsr[number] >> 64 if number is not None else vsr[2 * (pair or 0)] & ~_LOW | vsr[2 * (pair or 0) + 1] >> 64
    digits = [value >> at & 15 for at in range(0, 64 if number is not None else 128, 4)]
    if field_of(sample, "S_signed"):
        return digits[0] < 10 or any(digit > 9 for digit in digits[1:])
    return any(digit > 9 for digit in digits)


def swapped_doublewords(block: PowerBlock, found: Difference) -> bool:
    target = field_of(block.samples[0], "FRTp")
    if target is None or not found.name.startswith("vsr"):
        return False
    ours = block.left.result.state.vsr
    other = ours[2 * target + (found.name == f"vsr[{2 * target}]")]
    return found.qemu >> 64 == other >> 64


def not_finite(block: PowerBlock, found: Difference) -> bool:
    """The one operand is an infinity or a NaN: the differences in its registers, FPSCR and CR."""
    sample, vsr = block.samples[0], block.instance.state.vsr
    pairs = [2 * number for number in (field_of(sample, name) for name in ("FRBp", "FRAp")) if number is not None]
    singles = [number for number in (field_of(sample, name) for name in ("FRB", "FRA")) if number is not None]
    source = vsr[(pairs or singles)[0]] >> 64
    return source & _SPECIAL == _SPECIAL and found.name.startswith(("vsr", "fpscr", "cr"))


def stray_summary(block: PowerBlock, found: Difference) -> bool:
    """FEX, and its copy in CR1, where no exception that is there is enabled."""
    bit = {"fpscr": _FEX, "cr": _CR1_FEX}.get(found.name, 0)
    return found.qemu & ~found.ours & bit != 0 and (found.ours ^ found.qemu) & ~(bit | FR | FI) == 0
