"""Reads syntax templates: the text behind `syntax` to parts, before operands have a meaning."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .. import tree
from ..names.environment import Environment
from ..tree import Span

_TOKEN = re.compile(
    r"(?P<space>[ \t]+)|(?P<quoted>'[^']*')|(?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\|0(?![A-Za-z0-9_]))?)"
    r"|(?P<number>[0-9]+)|(?P<open>\{)|(?P<close>\})"
    r"|(?P<punctuation>[^\sA-Za-z0-9_{}'])"
)


@dataclass(frozen=True, slots=True)
class Text:
    """Literal text; `word` if it was quoted."""

    text: str
    word: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Named:
    """An operand or field by its name."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Defaulted:
    """An operand that may be left out, and what it is then."""

    name: str
    value: int
    span: Span


@dataclass(frozen=True, slots=True)
class Group:
    """An optional part: there exactly when `field` has `value`."""

    parts: tuple[Part, ...]
    field: str
    value: int
    span: Span


Part = Text | Named | Defaulted | Group


@dataclass(frozen=True, slots=True)
class ParsedTemplate:
    """Mnemonic parts (joined without spaces) and operand parts. A case's template has no mnemonic."""

    mnemonic: tuple[Part, ...]
    operands: tuple[Part, ...]
    source: str
    span: Span


class _Reader:
    def __init__(self, env: Environment, template: tree.TemplateText, text: str, start: int) -> None:
        self.env = env
        self.template = template
        self.text = text
        self.start = start
        self.position = 0

    def span(self, first: int, last: int) -> Span:
        base = self.template.span
        column = base.column + self.template.offset
        first, last = self._written(first), self._written(max(last, first + 1))
        return Span(base.file, base.line, column + first, base.line, column + max(last, first + 1), base.within)

    def _written(self, position: int) -> int:
        columns = self.template.columns
        return columns[min(self.start + position, len(columns) - 1)] if columns else self.start + position

    def parts(self, in_mnemonic: bool, until_close: bool) -> tuple[Part, ...]:
        result: list[Part] = []
        while self.position < len(self.text):
            match = _TOKEN.match(self.text, self.position)
            if match is None:
                raise self.env.error("syntax", "a quoted word does not end", self.span(self.position, len(self.text)))
            if match["close"]:
                if until_close:
                    return tuple(result)
                raise self.env.error(
                    "syntax",
                    "'}' without '{' in a template",
                    self.span(match.start(), match.end()),
                    "a brace to print is written '}'",
                )
            self.position = match.end()
            place = self.span(match.start(), match.end())
            if match["open"]:
                result.append(self.group(in_mnemonic, match.start()))
            elif match["quoted"]:
                text = match["quoted"][1:-1]
                result.append(Text(text, any(character.isalnum() for character in text), place))
            elif match["name"] and in_mnemonic:
                result.append(Text(match["name"], False, place))
            elif match["name"]:
                result.append(Named(match["name"], place))
            elif match["number"] or match["punctuation"]:
                result.append(Text(match[0], False, place))
        if until_close:
            raise self.env.error(
                "syntax",
                "'{' without '}' in a template",
                self.span(0, len(self.text)),
                "a brace to print is written '{'",
            )
        return tuple(result)

    def group(self, in_mnemonic: bool, first: int) -> Part:
        """`{text if FIELD}`, `{parts if FIELD = 2}`, or in a mnemonic `{operand}`."""
        end = self._end()
        inner = self.text[self.position : end]
        condition = re.search(r"\bif\s+([A-Za-z_]\w*)\s*(?:=\s*(\w+))?\s*$", inner)
        place = self.span(first, end + 1)
        if condition is None:
            self.position = end + 1
            if in_mnemonic and re.fullmatch(r"\s*[A-Za-z_]\w*\s*", inner):
                return Named(inner.strip(), place)
            usual = re.fullmatch(r"\s*([A-Za-z_]\w*)\s*=\s*(\w+)\s*", inner)
            if usual is not None and not in_mnemonic:
                return Defaulted(usual[1], self._number(usual[2], place), place)
            raise self.env.error(
                "syntax",
                "an optional part says when it stands there",
                place,
                "{text if FIELD}, {OPERAND = N} for an operand that may be left out, or {operand} within a mnemonic",
            )
        reader = _Reader(self.env, self.template, inner[: condition.start()].rstrip(" "), self.start + self.position)
        parts = reader.parts(in_mnemonic, False)
        number = 1 if condition[2] is None else self._number(condition[2], place)
        self.position = end + 1
        return Group(parts, condition[1], number, place)

    def _number(self, text: str, place: Span) -> int:
        try:
            return int(text, 0)
        except ValueError:
            raise self.env.error("syntax", f"'{text}' is not a number", place) from None

    def _end(self) -> int:
        depth, position, quoted = 1, self.position, False
        while position < len(self.text):
            character = self.text[position]
            if character == "'":
                quoted = not quoted
            elif not quoted and character == "{":
                depth += 1
            elif not quoted and character == "}":
                depth -= 1
                if depth == 0:
                    return position
            position += 1
        raise self.env.error(
            "syntax",
            "'{' without '}' in a template",
            self.span(self.position - 1, len(self.text)),
            "a brace to print is written '{'",
        )


def read_template(env: Environment, template: tree.TemplateText, with_mnemonic: bool) -> ParsedTemplate:
    """Parses a template's text."""
    text = template.text
    if not with_mnemonic:
        return ParsedTemplate((), _Reader(env, template, text, 0).parts(False, False), text, template.span)
    end = _mnemonic_end(text)
    mnemonic = _Reader(env, template, text[:end], 0).parts(True, False)
    operands = _Reader(env, template, text[end:], end).parts(False, False)
    if not mnemonic:
        raise env.error("syntax", "a template begins with the mnemonic", template.span)
    return ParsedTemplate(mnemonic, operands, text, template.span)


def _mnemonic_end(text: str) -> int:
    depth = 0
    for position, character in enumerate(text):
        if character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
        elif character in " \t" and depth == 0:
            return position
    return len(text)


def named_parts(parts: tuple[Part, ...]) -> set[str]:
    """Operand names in a template, groups included."""
    names: set[str] = set()
    for part in parts:
        if isinstance(part, (Named, Defaulted)):
            names.add(part.name)
        elif isinstance(part, Group):
            names |= named_parts(part.parts)
    return names
