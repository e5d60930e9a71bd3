"""All breakages."""

from __future__ import annotations

from .breakage import Breakage
from .description_lines import DESCRIPTION
from .model_lines import MODEL


def all_breakages() -> tuple[Breakage, ...]:
    """Those of the description, then those of the model."""
    return DESCRIPTION + MODEL
