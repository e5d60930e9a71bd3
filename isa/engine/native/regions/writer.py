"""IR text of one guest block, written while its values are followed: labels are known, and places can be filled later."""

from __future__ import annotations

from collections.abc import Sequence

from ..text import FunctionText
from .modes import Modes
from .pieces import Piece
from .values import Before, Parts, Scalar, Value

Lines = list["str | Lines"]
_FEW = 4


class Writer(FunctionText):
    """Lines of a guest block. A nested list among them is a place that is filled later.

    `inputs` are the pieces that are to be loaded where the block begins, under these names; `assumed` those that were
    taken as constant.
    """

    def __init__(self, prefix: str, modes: Modes) -> None:
        """`prefix` keeps names apart from other blocks'."""
        super().__init__()
        self._prefix = prefix
        self._modes = modes
        self._lines: Lines = []  # type: ignore[assignment]
        self.label = f"{prefix}body"
        self.inputs: dict[Piece, str] = {}
        self.assumed: set[Piece] = set()

    def name(self) -> str:
        """See `FunctionText`."""
        self._names += 1
        return f"{self._prefix}{self._names}"

    def value(self, text: str) -> str:
        """See `FunctionText`; nothing where the block has ended."""
        return "0" if self.ended else super().value(text)

    def do(self, text: str) -> None:
        """See `FunctionText`; nothing where the block has ended."""
        if not self.ended:
            super().do(text)

    def block(self, name: str) -> None:
        """See `FunctionText`."""
        super().block(name)
        self.label = name

    def resume(self, label: str) -> None:
        """Goes on behind what was the end of a block, which is taken back."""
        self.ended = False
        self.label = label

    def hole(self) -> Lines:
        """A place for lines that are written later."""
        place: Lines = []
        self._lines.append(place)
        return place

    def is_last(self, hole: Lines) -> bool:
        """Whether nothing was written behind a hole."""
        return bool(self._lines) and self._lines[-1] is hole

    def mark(self) -> int:
        """A point that `cut` goes back to."""
        return len(self._lines)

    def cut(self, mark: int) -> None:
        """Forgets what was written since `mark`."""
        del self._lines[mark:]

    def lines(self) -> list[str]:
        """All lines, with holes filled."""
        return _flat(self._lines)

    # Values

    def before(self, piece: Piece, may_assume: bool) -> Scalar:
        """What a piece held when the block began; `may_assume`: as a constant, where that is so."""
        assumed = self._modes.value(piece) if may_assume else None
        if assumed is not None:
            self.assumed.add(piece)
            return assumed
        if piece not in self.inputs:
            self.inputs[piece] = f"%{self.name()}"
        return self.inputs[piece]

    def scalar(self, value: Value, width: int) -> Scalar:
        """A value as a number or one SSA value."""
        if not isinstance(value, Parts):
            return value
        whole: Scalar = 0
        low = 0
        # Many pieces read at once are not modes that somebody looks at: the register is copied, say.
        few = sum(isinstance(part, Before) for _, part in value.parts) <= _FEW
        for part_width, part in value.parts:
            found = self.before(part.piece, few) if isinstance(part, Before) else part
            whole = self._placed(whole, found, low, part_width, width)
            low += part_width
        return whole

    def _placed(self, whole: Scalar, part: Scalar, low: int, part_width: int, width: int) -> Scalar:
        if isinstance(part, int):
            part <<= low
        else:
            if part_width != width:
                part = self.value(f"zext i{part_width} {part} to i{width}")
            if low:
                part = self.value(f"shl i{width} {part}, {low}")
        if whole == 0:
            return part
        if part == 0:
            return whole
        if isinstance(whole, int) and isinstance(part, int):
            return whole | part
        return self.value(f"or i{width} {part}, {whole}")

    def scalar_in(self, hole: Lines, value: Value, width: int) -> Scalar:
        """The same, computed at an earlier place."""
        if not isinstance(value, Parts):
            return value
        lines, ended = self._lines, self.ended
        self._lines, self.ended = hole, False  # type: ignore[assignment]
        found = self.scalar(value, width)
        self._lines, self.ended = lines, ended
        return found

    def phi(self, width: int, arms: Sequence[tuple[Scalar, str]]) -> Scalar:
        """One value of several, by the label that is come from."""
        first = arms[0][0]
        if all(value == first for value, _ in arms):
            return first
        return self.value(f"phi i{width} " + ", ".join(f"[{value}, %{label}]" for value, label in arms))


def _flat(lines: Lines) -> list[str]:
    found: list[str] = []
    for line in lines:
        if isinstance(line, str):
            found.append(line)
        else:
            found += _flat(line)
    return found
