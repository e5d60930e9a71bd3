"""What kvm-unit-tests leaves to a shell in its unittests.cfg, without a shell: variables, arithmetic, few commands."""

from __future__ import annotations

import ast
import operator
import re
import shlex
from collections.abc import Callable, Mapping
from typing import Final

_OPERATORS: Final[dict[type, Callable[[int, int], int]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Div: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_ARITHMETIC: Final = re.compile(r"\$\(\((.*?)\)\)(?!\))")
_COMMAND: Final = re.compile(r"\$\(([^()]*)\)|`([^`]*)`")
_VARIABLE: Final = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_DATE: Final = re.compile(r"date(?:\s+(?:--date|-d)[= ]?(?:\"([^\"]*)\"|'([^']*)'|(\S+)))?\s+\+%s")
_CHOICE: Final = re.compile(r"^(.*?)\?(.*):(.*)$")


class NotUnderstoodError(Exception):
    """A text that only a shell could expand; it says which."""


def expanded(text: str, variables: Mapping[str, str], now: int) -> str:
    """The text with everything replaced that begins with $ or stands in backticks.  Raises NotUnderstoodError.

    `now` is the time of `date +%s`: the guest's, in seconds since 1970, when it begins.
    """

    def arithmetic(found: re.Match[str]) -> str:
        return str(_number(_VARIABLE.sub(variable, found[1])))

    def command(found: re.Match[str]) -> str:
        words = (found[1] if found[1] is not None else found[2]).strip()
        if words in ("getconf _NPROCESSORS_CONF", "nproc"):
            return variables["MAX_SMP"]
        if (date := _DATE.fullmatch(words)) is not None:
            given = next((one for one in date.groups() if one is not None), None)
            return str(now if given is None else _seconds(given))
        raise NotUnderstoodError(f"$({words})")

    def variable(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        if name not in variables:
            raise NotUnderstoodError(f"${name}")
        return variables[name]

    return _VARIABLE.sub(variable, _COMMAND.sub(command, _ARITHMETIC.sub(arithmetic, text)))


def words_of(text: str) -> list[str]:
    """As a shell splits it.  Raises NotUnderstoodError."""
    try:
        return shlex.split(text)
    except ValueError as error:
        raise NotUnderstoodError(f"{text} ({error})") from error


def _number(text: str) -> int:
    """The shell's arithmetic, as far as such files use it: C's operators on numbers, and ?:."""
    text = text.strip()
    while text.startswith("(") and text.endswith(")") and _closes_at_end(text):
        text = text[1:-1].strip()
    if (choice := _CHOICE.match(text)) is not None:
        return _number(choice[2] if _number(choice[1]) else choice[3])
    try:
        return _value(ast.parse(text, mode="eval").body)
    except (SyntaxError, ZeroDivisionError, RecursionError) as error:
        raise NotUnderstoodError(f"$(({text}))") from error


def _closes_at_end(text: str) -> bool:
    depth = 0
    for at, one in enumerate(text):
        depth += (one == "(") - (one == ")")
        if depth == 0:
            return at == len(text) - 1
    return False


def _value(node: ast.expr) -> int:
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](_value(node.left), _value(node.right))
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _OPERATORS:
        return int(_OPERATORS[type(node.ops[0])](_value(node.left), _value(node.comparators[0])))
    raise NotUnderstoodError(f"$(({ast.unparse(node)}))")


def _seconds(text: str) -> int:
    """Seconds since 1970 of a date in UTC."""
    from datetime import UTC, datetime

    plain = text.strip().removesuffix("UTC").strip()
    try:
        return int(datetime.fromisoformat(plain).replace(tzinfo=UTC).timestamp())
    except ValueError as error:
        raise NotUnderstoodError(f"date {text}") from error
