"""The results in files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from ...isa.errors import TraplineError, reason_of
from .plot import draw
from .results import Measurement, Outcome, Results


def write_json(path: Path, results: Results, targets: Sequence[Outcome]) -> None:
    """Everything, with medians and deviations beside the samples. Raises TraplineError."""
    document: dict[str, Any] = msgspec.to_builtins(results)
    document["measurements"] = [_measurement(one) for one in results.measurements]
    document["targets"] = [msgspec.to_builtins(one) | {"met": one.met} for one in targets]
    _write(path, msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n")


def write_svg(path: Path, results: Results) -> None:
    """The picture. Raises TraplineError."""
    _write(path, draw(results))


def _measurement(one: Measurement) -> dict[str, Any]:
    time = one.time
    figures = {
        "median": time.median,
        "median_deviation": time.deviation,
        "instructions_per_second": one.instructions_per_second,
        "events_per_second": one.events_per_second,
    }
    written: dict[str, Any] = msgspec.to_builtins(one)
    return written | figures


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text)
    except OSError as error:
        raise TraplineError(f"cannot write {path}: {reason_of(error)}", "name another file") from error
