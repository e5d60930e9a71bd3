"""Claims about the rooms of the description language: which stands on which, no circles, files of one idea."""

from __future__ import annotations

from trapline.tests.rooms import Rooms, circle

ORDER = ("tree", "text", "names", "lowering", "units", "declarations", "checks", "products")
ROOMS = Rooms("isa/lang", ORDER)


def test_every_folder_is_a_room_of_the_order() -> None:
    """A room that the order does not name would be checked by nothing."""
    assert ROOMS.unordered() == set()


def test_no_room_imports_one_that_stands_on_it() -> None:
    """Imports go down the order of the rooms, or stay inside one; the top may import every room."""
    assert {module: found for module in ROOMS.modules if (found := ROOMS.climbs(module))} == {}


def test_no_modules_import_each_other_in_a_circle() -> None:
    """However they name each other."""
    assert circle(ROOMS.graph) == []


def test_files_are_short() -> None:
    """One idea a file: none is longer than 300 lines."""
    assert ROOMS.too_long() == {}


def test_a_folder_holds_what_can_be_seen_at_once() -> None:
    """No room has more than 20 files beside its face."""
    assert ROOMS.too_full() == {}
