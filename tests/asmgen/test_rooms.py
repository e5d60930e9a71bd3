"""Claims about the rooms of the assembler: which stands on which, no circles, files of one idea."""

from __future__ import annotations

import pytest

from trapline.tests.rooms import Rooms, circle

ROOMS = Rooms(
    "asmgen",
    ("text", "expressions", "target", "expansion", "instructions", "layout", "directives", "objects", "relocatable",
     "outputs", "linking", "catalog", "disassembly"),
)  # fmt: skip


def test_every_folder_is_a_room_of_the_order() -> None:
    """A room that the order does not name would be checked by nothing."""
    assert ROOMS.unordered() == set()


@pytest.mark.parametrize("module", ROOMS.modules, ids=lambda name: name or "asmgen")
def test_no_room_imports_one_that_stands_on_it(module: str) -> None:
    """Imports go down the order of the rooms, or stay inside one; the top may import every room."""
    assert ROOMS.climbs(module) == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Not inside a room, and not at the top, where the face knows everything and nothing imports the face."""
    assert circle(ROOMS.graph) == []


def test_a_circle_and_a_climb_are_seen() -> None:
    """The tests above fail on a circle, however the modules name each other, and on an import of a higher room."""
    climbing = ROOMS.imports("text.source", "def f():\n    from ..layout import sections", False)
    assert climbing == {"layout.sections"}
    assert ROOMS.floor("layout.sections") > ROOMS.floor("text.source")
    back = ROOMS.imports("layout.sections", "from trapline.asmgen.text.source import Source", False)
    assert circle({"text.source": climbing, "layout.sections": back}) == [
        "layout.sections", "text.source", "layout.sections"]


def test_files_are_short() -> None:
    """One idea a file: none is longer than 300 lines."""
    assert ROOMS.too_long() == {}


def test_a_folder_holds_what_can_be_seen_at_once() -> None:
    """No room has more than 20 files beside its face: what has more gets rooms of its own."""
    assert ROOMS.too_full() == {}
