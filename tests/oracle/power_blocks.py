"""Drawing of Power blocks: initial states, and how an address or a jump is aimed."""

import random
import struct
from collections.abc import Sequence
from dataclasses import replace

from .blocks import field_of
from .instances import Sample
from .power_machine import PowerMachine
from .qemu_power import PowerCpu, PowerState
from .values import decimal, double, integer, single, vector

_MASK = (1 << 64) - 1
_XER_BITS = 0xE000007F  # Book I, 3.2.2
_FPSCR_STATUS = 0x9FFFF703  # without FEX and VX, which sum up others, the enable bits, and a reserved one
_FPSCR_ENABLES = 0xF8
_ROUNDING = 3
_VE = 0x80
_INVALID = 0x01F80700  # the reasons that VX sums up (Book I, 4.2.2)
_VX = 1 << 29
_FX = 1 << 31
_EXCEPTIONS = _INVALID | 0x1E000000  # whatever FX sums up


class PowerArchitecture:
    """What drawing has to know of a Power core."""

    def __init__(self, machine: PowerMachine, cpu: PowerCpu) -> None:
        self.machine = machine
        self._cpu = cpu

    def state(self, draw: random.Random) -> PowerState:
        """Every register random; one state in eight has enabled floating-point exceptions."""
        low = 64 if self._cpu is PowerCpu.POWER7 else 32
        number = widened_single if draw.getrandbits(1) else single_or_double
        halves = [number(draw) << 64 for _ in range(32)]
        if draw.randrange(4) == 0:
            halves = [high for _ in range(16) for high in _decimals(draw)]
        if low == 64:
            halves = [high | double(draw) for high in halves]
        fpscr = draw.getrandbits(32) & _FPSCR_STATUS & -draw.getrandbits(1) | draw.getrandbits(2)
        if draw.randrange(8) == 0:
            fpscr = draw.getrandbits(32) & (_FPSCR_ENABLES | _ROUNDING)
        if fpscr & _INVALID:
            fpscr |= _VX
        if fpscr & _EXCEPTIONS:
            fpscr |= _FX
        return PowerState(
            gpr=tuple(integer(draw, 64) for _ in range(32)),
            cr=draw.getrandbits(32),
            xer=draw.getrandbits(32) & _XER_BITS if draw.getrandbits(1) else draw.randrange(17),
            lr=integer(draw, 64),
            ctr=integer(draw, 64),
            fpscr=fpscr,
            vrsave=draw.getrandbits(32),
            vscr=draw.getrandbits(1) << 16 | draw.getrandbits(1),
            vsr=(*halves, *(vector(draw) for _ in range(32))),
        )

    def bytes_of(self, samples: Sequence[Sample]) -> bytes:
        """Big-endian words."""
        return b"".join(sample.word.to_bytes(4, "big") for sample in samples)

    def allows(self, code: bytes, samples: Sequence[Sample]) -> bool:
        """Everything that has a form but sc, which is not drawn."""
        return True

    def may_end(self, state: PowerState, samples: Sequence[Sample]) -> bool:
        """Unless QEMU would signal in a later block: it puts an enabled exception of a vector comparison off."""
        compares = any(sample.form.name.startswith("xvcmpg") for sample in samples)
        return not (compares and state.fpscr & _VE and self.machine.registers.FPSCR & _INVALID)

    def aim(self, state: PowerState, sample: Sample, distance: int, draw: random.Random) -> PowerState | None:
        """RA is in every address, unless it is register 0, which then means zero; then RB is."""
        number = field_of(sample, "RA") or field_of(sample, "RB")
        if number is None:
            return None
        gpr = list(state.gpr)
        gpr[number] = (gpr[number] + distance) & _MASK
        return replace(state, gpr=tuple(gpr))

    def aim_jump(
        self, state: PowerState, sample: Sample, target: int, distance: int, draw: random.Random
    ) -> PowerState | None:
        """Both registers that a branch can go to; the low two bits do not count (Book I, 2.4)."""
        if field_of(sample, "BO") is None:
            return None
        return replace(state, lr=target | draw.getrandbits(2), ctr=target | draw.getrandbits(2))


def _decimals(draw: random.Random) -> tuple[int, int]:
    """An even register and the next: two decimal numbers, or one of 128 bits."""
    kind = draw.randrange(6)
    if kind == 0:
        high, low = (sum(draw.randrange(10) << at for at in range(0, 64, 4)) for _ in range(2))
        return high << 64, (low & -16 | draw.randrange(16)) << 64
    if kind < 4:
        return decimal(draw, 64) << 64, decimal(draw, 64) << 64
    both = decimal(draw, 128)
    return both >> 64 << 64, both << 64 & (1 << 128) - 1


def single_or_double(draw: random.Random) -> int:
    """A register's 64 bits: a double, the bits of an integer, or a single in either half."""
    kind = draw.randrange(6)
    if kind == 0:
        return integer(draw, 64)
    if kind == 1:
        return single(draw) << 32 | single(draw)
    return double(draw)


def widened_single(draw: random.Random) -> int:
    """A single-precision number in double format, as a load of one leaves it."""
    bits = single(draw)
    if bits & 0x7F800000 == 0x7F800000:
        return (bits >> 31) << 63 | 0x7FF << 52 | (bits & 0x7FFFFF) << 29
    return int.from_bytes(struct.pack(">d", struct.unpack(">f", bits.to_bytes(4, "big"))[0]), "big")


def is_single(bits: int) -> bool:
    """Whether single format can hold a double's value (Book I, 4.3.5.1)."""
    exponent, fraction = bits >> 52 & 0x7FF, bits & ((1 << 52) - 1)
    if exponent in (0, 0x7FF):
        return fraction == 0 if exponent == 0 else fraction & 0x1FFFFFFF == 0
    spare = 29 + max(0, 897 - exponent)
    return exponent <= 1150 and spare <= 52 and fraction & ((1 << spare) - 1) == 0
