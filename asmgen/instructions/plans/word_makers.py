"""Functions that make a word of the numbers of a line, by tables; compiled once for each row of places."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from ...target.plans import WordOf


@lru_cache(maxsize=1024)
def word_maker(places: tuple[int, ...], is_checked: bool) -> Callable[..., WordOf]:
    """Takes the fixed bits, the table of allowed ones (or None), which bits are asked for, and a table for each place.

    What it returns joins the fixed bits with what the tables have for the numbers at these places of a line.
    """
    tables = [f"bits{number}" for number in range(len(places))]
    terms = ["fixed", *(f"{table}[numbers[at + {place}]]" for table, place in zip(tables, places, strict=True))]
    check = "        allowed[word & checked]\n" if is_checked else ""
    made: dict[str, Callable[..., WordOf]] = {}
    exec(f"def make({', '.join(['fixed', 'allowed', 'checked', *tables])}):\n"
         f"    def word(numbers, at):\n"
         f"        word = {' | '.join(terms)}\n{check}"
         f"        return word\n"
         f"    return word\n", {}, made)
    return made["make"]
