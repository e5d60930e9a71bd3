"""Source text: files, lines, and the statements that stand on them.

Comments are overwritten with blanks, never cut out, so that a column in a statement is a column in
the file.  Which characters open a comment belongs to the architecture (`CommentSyntax`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from msgspec import Struct

from ...isa.errors import TraplineError
from .arguments import unquoted
from .diagnostics import AT_WORD, Place, SourceError

MAX_SOURCE_BYTES = 64 << 20


class Source(Struct, frozen=True):
    """One assembly file: `name` is shown in errors and written into the debug information as given."""

    name: str
    text: str
    directory: Path | None = None
    """Where `.include` and `.incbin` look first; None forbids both."""

    @staticmethod
    def read(path: Path) -> Source:
        """The file at `path`.

        Bytes that are not UTF-8 are kept as they are (as surrogates), and come out again in strings.  Raises OSError,
        or TraplineError for a file that is too large.
        """
        with path.open("rb") as file:
            data = file.read(MAX_SOURCE_BYTES + 1)
        if len(data) > MAX_SOURCE_BYTES:
            raise TraplineError(f"'{path}' is larger than {MAX_SOURCE_BYTES >> 20} MiB")
        return Source.of_bytes(str(path), data, path.parent)

    @staticmethod
    def of_bytes(name: str, data: bytes, directory: Path | None) -> Source:
        """The source that the bytes of a file are."""
        return Source(name, data.decode("utf-8", "surrogateescape"), directory)


class CommentSyntax(Struct, frozen=True):
    """Which texts open a comment: anywhere in a line, or only as its first character."""

    anywhere: tuple[str, ...] = ("#",)
    at_start: tuple[str, ...] = ()
    separator: str = ";"
    name_characters: str = ""
    """What stands beside letters and digits as the characters of names when blanks are judged (`scrubbing`)."""


class SourceLine(Struct, frozen=True):
    """A line as errors show it; `debug_file`/`debug_line` are what the line table points to."""

    file: str
    number: int
    text: str
    debug_file: str
    debug_line: int
    trail: tuple[str, ...] = ()


class Statement(Struct):
    """One statement: labels in front, a word (mnemonic, directive or macro), and the rest.

    Offsets are characters from the start of `line.text`.
    """

    line: SourceLine
    labels: tuple[tuple[str, int], ...]
    word: str
    word_offset: int
    rest: str
    rest_offset: int
    text: str
    """The whole statement as written, labels included: what a macro body is made of."""

    def place(self, offset: int = AT_WORD) -> Place:
        """The place of the character `offset` of `rest`, or of the word when it is AT_WORD."""
        return self.place_in_line(self.word_offset if offset == AT_WORD else self.rest_offset + offset)

    def place_in_line(self, column: int) -> Place:
        """The place of the character `column` of the line."""
        line = self.line
        return Place(line.file, line.number, column + 1, line.text, line.trail)


@lru_cache(maxsize=8)
def _scanner(syntax: CommentSyntax) -> re.Pattern[str]:
    openers = sorted((*syntax.anywhere, "/*", syntax.separator), key=len, reverse=True)
    return re.compile(
        r"\\.|\"(?:\\.|[^\"\\])*\"?|'(?:\\.|[^\\])'?|" + "|".join(re.escape(o) for o in openers)
    )


def blank_comments(text: str, syntax: CommentSyntax) -> Iterator[tuple[str, str]]:
    """Yield (line as written, line with comments blanked) for each line of `text`.

    Raises SourceError if a block comment is never closed; its offset is the number of the line
    that opened it.
    """
    scan = _scanner(syntax)
    in_block = False
    opened = 0
    for number, raw in enumerate(text.split("\n"), 1):
        raw = raw.rstrip("\r")
        line, position = raw, 0
        if in_block:
            end = raw.find("*/")
            if end < 0:
                yield raw, ""
                continue
            line, position, in_block = " " * (end + 2) + raw[end + 2 :], end + 2, False
        stripped = line.lstrip()
        if stripped.startswith(syntax.at_start) and syntax.at_start:
            yield raw, ""
            continue
        while (hit := scan.search(line, position)) is not None:
            found = hit.group()
            if found in syntax.anywhere:
                line = line[: hit.start()]
                break
            position = hit.end()
            if found == "/*":
                end = line.find("*/", position)
                if end < 0:
                    line, in_block, opened = line[: hit.start()], True, number
                    break
                line = line[: hit.start()] + " " * (end + 2 - hit.start()) + line[end + 2 :]
                position = end + 2
        yield raw, line
    if in_block:
        raise SourceError("this block comment is never closed", opened, "close it with */")


_HEAD = re.compile(r'\s*(?:((?:[^\x00-#%-\-/-@\[-^`{-\x7f][\w.$]*|\d+|"(?:\\.|[^"\\])+"))(?::(?!:)|\s+:(?!:|\w+:)))?')
_WORD = re.compile(r"\s*([A-Za-z_.$\\][\w.$\\@+\-]*|\S+)?\s*")
_ASSIGN = re.compile(r'\s*([^\x00-#%-\-/-@\[-^`{-\x7f][\w.$]*|"(?:\\.|[^"\\])+")\s*(==?)\s*')
_MARKER = re.compile(r'\s*#\s*(?:line\s+)?(\d+)\s+"((?:\\.|[^"\\])*)"')


def split_line(line: str, syntax: CommentSyntax) -> Iterator[tuple[str, int]]:
    """Yield (text, offset) for each statement text of a line without comments."""
    if syntax.separator not in line:
        yield line, 0
        return
    start = 0
    for hit in _scanner(syntax).finditer(line):
        if hit.group() == syntax.separator:
            yield line[start : hit.start()], start
            start = hit.end()
    yield line[start:], start


def parse_statement(text: str, offset: int, line: SourceLine) -> Statement | None:
    """The statement that `text` (at `offset` of the line) holds, or None for a blank.

    An assignment `name = value` becomes the word "=" with the rest "name, value"; `==` the word "==".
    """
    labels: list[tuple[str, int]] = []
    position = 0
    while True:
        head = _HEAD.match(text, position)
        if head is None or head.group(1) is None:
            break
        label = head.group(1)
        labels.append((unquoted(label) if label[0] == '"' else label, offset + head.start(1)))
        position = head.end()
    assign = _ASSIGN.match(text, position)
    if assign is not None:
        # Keeping the name where it stands lets carets point at it.
        sign = assign.group(2)
        rest = text[assign.start(1) : assign.end(1)]
        rest += text[assign.end(1) : assign.end()].replace(sign, "," + " " * (len(sign) - 1))
        rest += text[assign.end() :]
        start = offset + assign.start(1)
        return Statement(line, tuple(labels), sign, start, rest.rstrip(), start, text)
    word = _WORD.match(text, position)
    if word is None or word.group(1) is None:
        if not labels:
            return None
        return Statement(line, tuple(labels), "", labels[0][1], "", labels[0][1], text)
    return Statement(
        line,
        tuple(labels),
        word.group(1),
        offset + word.start(1),
        text[word.end() :].rstrip(),
        offset + word.end(),
        text,
    )


def line_marker(raw: str) -> tuple[str, int] | None:
    """File and number that a preprocessor's line marker gives to the line behind it."""
    marker = _MARKER.match(raw)
    return None if marker is None else (marker.group(2), int(marker.group(1)))
