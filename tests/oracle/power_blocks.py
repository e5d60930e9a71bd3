"""Drawing of Power blocks: initial states, and how an address or a jump is aimed."""

import random
import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

from .blocks import field_of
from .instances import Sample
from .power_machine import PowerMachine
from .qemu_power import PowerCpu, PowerState
from .values import decimal, double, integer, single, vector

_MASK = (1 << 64) - 1
_VALUES = 1024  # of each kind in a pool
_STATES = 1024  # that a pool is used for
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
        self._pools: WeakKeyDictionary[random.Random, tuple[_Pools, int]] = WeakKeyDictionary()

    def _pools_of(self, draw: random.Random) -> "_Pools":
        """The values of some hundred states, then others."""
        pools, left = self._pools.get(draw, (None, 0))
        if pools is None or not left:
            pools, left = _Pools.drawn(draw), _STATES
        self._pools[draw] = pools, left - 1
        return pools

    def state(self, draw: random.Random) -> PowerState:
        """Every register random; one state in eight has enabled floating-point exceptions."""
        pools = self._pools_of(draw)
        halves = draw.choices(pools.singles if draw.getrandbits(1) else pools.doubles, k=32)
        if draw.randrange(4) == 0:
            halves = [half for pair in draw.choices(pools.decimals, k=16) for half in pair]
        if self._cpu is PowerCpu.POWER7:
            halves = [high << 64 | low for high, low in zip(halves, draw.choices(pools.lows, k=32), strict=True)]
        else:
            halves = [high << 64 for high in halves]
        fpscr = draw.getrandbits(32) & _FPSCR_STATUS & -draw.getrandbits(1) | draw.getrandbits(2)
        if draw.randrange(8) == 0:
            fpscr = draw.getrandbits(32) & (_FPSCR_ENABLES | _ROUNDING)
        if fpscr & _INVALID:
            fpscr |= _VX
        if fpscr & _EXCEPTIONS:
            fpscr |= _FX
        return PowerState(
            gpr=tuple(draw.choices(pools.integers, k=32)),
            cr=draw.getrandbits(32),
            xer=draw.getrandbits(32) & _XER_BITS if draw.getrandbits(1) else draw.randrange(17),
            lr=integer(draw, 64),
            ctr=integer(draw, 64),
            fpscr=fpscr,
            vrsave=draw.getrandbits(32),
            vscr=draw.getrandbits(1) << 16 | draw.getrandbits(1),
            vsr=(*halves, *draw.choices(pools.vectors, k=32)),
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


@dataclass(frozen=True, slots=True)
class _Pools:
    """Values of registers, from which states are put together: to draw each anew takes longer than an instance."""

    integers: list[int]
    singles: list[int]
    doubles: list[int]
    lows: list[int]
    decimals: list[tuple[int, int]]
    vectors: list[int]

    @classmethod
    def drawn(cls, draw: random.Random) -> "_Pools":
        """Many of each kind."""
        return cls(
            [integer(draw, 64) for _ in range(_VALUES)],
            [widened_single(draw) for _ in range(_VALUES)],
            [single_or_double(draw) for _ in range(_VALUES)],
            [double(draw) for _ in range(_VALUES)],
            [_decimals(draw) for _ in range(_VALUES)],
            [vector(draw) for _ in range(_VALUES)],
        )


def _decimals(draw: random.Random) -> tuple[int, int]:
    """An even register and the next: two decimal numbers, or one of 128 bits."""
    kind = draw.randrange(6)
    if kind == 0:
        high, low = (sum(draw.randrange(10) << at for at in range(0, 64, 4)) for _ in range(2))
        return high, low & -16 | draw.randrange(16)
    if kind < 4:
        return decimal(draw, 64), decimal(draw, 64)
    return divmod(decimal(draw, 128), 1 << 64)


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
