"""What `match` compares: its subject, its arms' ranges, and whether they cover all that there is."""

from __future__ import annotations

from ...model import code
from .. import tree
from ..names.types import MAX_WIDTH, Type, fits, wrap
from .places import PlaceLowering


class MatchLowering(PlaceLowering):
    """Patterns to ranges, and arms to a switch."""

    def _subject(self, match: tree.MatchOf) -> tuple[code.Expression, Type]:
        value = self.lower(match.subject)
        if value.literal is not None:
            # A number, a family's or a compile-time parameter: its arms are chosen now, so no width is missing.
            return code.Const(wrap(value.literal, MAX_WIDTH), MAX_WIDTH), Type(MAX_WIDTH)
        subject = self.scalar(value, None, match.subject.span)
        return subject, value.types[0]

    def _bounds(self, pattern: tree.Pattern, type_: Type) -> tuple[int, int]:
        top = (1 << type_.width) - 1
        if pattern.first is not None and pattern.last is not None:
            for bound in (pattern.first, pattern.last):
                if not fits(bound, type_.width):
                    raise self.env.error("width", f"{bound} does not fit {type_}, which is matched here", pattern.span)
            return wrap(pattern.first, type_.width), wrap(pattern.last, type_.width)
        if pattern.name == "_" and not pattern.member:
            return 0, top
        number: int | None
        if pattern.member:
            value = self.lower_member(tree.Member(pattern.span, tree.Name(pattern.span, pattern.name), pattern.member))
            number = self.constant(value)
        elif type_.name in self.env.enums and pattern.name in self.env.enums[type_.name].members:
            number = self.env.enums[type_.name].members[pattern.name]
        elif pattern.name in self.env.constants:
            number = self.env.constants[pattern.name].value
        else:
            known = [*self.env.constants, *(self.env.enums[type_.name].members if type_.name in self.env.enums else ())]
            raise self.env.unknown("constant", pattern.name, pattern.span, known)
        if number is None or not fits(number, type_.width):
            raise self.env.error("width", f"'{pattern.name}' does not fit {type_}, which is matched here", pattern.span)
        return number, number

    def _ranges(self, match: tree.MatchOf, type_: Type, exhaustive: bool) -> list[tuple[tuple[int, int], ...]]:
        covered: list[tuple[int, int]] = []
        result = []
        for arm in match.arms:
            ranges = tuple(self._bounds(pattern, type_) for pattern in arm.patterns)
            for (first, last), pattern in zip(ranges, arm.patterns, strict=True):
                if first > last:
                    raise self.env.error("range", "this range is empty", pattern.span)
                if _inside(first, last, covered):
                    raise self.env.error("unreachable", "an earlier arm matches all of this", pattern.span)
            covered = _join([*covered, *ranges])
            result.append(ranges)
        if exhaustive and covered != [(0, (1 << type_.width) - 1)]:
            missing = covered[0][1] + 1 if covered and covered[0][0] == 0 else 0
            raise self.env.error(
                "exhaustive",
                f"this match gives a value, but has none for {missing:#x} (of {type_})",
                match.span,
                "add an arm `_ => …`",
            )
        return result

    def _covers(self, arm: tree.Arm, value: int, type_: Type) -> bool:
        return any(first <= value <= last for first, last in (self._bounds(pattern, type_) for pattern in arm.patterns))

    def _chosen(self, match: tree.MatchOf, value: int, type_: Type) -> tree.Block:
        self._ranges(match, type_, exhaustive=True)
        return next(arm.body for arm in match.arms if self._covers(arm, value, type_))

    def _switch(
        self,
        subject: code.Expression,
        ranges: list[tuple[tuple[int, int], ...]],
        bodies: list[tuple[code.Statement, ...]],
        last_is_default: bool,
    ) -> None:
        whole = (0, (1 << subject.width) - 1)
        default: tuple[code.Statement, ...] = ()
        if ranges and (last_is_default or whole in ranges[-1]):
            default = bodies.pop()
            ranges = ranges[:-1]
        cases = tuple(code.SwitchCase(own, body) for own, body in zip(ranges, bodies, strict=True))
        self.emit(code.Switch(self.line, subject, cases, default))



def _join(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined


def _inside(first: int, last: int, covered: list[tuple[int, int]]) -> bool:
    return any(low <= first and last <= high for low, high in covered)
