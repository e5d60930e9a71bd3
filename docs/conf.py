"""How the site is made of these pages: `make docs`."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from isa_highlight import IsaLexer  # noqa: E402 - it stands beside this file

project = "Trapline"
author = "the Trapline project"
extensions = ["myst_parser", "sphinx.ext.autodoc"]
root_doc = "site"
html_theme = "furo"
html_title = "Trapline"
exclude_patterns = ["examples/**"]
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]
autodoc_typehints = "description"
autodoc_member_order = "bysource"
# Warnings are errors in `make docs`. These are none: a lexer that meets what is no C or no console, and headings that
# begin deeper than the first one.
suppress_warnings = ["misc.highlighting_failure", "myst.header", "docutils"]

_LINK = re.compile(r"(?<!!)\[([^\]\n]+)\]\(((?:\.\./)+[^)\s]*)\)")


def _within(app: Sphinx, name: str, source: list[str]) -> None:
    """Links that lead out of the documentation, into the code, are shown as what they name."""
    folder = (HERE / name).parent

    def shown(found: re.Match[str]) -> str:
        target = (folder / found[2].partition("#")[0]).resolve()
        if target.is_relative_to(HERE) and target.suffix == ".md":
            return found[0]
        text = found[1].strip("`")
        try:
            path = target.relative_to(HERE.parent)
        except ValueError:
            path = Path(found[2])
        return f"`{text}`" if text.strip("/") == str(path) else f"{text} (`{path}`)"

    source[0] = _LINK.sub(shown, source[0])


def setup(app: Sphinx) -> None:
    """See Sphinx."""
    app.add_lexer("isa", IsaLexer)
    app.connect("source-read", _within)
