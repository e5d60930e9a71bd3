"""Macros: definitions, calls and the substitution of arguments.  Source: GNU as manual, ".macro"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

from ..text.arguments import unquoted
from ..text.diagnostics import AT_WORD, Place, SourceError, did_you_mean
from ..text.source import CommentSyntax, SourceLine, Statement, parse_statement, split_line
from .macro_arguments import Number, keyword_at, one_argument, skip_comma

_PARAMETER = re.compile(r"\s*,?\s*([A-Za-z_$][\w$]*)(?::(req|vararg))?\s*(=\s*(\"[^\"]*\"|[^\s,]*))?")
_REFERENCE = re.compile(r"\\(\(\)|@|[A-Za-z_$][\w.$]*)")
_LOCAL = re.compile(r"\s*local\s+(.*)$", re.IGNORECASE)
_ALTERNATE = re.compile(r'"(?:\\.|[^"\\])*"|(?:&|(?<![\w.$\\]))(?P<name>[A-Za-z_$][\w$]*)(?:&(?![A-Za-z_$]))?')


MAX_LINE = 1 << 20
"""Characters of a statement that comes out of a macro."""


class Parameter(Struct, frozen=True):
    """A parameter of a macro; `default` is used when the call leaves it out."""

    name: str
    default: str = ""
    required: bool = False
    variadic: bool = False


class Macro(Struct, frozen=True):
    """A macro: its body is kept as statements and parsed anew with each call's arguments."""

    name: str
    parameters: tuple[Parameter, ...]
    body: tuple[Statement, ...]
    place: Place


def parse_macro_head(statement: Statement) -> tuple[str, tuple[Parameter, ...]]:
    """Name and parameters of a `.macro` statement.  Raises SourceError."""
    text = statement.rest
    name = re.match(r"([^\x00-#%-\-/-@\[-^`{-\x7f][\w.$]*)\s*,?\s*", text)
    if name is None:
        raise SourceError("expected the name of the macro", 0, "write .macro NAME PARAMETERS")
    parameters: list[Parameter] = []
    position = name.end()
    if text[position : position + 1] == "(" and text.rstrip().endswith(")"):
        text, position = text.rstrip()[:-1], position + 1
    while text[position:].strip():
        hit = _PARAMETER.match(text, position)
        if hit is None:
            raise SourceError(f"cannot read '{text[position:].strip()}' as a parameter", position,
                              "a parameter is NAME, NAME=DEFAULT, NAME:req or NAME:vararg")
        if any(p.name == hit.group(1) for p in parameters):
            raise SourceError(f"two parameters are called '{hit.group(1)}'", hit.start(1))
        if parameters and parameters[-1].variadic:
            raise SourceError("a :vararg parameter must be the last one", hit.start(1))
        default = unquoted(hit.group(4) or "")
        parameters.append(
            Parameter(hit.group(1), default, hit.group(2) == "req", hit.group(2) == "vararg")
        )
        position = hit.end()
    return name.group(1), tuple(parameters)


def bind_arguments(macro: Macro, text: str, number: Number | None = None) -> dict[str, str]:
    """The text of each parameter in a call with the (scrubbed) operands `text`; `number` where `.altmacro` holds.

    Raises SourceError for one too many or missing.
    """
    values: dict[str, str] = {}
    names = [p.name for p in macro.parameters]
    next_free, position = 0, 0
    while position < len(text):
        keyword = keyword_at(text, position)
        if keyword is not None and keyword[0] in names:
            value, end = one_argument(text, keyword[1], number)
            values[keyword[0]] = value
            position = skip_comma(text, end)
            continue
        if keyword is not None and number is None:
            raise SourceError(f"macro '{macro.name}' has no parameter '{keyword[0]}'", position,
                              did_you_mean(keyword[0], names) or f"it is defined at {macro.place}")
        if next_free >= len(names):
            hint = did_you_mean(keyword[0], names) if keyword else ""
            takes = f"{len(names)} argument{'s' * (len(names) != 1)}"
            raise SourceError(f"macro '{macro.name}' takes {takes}", position,
                              hint or f"it is defined at {macro.place}")
        parameter = macro.parameters[next_free]
        if parameter.variadic:
            values[parameter.name] = text[position:]
            break
        value, end = one_argument(text, position, number)
        values[parameter.name] = value
        if end == position and text[end] != ",":
            raise SourceError(f"cannot read '{text[position:]}' as an argument", position)
        position = skip_comma(text, end)
        next_free += 1
    for parameter in macro.parameters:
        if not values.get(parameter.name):
            if parameter.required:
                raise SourceError(f"macro '{macro.name}' needs a value for '{parameter.name}'", 0,
                                  f"it is defined at {macro.place}")
            default = parameter.default
            is_bracketed = number is not None and default.startswith("<") and default.endswith(">")
            values[parameter.name] = default[1:-1] if is_bracketed else default
    return values


def expand_body(
    body: tuple[Statement, ...],
    values: Mapping[str, str],
    counter: int,
    call: Statement,
    what: str,
    syntax: CommentSyntax,
    keep_line: bool,
    alternate: AlternateNames | None = None,
) -> Iterator[Statement]:
    """The statements of a body with `values` put in for `\\name`, and `counter` for `\\@`.

    `keep_line` says that the line table shall show the lines of the body (repetitions) and not the
    line of the call (macros).  `alternate` is given where `.altmacro` holds.
    """
    values = dict(values)

    def replacement(hit: re.Match[str]) -> str:
        name = hit.group(1)
        if name == "()":
            return ""
        if name == "@":
            return str(counter)
        return values.get(name, hit.group())

    trail = (f"{what} at {call.line.file}:{call.line.number}", *call.line.trail)
    for statement in body:
        text = statement.text
        if alternate is not None:
            if (local := _LOCAL.match(text)) is not None:
                values.update((name.strip(), alternate.fresh()) for name in local.group(1).split(","))
                continue
            text = _alternate(text, values)
        if "\\" in text:
            text = _REFERENCE.sub(replacement, text)
        if len(text) > MAX_LINE:
            raise SourceError(f"a line of more than {MAX_LINE} characters comes out of this macro", AT_WORD,
                              "look for an argument that doubles from call to call")
        source = statement.line
        debug = source if keep_line else call.line
        line = SourceLine(source.file, source.number, text, debug.debug_file, debug.debug_line, trail)
        for part, offset in split_line(text, syntax):
            parsed = parse_statement(part, offset, line)
            if parsed is not None:
                yield parsed


class AlternateNames(Struct):
    """The names that `LOCAL` makes (`.altmacro`), each for one call."""

    count: int = 0

    def fresh(self) -> str:
        """A name that no other call has; it stays out of the symbol table."""
        self.count += 1
        return f".LL{self.count - 1:04x}"


def _alternate(text: str, values: Mapping[str, str]) -> str:
    """The substitution of `.altmacro`: names without a backslash, joined by `&`, which alone counts in strings."""

    def in_string(hit: re.Match[str]) -> str:
        return values.get(hit.group(1), hit.group())

    def replacement(hit: re.Match[str]) -> str:
        if hit["name"] is None:
            return re.sub(r"&([A-Za-z_$][\w$]*)&?", in_string, hit.group())
        return values.get(hit["name"], hit.group())

    return _ALTERNATE.sub(replacement, text)
