"""From IR to code in this process: modules, shards, processes that compile, and the cache."""

from __future__ import annotations

from .code_cache import NativeCode, native_code
from .compiler import LoadedObject, host_has_fma, llvm, new_linker
from .image import LoadedImage
from .linking import CannotLinkError, ObjectFile
from .small_modules import small_module

__all__ = [
    "CannotLinkError",
    "LoadedImage",
    "LoadedObject",
    "NativeCode",
    "ObjectFile",
    "host_has_fma",
    "llvm",
    "native_code",
    "new_linker",
    "small_module",
]
