"""Where suites that were built, and others' that were read, are kept."""

from __future__ import annotations

from pathlib import Path

from ...isa.cache_files import cache_directory


def suites_directory() -> Path:
    """A folder of the cache."""
    return cache_directory() / "suites"
