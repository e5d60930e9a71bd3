"""The engine that runs native code: its tables kept in step with Python's, and what native code asks of it."""

from __future__ import annotations

from .engine import NativeEngine

__all__ = ["NativeEngine"]
