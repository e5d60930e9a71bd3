"""Instructions that have a relative part of a value (`%pcrel_hi(symbol)`), found by their address.

Another instruction takes the rest of the same distance by naming the place of the first (`%pcrel_lo(label)`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from msgspec import Struct

from ..text.diagnostics import SourceError
from .tree import Expression, Part, PartRule


class DescribedPart(Struct, frozen=True):
    """What takes a part of a value; whether it is of the distance from the instruction (`is_relative`), or of that of
    another instruction, which has the relative part `of`."""

    compute: Callable[[int], int]
    is_relative: bool
    of: str


class Placed(Protocol):
    """An instruction in a section."""

    offset: int


class Holder(Protocol):
    """A section."""

    address: int | None


class Anchors:
    """What is known of such instructions; `note` is told of each as it is assembled."""

    def __init__(self) -> None:
        self._noted: list[tuple[Holder, Placed, Part]] = []
        self._places: dict[int, Part] = {}
        self._seen: tuple[int, ...] = ()

    def rules(self, parts: Mapping[str, DescribedPart]) -> dict[str, PartRule]:
        """The parts of a description, as expressions have them."""
        return {
            name: PartRule(one.compute, one.is_relative, self._finder(name, one.of) if one.of else None)
            for name, one in parts.items()
        }

    def note(self, section: Holder, code: Placed, expressions: Iterable[Expression]) -> None:
        """An instruction has been assembled that waits for these values."""
        for one in expressions:
            if isinstance(one, Part) and one.rule is not None and one.rule.is_relative:
                self._noted.append((section, code, one))

    def _finder(self, name: str, of: str) -> _Finder:
        return _Finder(self, name, of)

    def find(self, address: int, name: str, of: str) -> Expression:
        """What the instruction at an address has the relative part `of` of.  Raises SourceError if it has none."""
        # Instructions move while lengths are found out: the last of them tells whether any has.
        places = tuple((section.address or 0) + code.offset for section, code, _ in self._noted)
        if places != self._seen:
            self._seen = places
            self._places = {place: part for place, (_, _, part) in zip(places, self._noted, strict=True)}
        found = self._places.get(address)
        if found is None or found.part != f"%{of}":
            raise SourceError(f"no instruction with %{of}(…) stands at the place that %{name} names ({address:#x})", 0,
                              f"put a label in front of that instruction, and write %{name}(LABEL)")
        return found.operand


class _Finder:
    """`Anchors.find` for one part."""

    def __init__(self, anchors: Anchors, name: str, of: str) -> None:
        self._anchors, self._name, self._of = anchors, name, of

    def __call__(self, address: int) -> Expression:
        return self._anchors.find(address, self._name, self._of)
