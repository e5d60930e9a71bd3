"""Macros: definitions, calls and the substitution of arguments.  Source: GNU as manual, ".macro"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ..text.arguments import split_arguments, unquoted
from ..text.diagnostics import Place, SourceError, did_you_mean
from ..text.source import CommentSyntax, SourceLine, Statement, parse_statement, split_line

_PARAMETER = re.compile(r"\s*,?\s*([A-Za-z_$][\w$]*)(?::(req|vararg))?\s*(=\s*(\"[^\"]*\"|[^\s,]*))?")
_REFERENCE = re.compile(r"\\(\(\)|@|[A-Za-z_$][\w$]*)")
_KEYWORD = re.compile(r"\s*([A-Za-z_$][\w$]*)\s*=(?!=)\s*(.*)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a macro; `default` is used when the call leaves it out."""

    name: str
    default: str = ""
    required: bool = False
    variadic: bool = False


@dataclass(frozen=True, slots=True)
class Macro:
    """A macro: its body is kept as statements and parsed anew with each call's arguments."""

    name: str
    parameters: tuple[Parameter, ...]
    body: tuple[Statement, ...]
    place: Place


def parse_macro_head(statement: Statement) -> tuple[str, tuple[Parameter, ...]]:
    """Name and parameters of a `.macro` statement.  Raises SourceError."""
    text = statement.rest
    name = re.match(r"([A-Za-z_.$][\w.$]*)\s*", text)
    if name is None:
        raise SourceError("expected the name of the macro", 0, "write .macro NAME PARAMETERS")
    parameters: list[Parameter] = []
    position = name.end()
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


def bind_arguments(macro: Macro, statement: Statement) -> dict[str, str]:
    """The text of each parameter in this call.  Raises SourceError for one too many or missing."""
    values: dict[str, str] = {}
    names = [p.name for p in macro.parameters]
    pieces = split_arguments(statement.rest)
    plain = [p for p in macro.parameters if not p.variadic]
    if len(pieces) == 1 and len(plain) > 1 and '"' not in statement.rest:
        pieces = [(m.group(), m.start()) for m in re.finditer(r"\S+", statement.rest)]
    next_free = 0
    for index, (piece, offset) in enumerate(pieces):
        keyword = _KEYWORD.match(piece)
        if keyword is not None and keyword.group(1) in names:
            values[keyword.group(1)] = unquoted(keyword.group(2))
            continue
        if next_free >= len(names):
            hint = did_you_mean(keyword.group(1), names) if keyword else ""
            takes = f"{len(names)} argument{'s' * (len(names) != 1)}"
            raise SourceError(f"macro '{macro.name}' takes {takes}", offset,
                              hint or f"it is defined at {macro.place}")
        parameter = macro.parameters[next_free]
        if parameter.variadic:
            values[parameter.name] = ", ".join(text for text, _ in pieces[index:])
            break
        values[parameter.name] = unquoted(piece)
        next_free += 1
    for parameter in macro.parameters:
        if not values.get(parameter.name):
            if parameter.required:
                raise SourceError(f"macro '{macro.name}' needs a value for '{parameter.name}'", 0,
                                  f"it is defined at {macro.place}")
            values[parameter.name] = parameter.default
    return values


def expand_body(
    body: tuple[Statement, ...],
    values: Mapping[str, str],
    counter: int,
    call: Statement,
    what: str,
    syntax: CommentSyntax,
    keep_line: bool,
) -> list[Statement]:
    """The statements of a body with `values` put in for `\\name`, and `counter` for `\\@`.

    `keep_line` says that the line table shall show the lines of the body (repetitions) and not the
    line of the call (macros).
    """

    def replacement(hit: re.Match[str]) -> str:
        name = hit.group(1)
        if name == "()":
            return ""
        if name == "@":
            return str(counter)
        return values.get(name, hit.group())

    trail = (f"{what} at {call.line.file}:{call.line.number}", *call.line.trail)
    expanded: list[Statement] = []
    for statement in body:
        text = _REFERENCE.sub(replacement, statement.text)
        source = statement.line
        debug = source if keep_line else call.line
        line = SourceLine(source.file, source.number, text, debug.debug_file, debug.debug_line, trail)
        for part, offset in split_line(text, syntax):
            parsed = parse_statement(part, offset, line)
            if parsed is not None:
                expanded.append(parsed)
    return expanded
