"""The usual stencils of a description: made once, beside the guests that run meanwhile, by a process of its own."""

from __future__ import annotations

import functools
import hashlib
import os
from pathlib import Path

from ....cache_files import digest_of, files_in
from ....model.items import Description
from .beside import begin_beside


def begin_kit(description: Description, folder: Path) -> None:
    """Has a process of its own make the usual stencils, where there are none and nobody is at it.

    It takes some seconds at the lowest priority, and goes on when this process ends.
    """
    if os.uname().machine != "x86_64" or has_kit(folder):
        return

    def build() -> None:
        from .shelves import build_kit

        build_kit(description, folder)

    begin_beside(folder, lambda: has_kit(folder), build)


def has_kit(folder: Path) -> bool:
    """Whether a description's stencils are kept there."""
    return any(folder.glob("*.stencils"))


@functools.cache
def stencils_folder(cache: Path, native: str) -> Path:
    """Where the stencils are of a description with native code of the key `native`: looked up once in a process."""
    home = Path(__file__).resolve().parent.parent
    writers = digest_of("stencils", [path for room in ("copies", "stencils") for path in files_in(home / room, ".py")])
    return cache / f"stencils-{hashlib.sha256(f'{native} {writers}'.encode()).hexdigest()[:24]}"
