"""The arguments of a statement: the pieces between its commas."""

from __future__ import annotations

import re

_OPENING, _CLOSING = "([{", ")]}"


def split_arguments(text: str) -> list[tuple[str, int]]:
    """Pieces of `text` between top-level commas, each stripped, with the offset where it starts."""
    pieces: list[tuple[str, int]] = []
    depth, start, position = 0, 0, 0
    if "(" not in text and '"' not in text and "'" not in text and "{" not in text and "[" not in text:
        for piece in text.split(","):
            pieces.append((piece.strip(), start + len(piece) - len(piece.lstrip())))
            start += len(piece) + 1
    else:
        while position <= len(text):
            char = text[position] if position < len(text) else ","
            if char == '"':
                closing = re.compile(r'"(?:\\.|[^"\\])*"').match(text, position)
                position = closing.end() - 1 if closing else len(text) - 1
            elif char == "'":
                # A quote takes the next character whatever it is: ',' is a character constant.
                position += 2 if text[position + 1 : position + 2] == "\\" else 1
                position += text[position + 1 : position + 2] == "'"
            elif char in _OPENING:
                depth += 1
            elif char in _CLOSING:
                depth -= 1
            elif char == "," and (depth <= 0 or position >= len(text)):
                piece = text[start:position]
                pieces.append((piece.strip(), start + len(piece) - len(piece.lstrip())))
                start = position + 1
            position += 1
        if start < len(text):
            piece = text[start:]
            pieces.append((piece.strip(), start + len(piece) - len(piece.lstrip())))
    return [] if len(pieces) == 1 and not pieces[0][0] else pieces


def unquoted(text: str) -> str:
    """`text` without the double quotes around it, if it has them."""
    if len(text) >= 2 and text[0] == '"' and text[-1] == '"':
        return text[1:-1].replace('\\"', '"')
    return text
