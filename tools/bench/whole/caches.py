"""Cache directories for whole processes: what a first run finds there, and what a second one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from ....isa.cache_files import cache_directory
from ....isa.engine.native.tier import wait_beside

_PATIENCE = 300.0
"""Seconds that stencils may take, which are made beside the first guest."""


class Cache:
    """A cache of the bench's own, so that nothing of the user's is measured or lost.

    It starts with what the user's cache has of descriptions and native code, and is completed by `prepare`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700)
        own = cache_directory()
        if own.is_dir():
            wait_beside(own, _PATIENCE)
            for path in own.iterdir():
                if path.is_file():
                    shutil.copy2(path, folder / path.name)
                elif path.name.startswith("stencils-"):
                    shutil.copytree(path, folder / path.name)
        self._known: frozenset[Path] = frozenset()

    @property
    def environment(self) -> dict[str, str]:
        """For the processes that use it."""
        # Whoever forgoes what is compiled behind a run's end would measure two first runs.
        others = {name: value for name, value in os.environ.items() if name != "TRAPLINE_LATER"}
        return {**others, "TRAPLINE_CACHE": str(self.folder)}

    def prepare(self, run: Callable[[], object]) -> None:
        """Runs something once, so that all that a description needs is there; `forget` goes back to this."""
        run()
        wait_beside(self.folder, _PATIENCE)
        self._known = frozenset(self._files())

    def forget(self) -> None:
        """Removes what guests left there: their compiled regions, and stencils that only they needed."""
        for path in self._files():
            if path not in self._known:
                path.unlink()

    def _files(self) -> list[Path]:
        return [path for path in self.folder.rglob("*") if path.is_file()]
