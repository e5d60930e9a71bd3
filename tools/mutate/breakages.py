"""All breakages."""

from __future__ import annotations

from .arm_lines import ARM_DESCRIPTION, ARM_MODEL, ARM_STUB
from .breakage import Breakage
from .description_lines import DESCRIPTION
from .model_lines import MODEL
from .power_stub_lines import POWER_STUB, POWER_STUB_BY_SUITES


def all_breakages(by_suites: bool = False) -> tuple[Breakage, ...]:
    """Those of Power (description, model, host stub), then those of Arm (host stub, model, description).

    `by_suites`: also what no bundled guest comes to.
    """
    power = DESCRIPTION + MODEL + POWER_STUB + (POWER_STUB_BY_SUITES if by_suites else ())
    return power + ARM_STUB + ARM_MODEL + ARM_DESCRIPTION
