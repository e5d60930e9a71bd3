"""All breakages."""

from __future__ import annotations

from .arm_lines import ARM_DESCRIPTION, ARM_MODEL, ARM_STUB
from .breakage import Breakage
from .description_lines import DESCRIPTION
from .model_lines import MODEL


def all_breakages() -> tuple[Breakage, ...]:
    """Those of the Power description and of its model, then those of the Arm host stub, model and description."""
    return DESCRIPTION + MODEL + ARM_STUB + ARM_MODEL + ARM_DESCRIPTION
