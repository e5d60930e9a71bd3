"""Macros: definitions, calls and the substitution of arguments.  Source: GNU as manual, ".macro"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

from ..text.diagnostics import AT_WORD, Place, SourceError, did_you_mean
from ..text.scrubbing import scrubbed
from ..text.source import CommentSyntax, SourceLine, Statement, parse_statement, split_line
from .macro_arguments import Number, keyword_at, one_argument, skip_comma

_PARAMETER = re.compile(r"\s*,?\s*([A-Za-z_$][\w$]*)(?::(req|vararg))?\s*(=)?")
_REFERENCE = re.compile(r"\\(\(\)|@|[A-Za-z_$][\w.$]*)")
_LOCAL = re.compile(r"\s*local\s+(.*)$", re.IGNORECASE)
_ALTERNATE = re.compile(
    r"(?P<string>\"(?:\\.|[^\"\\])*\"?)|\\[\w.$]+|'(?:\\.|[^'\\])'?|"
    r"(?P<joins>&?)(?P<name>[A-Za-z_$.][\w$.]*)(?P<more>&?)")
_ALTERNATE_IN_STRINGS = re.compile(r"\\[\w.$]+|(?:(?P<joins>&)|)(?P<name>[A-Za-z_$.][\w$.]*)(?:&|(?(joins)|'))?")


_NAME = re.compile(r"([^\x00-#%-\-/-@\[-^`{-\x7f][\w.$]*)\s*,?\s*")
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
    is_broken: bool = False
    """Its parameters could not be read, which has been told: a call of it makes nothing."""


def macro_name(statement: Statement) -> str:
    """The name that a `.macro` statement defines.  Raises SourceError."""
    name = _NAME.match(statement.rest)
    if name is None:
        raise SourceError("expected the name of the macro", 0, "write .macro NAME PARAMETERS")
    return name.group(1)


def macro_parameters(text: str, number: Number | None = None) -> tuple[Parameter, ...]:
    """The parameters in the (scrubbed) operands of a `.macro` statement, which begin with its name.

    A default is cut as an argument of a call is; `number` where `.altmacro` holds.  Raises SourceError.
    """
    name = _NAME.match(text)
    assert name is not None
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
        default, position = "", hit.end()
        if hit.group(3):
            default, position = one_argument(text, position, number)
        parameters.append(
            Parameter(hit.group(1), default, hit.group(2) == "req", hit.group(2) == "vararg")
        )
    return tuple(parameters)


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
            # Blanks around operators have gone before names are looked for, so that `a & 7` joins.
            written = text.rstrip()
            behind = len(written) - len(statement.rest) if written.endswith(statement.rest) else 0
            text = _alternate(written[:behind] + scrubbed(written[behind:], syntax), values)
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
        return f".LL{self.count:04x}"


def _alternate(text: str, values: Mapping[str, str]) -> str:
    """The substitution of `.altmacro`: names without a backslash, in strings too, and `&` that joins them to others.

    A `&` behind a name goes (in a string, a quote does too); one before a name stays where that is no parameter.
    """

    def replacement(hit: re.Match[str]) -> str:
        if hit.re is _ALTERNATE and hit["string"] is not None:
            return _ALTERNATE_IN_STRINGS.sub(replacement, hit.group())
        name = hit["name"]
        if name is None:
            return hit.group()
        if name in values:
            return values[name]
        return hit.group() if hit["joins"] else name

    return _ALTERNATE.sub(replacement, text)
