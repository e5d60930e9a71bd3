"""Cases that do not hold yet, one a line in `held.txt`; a test of each that does hold is made from the rest."""

from __future__ import annotations

from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("held.txt")


@cache
def held() -> frozenset[str]:
    """The names of cases that do not hold yet."""
    return frozenset(line.split("#")[0].strip() for line in FILE.read_text().splitlines()) - {""}
