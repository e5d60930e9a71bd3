"""Blanks as GNU as keeps them: a single one between two characters that names are made of, none elsewhere.

Macro arguments are cut at blanks and compared as text, so it counts which blanks are left.
Source: GNU as manual, "Preprocessing" and "Whitespace"; the further characters are each architecture's.
"""

from __future__ import annotations

import re
from functools import lru_cache

from .source import CommentSyntax


@lru_cache(maxsize=8)
def _pattern(names: str) -> re.Pattern[str]:
    part = rf"[\w.$\\{re.escape(names)}\x80-\U0010ffff]"
    return re.compile(rf"\"(?:\\.|[^\"\\])*\"?|'(?:\\.|[^\\])'?|(?P<kept>(?<={part})\s+(?={part}))|(?P<dropped>\s+)")


def scrubbed(text: str, syntax: CommentSyntax) -> str:
    """`text`, the operands of a statement, with the blanks that GNU as would keep; strings are left alone."""
    text = text.strip()
    if " " not in text and "\t" not in text:
        return text

    def replacement(hit: re.Match[str]) -> str:
        if hit["kept"] is not None:
            return " "
        return "" if hit["dropped"] is not None else hit.group()

    return _pattern(syntax.name_characters).sub(replacement, text)
