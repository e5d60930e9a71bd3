"""Whether there is anything to check."""

from __future__ import annotations

from ..text.sources import Sources
from ..tree import Span
from ..tree.diagnostics import Problems


def check_entry(sources: Sources, problems: Problems) -> None:
    """A description without an architecture is told by the name of its first file."""
    if problems.found or any(item.kind == "architecture" for item in sources.items):
        return
    name, text = next(iter(sources.texts.items()))
    what = "the file is empty" if not text.strip() else "no file declares the `architecture`"
    problems.add(
        "architecture", what, Span(name, 1, 1, 1, 2), "check the description's entry file, which `use`s the others"
    )
