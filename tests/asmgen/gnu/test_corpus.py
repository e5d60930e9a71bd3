"""Claims about our own sources: GNU as and we make the same of them."""

from __future__ import annotations

import pytest

from ...oracle.objects.gnu import assemble_by_gnu
from ...oracle.objects.ours import Refusal
from .corpus import Case, cases, linkable, linked_differences, object_differences
from .held import held

pytestmark = pytest.mark.oracle


def _holding(kind: str) -> list[Case]:
    return [case for case in (cases() if kind == "objects" else linkable()) if f"{kind} {case.name}" not in held()]


def test_the_corpus_has_sources_of_both_architectures() -> None:
    """At least sixty sources, and each is taken by GNU as in each flavour that it stands for."""
    assert len({case.path for case in cases()}) >= 60
    for case in cases():
        assert assemble_by_gnu(case.path, case.flavour).sections


@pytest.mark.parametrize("case", _holding("objects"), ids=lambda case: case.name)
def test_objects_are_those_of_gnu_as(case: Case) -> None:
    """`trapline asm -c`: every section, symbol and relocation."""
    assert object_differences(case) == []


@pytest.mark.parametrize("case", _holding("linked"), ids=lambda case: case.name)
def test_programs_are_those_of_gnu_as_and_ld(case: Case) -> None:
    """A source linked in one step has the contents that GNU ld gives it at the same addresses."""
    assert linked_differences(case) == []


@pytest.mark.soak
@pytest.mark.parametrize("case", [c for c in cases() if f"objects {c.name}" in held()], ids=lambda case: case.name)
def test_what_is_held_back_does_not_hold_yet(case: Case) -> None:
    """A line of held.txt that is not needed any more has to go."""
    try:
        found = object_differences(case)
    except Refusal:
        return
    assert found != []
