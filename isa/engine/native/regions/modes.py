"""Pieces of registers that a region takes as constant: what selects modes hardly ever changes, and folds much away.

A region checks its modes where it is entered, and every way around inside it must leave them as they are.
"""

from __future__ import annotations

from collections.abc import Callable

from .pieces import Piece, Pieces


class Modes:
    """The modes of one region. `volatile` are pieces that have changed where they were taken as this constant:
    a flag that stays set once it is, say, is a mode from then on."""

    def __init__(self, pieces: Pieces, read: Callable[[str, int], int], volatile: set[tuple[Piece, int]]) -> None:
        """`read` gives the present value of a register's element."""
        self._pieces = pieces
        self._read = read
        self._volatile = volatile
        self.assumed: dict[Piece, int] = {}

    def value(self, piece: Piece) -> int | None:
        """The constant that a piece is taken as, if it is."""
        found = self.assumed.get(piece)
        if found is None and self._pieces.may_be_mode(piece):
            present = self._read(piece.register, piece.element) >> piece.low & (1 << piece.width) - 1
            if (piece, present) not in self._volatile:
                found = self.assumed[piece] = present
        return found
