"""How long a test waits for a process before it says that it hangs; no claim about speed."""

from __future__ import annotations

from typing import Final

HANGS: Final = 240
"""Seconds: native code may be made in them, on a machine with ten other things to do."""
