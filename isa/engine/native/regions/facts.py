"""What has been shown of floating-point values on the way to the present place, and what follows for tests of them.

A built-in that the host's instructions compute has had its operands and its result looked at; descriptions then ask
again whether they are NaNs, by comparing their exponent and fraction. What has been computed is not computed again, and
a single that was made a double is still known as a single.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..floats import FORMATS, Quick
from .values import Scalar, Value

_NARROWING = Quick("fp_convert", 64, 32)
_WIDENING = Quick("fp_convert", 32, 64)
_EXPONENT, _FRACTION = "exponent", "fraction"


@dataclass(slots=True)
class Facts:
    """`finite` values are no infinities and no NaNs, `ordered` ones no NaNs."""

    finite: set[Scalar] = field(default_factory=set)
    ordered: set[Scalar] = field(default_factory=set)
    _results: dict[tuple[Quick, tuple[Scalar, ...], str], list[Value]] = field(default_factory=dict)
    _singles: dict[Scalar, Value] = field(default_factory=dict)
    """Singles by the doubles that they were made."""
    _fields: dict[Scalar, tuple[str, Scalar]] = field(default_factory=dict)
    """Values that are a field of another."""
    _tests: dict[Scalar, tuple[str, Scalar]] = field(default_factory=dict)
    """Conditions: that an exponent is all ones, that a fraction is not zero."""

    def copy(self) -> Facts:
        """For a way that may show more."""
        return Facts(
            set(self.finite), set(self.ordered), dict(self._results), dict(self._singles), self._fields, self._tests
        )

    def computed(self, quick: Quick, operands: Sequence[Scalar], rounding: str) -> list[Value] | None:
        """The results of a built-in, where they are known."""
        if quick == _NARROWING and operands[0] in self._singles:
            return [self._singles[operands[0]], 0]
        return self._results.get((quick, tuple(operands), rounding))

    def note_result(self, quick: Quick, operands: Sequence[Scalar], rounding: str, found: list[Value]) -> None:
        """Remembers what the host's instructions have computed."""
        self._results[quick, tuple(operands), rounding] = found
        result = found[0]
        assert isinstance(result, str)
        if quick == _WIDENING:
            self._singles[result] = operands[0]
        if quick.name == "fp_compare":
            self.ordered.update(operands)
        elif quick.takes_floats:
            self.finite.update(operands)
        if quick.makes_float:
            self.finite.add(result)

    def note_slice(self, cut: Scalar, value: Scalar, width: int, low: int, to: int) -> None:
        """`cut` are `to` bits from `low` of a value of `width` bits."""
        form = FORMATS.get(width)
        if form is None or not isinstance(cut, str):
            return
        if low == form.fraction and to == width - 1 - form.fraction:
            self._fields[cut] = _EXPONENT, value
        elif low == 0 and to == form.fraction:
            self._fields[cut] = _FRACTION, value

    def decided(self, operator: str, left: Scalar, right: Scalar, width: int) -> int | None:
        """The result of an operator, where it is known."""
        if operator in ("&", "&&"):
            first, second = self._tests.get(left), self._tests.get(right)
            is_nan = first is not None and second is not None and first[1] == second[1] and first[0] != second[0]
            return 0 if is_nan and first is not None and first[1] in self.ordered | self.finite else None
        if operator in ("==", "!=") and right == (1 << width) - 1:
            kind, value = self._fields.get(left, ("", 0))
            if kind == _EXPONENT and value in self.finite:
                return int(operator == "!=")
        return None

    def note_test(self, result: Scalar, operator: str, left: Scalar, right: Scalar, width: int) -> None:
        """Remembers a condition that looks at a field."""
        kind, value = self._fields.get(left, ("", 0))
        if (operator, kind, right) in (("==", _EXPONENT, (1 << width) - 1), ("!=", _FRACTION, 0)):
            self._tests[result] = kind, value
