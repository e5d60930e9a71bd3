"""A trap to Hyp mode, taken apart."""

from __future__ import annotations

from typing import NamedTuple


class Trap(NamedTuple):
    """HSR, taken apart. `name` is what statistics and events call it."""

    name: str
    hsr: int
    exception_class: int
    iss: int
    length: int
    """Bytes of the instruction."""

    def __str__(self) -> str:
        return f"trap '{self.name}' (HSR {self.hsr:#x}, class {self.exception_class:#x})"
