"""The claim that the guide's film of a session is what happens."""

import pytest

from .film import PAGE, page

pytestmark = pytest.mark.gdb


def test_the_page_is_the_session(gdb_installed: None) -> None:
    """Each line that gdb shows is on the page, and nothing else: `python -m trapline.tests.gdb.film` makes it anew."""
    assert PAGE.read_text() == page()
