"""Modules of a few instructions, which are made while a guest waits for them."""

from __future__ import annotations

from .compiler import Effort, compile_object
from .image import LoadedImage
from .linking import link


def small_module(text: str) -> LoadedImage:
    """A module's text compiled, with little effort, and loaded. Raises EngineError without a compiler, and
    CannotLinkError."""
    return LoadedImage(link([compile_object(text, Effort.LITTLE)]))
