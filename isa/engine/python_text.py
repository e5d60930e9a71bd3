"""Small pieces of Python source text."""

from __future__ import annotations


def number(value: int) -> str:
    """Small numbers decimal, others hexadecimal."""
    return str(value) if value < 10 else f"{value:#x}"


def mask(width: int) -> int:
    """A number of `width` ones."""
    return (1 << width) - 1


def is_name(text: str) -> bool:
    """Whether evaluating the text twice does no harm and costs nothing."""
    return text.isidentifier() or text.isdecimal() or text.startswith("0x")


def grouped(text: str) -> str:
    """The text as an operand of any operator: in parentheses unless it is a name, a number, a call or an element."""
    depth = 0
    for position, character in enumerate(text):
        if character in "([":
            depth += 1
        elif character in ")]":
            depth -= 1
            if depth == 0 and text[0] == "(" and position < len(text) - 1:
                return f"({text})"
        elif depth == 0 and not (character.isalnum() or character in "_."):
            return f"({text})"
    return text
