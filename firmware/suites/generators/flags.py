"""Instances of an instruction whose flags (Rc, OE, S) go through all that they can be, one instance after another."""

from __future__ import annotations

import random
from collections.abc import Collection

from ....asmgen.catalog.instructions import Drawn, InstructionInfo
from ....isa.errors import TraplineError


def with_flags(info: InstructionInfo, rng: random.Random, exclude: Collection[str], number: int) -> Drawn:
    """Instance `number`: its flags are the bits of the number, where the form allows that, else drawn.

    Raises TraplineError where `exclude` leaves nothing.
    """
    flags = {one.name: number >> at & 1 for at, one in enumerate(info.flags) if one.width == 1}
    if flags:
        try:
            return info.random_operands(rng, exclude, flags=flags)
        except TraplineError:
            # Flags that this form's operands exclude.
            pass
    return info.random_operands(rng, exclude)
