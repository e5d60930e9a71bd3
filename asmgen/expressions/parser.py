"""Reads expressions out of operand text.

`ExpressionReader.read(text, position)` returns the tree and where it ends, so that operand templates
(`SI(RA)`) can go on from there.  Precedence from the GNU as manual, "Infix Operators".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from ..text.arguments import unquoted
from ..text.diagnostics import SourceError, did_you_mean
from ..text.strings import ESCAPES
from .modifiers import BRACKETED, PARTS, RELOCATED
from .tree import Binary, Expression, Here, Number, Part, PartRule, SymbolRef, Unary
from .values import combine

MAX_DEPTH = 100
"""Nesting of parentheses and unary operators."""

_PRECEDENCE = {
    "||": 1,
    "&&": 2,
    "==": 3, "!=": 3, "<>": 3, "<": 3, ">": 3, "<=": 3, ">=": 3,
    "+": 4, "-": 4,
    "|": 5, "&": 5, "^": 5, "!": 5,
    "*": 6, "/": 6, "%": 6, "<<": 6, ">>": 6,
}  # fmt: skip
_OPERATOR = re.compile(r"\s*(\|\||&&|==|!=|<>|<<|>>|<=|>=|!(?!=)|[-+|&^*/%<>])")
_ATOM = re.compile(
    r"\s*(?:"
    r"(?P<local>\d+)(?P<direction>[bf])(?![\w])"
    r"|(?:0[xX](?P<hex>[0-9a-fA-F_]*[0-9a-fA-F])|0[bB](?P<bin>[01_]*[01])|(?P<dec>\d+))[uU]?[lL]*(?!\w)"
    r"|(?P<name>[^\x00-#%-\-/-@\[-^`{-\x7f][\w.$]*)"
    r'|"(?P<quoted>(?:\\.|[^"\\])+)"'
    r"|'(?P<char>\\.|[^\\])'?"
    r"|:(?P<prefix>[A-Za-z0-9_]+):"
    r"|%(?P<described>[A-Za-z_]\w*)(?=\s*\()"
    r"|(?P<mark>[-+~!(])"
    r")"
)
_SUFFIX = re.compile(r"\s*@\s*(?P<at>[A-Za-z0-9_]+(?:@[A-Za-z0-9_]+)*)|\((?P<bracketed>[A-Za-z0-9_]+)\)")
_MORE = re.compile(r"\s*([-+])")

LocalLabel = Callable[[int, str], Expression]
NamedValue = Callable[[str, int], Expression]


class ExpressionReader:
    """Reads expressions; names and numeric labels are resolved by the two callables given."""

    def __init__(
        self, named: NamedValue | None = None, local_label: LocalLabel | None = None,
        parts: Mapping[str, PartRule] | None = None
    ) -> None:
        """`parts` are those that the description names (`%hi(symbol)`)."""
        self.named: NamedValue = named or SymbolRef
        self._local_label = local_label
        self._parts = parts or {}

    def with_names(self, named: NamedValue) -> ExpressionReader:
        """A reader that differs in what names become."""
        return ExpressionReader(named, self._local_label, self._parts)

    def read(self, text: str, position: int = 0) -> tuple[Expression, int]:
        """The longest expression at `position` and the position after it.

        Raises SourceError with the offset of what cannot be read.
        """
        return self._modified(text, position, 0)

    def read_all(self, text: str, position: int = 0) -> Expression:
        """The expression that fills the rest of `text`; raises SourceError if something follows it."""
        tree, end = self.read(text, position)
        if text[end:].strip():
            junk = len(text) - len(text[end:].lstrip())
            raise SourceError(f"'{text[junk:].strip()}' does not belong to this expression", junk)
        return tree

    def _modified(self, text: str, position: int, depth: int) -> tuple[Expression, int]:
        """An expression and the modifier behind it, which takes all of it: `x+4@ha` as well as `x@ha+4`."""
        tree, end = self._infix(text, position, 1, depth)
        hit = _SUFFIX.match(text, end)
        if hit is None:
            return tree, end
        part = self._suffix_part(hit)
        if part is None:
            return tree, end
        end = hit.end()
        while (more := _MORE.match(text, end)) is not None:
            right, end = self._infix(text, more.end(), _PRECEDENCE["+"] + 1, depth)
            tree = binary(more.group(1), tree, right)
        again = _SUFFIX.match(text, end)
        if again is not None and again["at"] is not None:
            raise SourceError("one expression has one modifier, which takes all of it", again.start("at"),
                              "take the parts of two values in two statements, or with .set")
        return Part(part, tree), end

    def _infix(self, text: str, position: int, minimum: int, depth: int) -> tuple[Expression, int]:
        left, position = self._unary(text, position, depth)
        while (hit := _OPERATOR.match(text, position)) is not None:
            operator = hit.group(1)
            rank = _PRECEDENCE[operator]
            if rank < minimum:
                break
            right, position = self._infix(text, hit.end(), rank + 1, depth)
            left = binary("!=" if operator == "<>" else operator, left, right)
        return left, position

    def _unary(self, text: str, position: int, depth: int) -> tuple[Expression, int]:
        if depth > MAX_DEPTH:
            raise SourceError(f"the expression nests deeper than {MAX_DEPTH}", position, "use .set for parts")
        hit = _ATOM.match(text, position)
        if hit is None:
            start = position + len(text[position:]) - len(text[position:].lstrip())
            found = f"found '{text[start:start + 12].strip()}'" if text[start:].strip() else "found nothing"
            raise SourceError(f"expected a value, {found}", min(start, len(text)))
        end = hit.end()
        mark = hit["mark"]
        if mark == "(":
            inner, end = self._modified(text, end, depth + 1)
            close = len(text) - len(text[end:].lstrip())
            if text[close : close + 1] != ")":
                raise SourceError("expected ')' to close this parenthesis", hit.start("mark"))
            return inner, close + 1
        if mark is not None:
            operand, end = self._unary(text, end, depth + 1)
            if mark == "+":
                return operand, end
            if mark == "-" and isinstance(operand, Number):
                return Number(-operand.value), end
            if mark == "~" and isinstance(operand, Number):
                return Number(~operand.value), end
            return Unary(mark, operand), end
        if hit["prefix"] is not None:
            part = self._part(hit["prefix"], hit.start("prefix"))
            operand, end = self._infix(text, end, 1, depth + 1)
            return Part(part, operand), end
        if hit["described"] is not None:
            name = hit["described"].lower()
            if name not in self._parts:
                hint = did_you_mean(name, self._parts) if self._parts else "this architecture has no such parts"
                raise SourceError(f"'%{hit['described']}' is not a part of a value", hit.start("described"), hint)
            operand, end = self._unary(text, end, depth + 1)
            return Part(f"%{name}", operand, self._parts[name]), end
        return self._atom(hit), end

    def _atom(self, hit: re.Match[str]) -> Expression:
        name = hit["name"]
        if name is not None:
            # `$` is the present place as well: GNU as for Power reads it so.
            return Here() if name in (".", "$") else self.named(name, hit.start("name"))
        if hit["quoted"] is not None:
            return self.named(unquoted(f'"{hit["quoted"]}"'), hit.start("quoted"))
        if hit["dec"] is not None:
            digits: str = hit["dec"]
            if len(digits) > 100:
                raise SourceError("this number has more than 100 digits", hit.start("dec"))
            if len(digits) > 1 and digits[0] == "0":
                if set(digits) - set("01234567"):
                    raise SourceError(f"'{digits}' is not an octal number", hit.start("dec"),
                                      "a leading 0 makes a number octal: leave it out")
                return Number(int(digits, 8))
            return Number(int(digits))
        if hit["hex"] is not None:
            return Number(int(hit["hex"].replace("_", ""), 16))
        if hit["bin"] is not None:
            return Number(int(hit["bin"].replace("_", ""), 2))
        if hit["char"] is not None:
            char: str = hit["char"]
            if len(char) == 2:
                return Number(ESCAPES.get(char[1], ord(char[1])))
            return Number(ord(char))
        if self._local_label is None:
            raise SourceError("numeric labels cannot be used here", hit.start("local"))
        if len(hit["local"]) > 9:
            raise SourceError("a numeric label has at most 9 digits", hit.start("local"))
        return self._local_label(int(hit["local"]), hit["direction"])

    def _suffix_part(self, hit: re.Match[str]) -> str | None:
        """The modifier that stands behind an expression; None if the brackets hold something else."""
        bracketed = hit["bracketed"]
        if bracketed is not None:
            return bracketed.lower() if bracketed.lower() in BRACKETED else None
        return self._part(hit["at"], hit.start("at"))

    @staticmethod
    def _part(name: str, offset: int) -> str:
        lower = name.lower()
        if lower not in PARTS and lower not in RELOCATED:
            raise SourceError(f"'{name}' is not a part of a value", offset, did_you_mean(name, [*PARTS, *RELOCATED]))
        return lower


def binary(operator: str, left: Expression, right: Expression) -> Expression:
    """`left operator right`, folded where both are numbers and the result is one."""
    if isinstance(left, Number) and isinstance(right, Number):
        try:
            value = combine(operator, left.value, right.value)
        except SourceError:
            return Binary(operator, left, right)
        if isinstance(value, int):
            return Number(value)
    return Binary(operator, left, right)
