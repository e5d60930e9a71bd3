"""Diagnostics for machines: one JSON document."""

from __future__ import annotations

import json
from collections.abc import Iterable

from ..text.diagnostics import Diagnostic


def document(diagnostics: Iterable[Diagnostic], is_stopped: bool) -> str:
    """`{"diagnostics": [{kind, message, hint, file, line, column, text, trail}], "stopped": false}`.

    Lines and columns count from 1; `file` is null for what has no place; `stopped` says that there may be more.
    """
    found = []
    for one in diagnostics:
        place = one.place
        found.append({
            "kind": one.kind or "note", "message": one.message, "hint": one.hint,
            "file": place.file if place else None, "line": place.line if place else None,
            "column": place.column if place else None, "text": place.text if place else None,
            "trail": list(place.trail) if place else [],
        })
    return json.dumps({"diagnostics": found, "stopped": is_stopped}, indent=2)
