"""Drawing of A32 and T32 blocks: initial states, and how an address or a jump is aimed."""

import random
from collections.abc import Sequence
from dataclasses import replace

from .arm_machine import ArmMachine
from .binutils import Dialect, to_bytes
from .blocks import field_of
from .instances import Sample
from .qemu_arm import CPSR_T, ArmState, calls_system
from .values import double, integer, single

_MASK = (1 << 32) - 1
_FPSCR_CUMULATIVE = 0xF800009F  # flags, QC, and the exceptions' bits
_BASES = ("Rn", "Rn_low", "Rm", "Rm_low", "Rdn_low", "Rdn")


class ArmArchitecture:
    """What drawing has to know of one instruction set of an Armv7 core."""

    def __init__(self, machine: ArmMachine, is_thumb: bool) -> None:
        self.machine = machine
        self._is_thumb = is_thumb

    def state(self, draw: random.Random) -> ArmState:
        """Every register random; FPSCR with any rounding mode, and often default NaNs or flushed denormals."""
        fpscr = draw.getrandbits(32) & _FPSCR_CUMULATIVE & -draw.getrandbits(1) | draw.getrandbits(2) << 22
        if draw.randrange(4) == 0:
            fpscr |= draw.getrandbits(3) << 24
        return ArmState(
            r=tuple(integer(draw, 32) for _ in range(15)),
            cpsr=draw.getrandbits(5) << 27 | draw.getrandbits(4) << 16 | (CPSR_T if self._is_thumb else 0),
            fpscr=fpscr,
            d=tuple(_doubleword(draw) for _ in range(32)),
        )

    def bytes_of(self, samples: Sequence[Sample]) -> bytes:
        """Little-endian words, or halfwords with the first of two first."""
        return to_bytes(Dialect.THUMB if self._is_thumb else Dialect.ARM, [sample.word for sample in samples])

    def allows(self, code: bytes, samples: Sequence[Sample]) -> bool:
        """No system call, which a second halfword may look like too; no exception return: user mode has none."""
        return not any(_returns(sample) for sample in samples) and not calls_system(code, self._is_thumb)

    def may_end(self, state: ArmState, samples: Sequence[Sample]) -> bool:
        """In the same instruction set, and not in a conditional block; a fault may come anywhere."""
        return self.machine.is_in_set(self._is_thumb)

    def aim(self, state: ArmState, sample: Sample, distance: int, draw: random.Random) -> ArmState | None:
        """The base register; the stack pointer where the form names none."""
        number = next((found for name in _BASES if (found := field_of(sample, name)) is not None), 13)
        if number == 15:
            return None
        r = list(state.r)
        r[number] = (r[number] + distance) & _MASK
        return replace(state, r=tuple(r))

    def aim_jump(
        self, state: ArmState, sample: Sample, target: int, distance: int, draw: random.Random
    ) -> ArmState | None:
        """The register that the target comes from, or is computed from; bit 0 of what BX takes chooses T32."""
        names = [name for name in ("Rm", "Rm_low", "Rn") if field_of(sample, name) not in (None, 15)]
        if not names:
            return None
        number = field_of(sample, draw.choice(names)) or 0
        r = list(state.r)
        r[number] = target | self._is_thumb if draw.getrandbits(1) else (r[number] + distance) & _MASK
        return replace(state, r=tuple(r))


def _returns(sample: Sample) -> bool:
    free = {field.name for field in sample.form.fields if field.fixed < 0}
    return "Rd" in free and field_of(sample, "Rd") == 15 and field_of(sample, "S") == 1


def _doubleword(draw: random.Random) -> int:
    """A double, two singles, or integers."""
    kind = draw.randrange(4)
    if kind == 0:
        return integer(draw, 32) << 32 | integer(draw, 32)
    if kind == 1:
        return double(draw)
    return single(draw) << 32 | single(draw)
