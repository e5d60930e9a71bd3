"""Making parts of native code: IR, objects, an image, a file."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from ....model.items import Description
from ...errors import EngineError
from .compiler import compile_object, host_has_fma
from .ir_modules import defined
from .linking import CannotLinkError, Image, link
from .part_files import PartFile, write
from .part_texts import PartText, PartTexts
from .parts import Planner
from .plans import Plan


class Maker:
    """Makes the parts of one description, in any order."""

    def __init__(self, description: Description, plan: Plan, paths: Sequence[Path], covering: bool) -> None:
        """`paths`: where parts are put, by number."""
        self._description = description
        self._plan = plan
        self._paths = paths
        self._covering = covering

    @cached_property
    def _texts(self) -> PartTexts:
        planner = Planner(self._description, "")
        return PartTexts(self._description, planner, host_has_fma(), self._covering)

    def make(self, number: int) -> None:
        """Makes a part. Raises EngineError where LLVM rejects its code, or it cannot be written."""
        text = self._texts.text(number, self._plan[number])
        objects = tuple(compile_object(module, effort) for module, effort in text.modules)
        image = _image(objects)
        made = PartFile(text.operations, text.lines, image)
        if image is None:
            made = PartFile(text.operations, text.lines, None, _symbols(text), objects=objects)
        if not write(self._paths[number], made):
            raise EngineError(f"native code cannot be kept in {self._paths[number].parent}", hint="--engine reference")


def _symbols(text: PartText) -> tuple[str, ...]:
    """What modules define and others may refer to: all functions, and data."""
    return tuple(name for module, _ in text.modules for name in defined(module))


def _image(objects: Sequence[bytes]) -> Image | None:
    try:
        return link(objects)
    except CannotLinkError:
        return None  # another processor: LLVM links at each start
