"""Medians and spreads."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Summary:
    """Of samples: median, median absolute deviation from it, smallest, largest; all in the samples' unit."""

    median: float
    deviation: float
    low: float
    high: float

    @property
    def spread(self) -> float:
        """The deviation as a part of the median; 0 for a single sample."""
        return self.deviation / self.median if self.median else 0.0


def summary(samples: Sequence[float]) -> Summary:
    """Of one sample or more. Raises ValueError for none."""
    if not samples:
        raise ValueError("there are no samples")
    middle = statistics.median(samples)
    deviation = statistics.median(abs(sample - middle) for sample in samples)
    return Summary(middle, deviation, min(samples), max(samples))


def geometric_mean(ratios: Iterable[float]) -> float | None:
    """The mean that does not care which way round the ratios are taken; None of nothing."""
    logarithms = [math.log(ratio) for ratio in ratios]
    return math.exp(math.fsum(logarithms) / len(logarithms)) if logarithms else None
