"""All breakages."""

from __future__ import annotations

from .arm_lines import ARM_DESCRIPTION, ARM_MODEL, ARM_STUB
from .breakage import Breakage
from .description_lines import DESCRIPTION
from .model_lines import MODEL
from .power_stub_lines import POWER_STUB


def all_breakages() -> tuple[Breakage, ...]:
    """Those of Power (description, model, host stub), then those of Arm (host stub, model, description)."""
    return DESCRIPTION + MODEL + POWER_STUB + ARM_STUB + ARM_MODEL + ARM_DESCRIPTION
