"""IR text of one guest block, written while its values are followed: places in it can be filled later."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from ..text import FunctionText
from .modes import Modes
from .pieces import Piece
from .values import Before, Deferred, Later, Part, Parts, Scalar, Value

Lines = list["str | Lines"]
_FEW = 4


class Writer(FunctionText):
    """Lines of a guest block. A nested list among them is a place that is filled later.

    `inputs` are the pieces that are to be loaded where the block begins, under these names; `assumed` those that were
    taken as constant. `sites` are the memories of accesses: see `accesses`; `loaded` are values that come from memory.
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
        self.sites: set[str] = set()
        self.loaded: set[Scalar] = set()
        self._origins: dict[Scalar, Piece] = {}
        self._made: dict[Deferred, tuple[str, Scalar]] = {}

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
        self._made.clear()

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
            self._origins[self.inputs[piece]] = piece
        return self.inputs[piece]

    def resolved(self, part: Part) -> Scalar:
        """A part as a number or one SSA value."""
        if isinstance(part, Before):
            return self.before(part.piece, True)
        return self.made(part) if isinstance(part, Later) else part

    def made(self, part: Later) -> Scalar:
        """The bits of a deferred value, computed here unless that has been done in this very block."""
        deferred = part.deferred
        label, whole = self._made.get(deferred, ("", 0))
        if label != self.label:
            whole = deferred.recipe.write(self, deferred.operands)
            self._made[deferred] = self.label, whole
        return part.of(self, whole)

    def derive(self, value: Scalar | Later, *sources: Scalar | Piece) -> None:
        """Remembers the register that an address was computed from: the first that one of its sources comes from."""
        if not isinstance(value, str):
            return
        if any(source in self.loaded for source in sources):
            self.loaded.add(value)
        for source in sources:
            origin = source if isinstance(source, Piece) else self._origins.get(source)
            if origin is not None:
                self._origins.setdefault(value, origin)
                return

    def site(self, kind: str, address: Scalar) -> str:
        """The memory for accesses at addresses computed from the same register as this one, or for this one alone."""
        origin = self._origins.get(address)
        name = f"{kind}.{self.name()}" if origin is None else site_name(kind, origin)
        self.sites.add(name)
        return f'%"{name}'

    def scalar(self, value: Value, width: int) -> Scalar:
        """A value as a number or one SSA value."""
        if not isinstance(value, Parts):
            return value
        whole: Scalar = 0
        low = 0
        # Many pieces read at once are not modes that somebody looks at: the register is copied, say.
        few = sum(isinstance(part, Before) for _, part in value.parts) <= _FEW
        for part_width, part in value.parts:
            found = self.before(part.piece, few) if isinstance(part, Before) else self.resolved(part)
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

    def scalar_in(self, hole: Lines, value: Value | Later, width: int) -> Scalar:
        """The same, computed at an earlier place."""
        if isinstance(value, Later):
            value = Parts(((width, value),))
        if not isinstance(value, Parts):
            return value
        with self.at(hole):
            return self.scalar(value, width)

    @contextmanager
    def at(self, hole: Lines) -> Iterator[None]:
        """What is written inside stands at an earlier place."""
        # The hole is in another block than the present one, and so is what has been made in either.
        lines, ended, made = self._lines, self.ended, self._made
        self._lines, self.ended, self._made = hole, False, {}
        try:
            yield
        finally:
            self._lines, self.ended, self._made = lines, ended, made

    def phi(self, width: int, arms: Sequence[tuple[Scalar, str]]) -> Scalar:
        """One value of several, by the label that is come from."""
        first = arms[0][0]
        if all(value == first for value, _ in arms):
            return first
        return self.value(f"phi i{width} " + ", ".join(f"[{value}, %{label}]" for value, label in arms))


def site_name(kind: str, origin: Piece) -> str:
    """The site of accesses (`load` or `store`) through a register."""
    return f"{kind}.{origin.register}.{origin.element}"


def _flat(lines: Lines) -> list[str]:
    found: list[str] = []
    for line in lines:
        if isinstance(line, str):
            found.append(line)
        else:
            found += _flat(line)
    return found
