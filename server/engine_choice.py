"""Which engine runs a guest: the native one wherever it can be had, unless the user has named another."""

from __future__ import annotations

import sys
from collections.abc import Callable

from ..isa.engine.errors import EngineError
from ..isa.model.items import Description
from ..isa.progress import Progress

NATIVE = "native"
FALLBACK = "reference"


def choose_engine(
    description: Description,
    wanted: str | None,
    progress: Progress | None = None,
    tell: Callable[[str], None] | None = None,
) -> str:
    """The engine's name; for the native one, the core of its code is there afterwards.

    Without a wish (None) the reference engine stands in where there is no native code, and `tell` (standard error, if
    left out) is told so with the reason. Raises EngineError where the native engine was asked for and cannot be had.
    """
    if wanted not in (None, NATIVE):
        return wanted
    from ..isa.engine.native.building.code_cache import native_code

    try:
        native_code(description, progress, waits=False)
    except EngineError as error:
        if wanted is not None:
            raise
        (tell or _to_standard_error)(f"{error}; the reference engine runs the guest, some thousand times slower")
        return FALLBACK
    return NATIVE


def _to_standard_error(message: str) -> None:
    sys.stderr.write(f"trapline: {message}\n")
