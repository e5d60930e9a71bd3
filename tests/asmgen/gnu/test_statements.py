"""Claims about single statements and directives: what they make, as GNU as and ld make it."""

from __future__ import annotations

import pytest

from .held import held
from .statements import Case, cases, ours, theirs


def _title(case: Case) -> str:
    return f"{case.group}/{case.name}"


@pytest.mark.parametrize("case", [one for one in cases() if f"statement {_title(one)}" not in held()], ids=_title)
def test_statements_make_what_they_say(case: Case) -> None:
    """The contents that stand beside the source."""
    assert case.contents
    assert {name: data.hex() for name, data in ours(case).items()} == {n: d.hex() for n, d in case.contents.items()}


@pytest.mark.oracle
def test_the_contents_are_those_of_gnu_as_and_ld() -> None:
    """What stands beside the sources is what the tools make of them."""
    assert {_title(case): theirs(case) for case in cases()} == {_title(case): case.contents for case in cases()}
