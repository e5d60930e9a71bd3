"""The results as a picture: for each kernel how fast each peer is, on a logarithmic scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as Xml

from .results import HOST, INTERPRETER, NATIVE, QEMU, REFERENCE, STEPS, UNICORN, Results

_COLOURS: Final = {
    NATIVE: "#1b6ca8",
    INTERPRETER: "#5aa7d8",
    QEMU: "#c2571a",
    UNICORN: "#d9a441",
    HOST: "#3f8f4f",
    REFERENCE: "#888888",
}
_BASELINES: Final = (QEMU, HOST, NATIVE)
"""What the others are compared with: the first that was measured."""
_LEFT, _WIDTH, _ROW, _TOP = 120, 640, 22, 60


def draw(results: Results) -> str:
    """An SVG document with one panel for each architecture."""
    arches = list(dict.fromkeys(one.arch for one in results.measurements))
    root = Xml.Element("svg", xmlns="http://www.w3.org/2000/svg", width=str(_LEFT + _WIDTH + 40))
    root.set("font-family", "sans-serif")
    root.set("font-size", "12")
    Xml.SubElement(root, "rect", width="100%", height="100%", fill="white")
    top = 0
    for arch in arches:
        top = _panel(root, results, arch, top)
    root.set("height", str(top + 20))
    Xml.indent(root)
    return Xml.tostring(root, encoding="unicode") + "\n"


@dataclass(frozen=True, slots=True)
class _Axis:
    """Powers of ten from `low` to `high`, drawn from left to right."""

    low: int
    high: int

    def x(self, value: float) -> float:
        """Where a ratio stands."""
        return _LEFT + (math.log10(value) - self.low) * _WIDTH / (self.high - self.low)


@dataclass(frozen=True, slots=True)
class _Point:
    """How many times faster than the baseline: at the median, at the slowest and at the fastest sample."""

    middle: float
    low: float
    high: float


def _panel(root: Xml.Element, results: Results, arch: str, top: int) -> int:
    """Draws one architecture below `top`; where it ends."""
    kernels = [kernel for kernel in results.kernels(arch) if kernel != STEPS]
    peers = [peer for peer in _COLOURS if any(m.arch == arch and m.peer == peer for m in results.measurements)]
    baseline = next((peer for peer in _BASELINES if peer in peers), NATIVE)
    points = {(kernel, peer): _point(results, arch, kernel, peer, baseline) for kernel in kernels for peer in peers}
    axis = _axis([point for point in points.values() if point is not None])
    bottom = top + _TOP + _ROW * len(kernels)
    _text(root, 10, top + 20, f"{arch}: speed, {baseline} = 1", weight="bold")
    for number, peer in enumerate(peers):
        _dot(root, _LEFT + 100 * number, top + 38, peer)
        _text(root, _LEFT + 100 * number + 10, top + 42, peer)
    for power in range(axis.low, axis.high + 1):
        x = axis.x(10.0**power)
        _line(root, x, top + _TOP - 6, x, bottom, "#dddddd")
        _text(root, x, bottom + 14, f"{10.0**power:g}", anchor="middle")
    for row, kernel in enumerate(kernels):
        y = top + _TOP + _ROW * row + _ROW // 2
        _text(root, _LEFT - 10, y + 4, kernel, anchor="end")
        _line(root, _LEFT, y, _LEFT + _WIDTH, y, "#eeeeee")
        for peer in peers:
            point = points[kernel, peer]
            if point is not None:
                _line(root, axis.x(point.low), y, axis.x(point.high), y, _COLOURS[peer])
                _dot(root, axis.x(point.middle), y, peer)
    return bottom + 30


def _point(results: Results, arch: str, kernel: str, peer: str, baseline: str) -> _Point | None:
    one, base = results.find(arch, kernel, peer), results.find(arch, kernel, baseline)
    if one is None or base is None or min(one.time.low, base.time.median) <= 0:
        return None
    time = base.time.median
    return _Point(time / one.time.median, time / one.time.high, time / one.time.low)


def _axis(points: Sequence[_Point]) -> _Axis:
    """Whole powers of ten around all points, and around 1."""
    low = min((point.low for point in points), default=1.0)
    high = max((point.high for point in points), default=1.0)
    return _Axis(math.floor(math.log10(min(low, 0.99))), math.ceil(math.log10(max(high, 1.01))))


def _line(root: Xml.Element, x1: float, y1: float, x2: float, y2: float, colour: str) -> None:
    places = {name: f"{value:.1f}" for name, value in (("x1", x1), ("y1", y1), ("x2", x2), ("y2", y2))}
    Xml.SubElement(root, "line", places, stroke=colour)


def _dot(root: Xml.Element, x: float, y: float, peer: str) -> None:
    Xml.SubElement(root, "circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r="4", fill=_COLOURS[peer])


def _text(root: Xml.Element, x: float, y: float, text: str, anchor: str = "start", weight: str = "normal") -> None:
    where = {"x": f"{x:.1f}", "y": f"{y:.1f}", "text-anchor": anchor, "font-weight": weight}
    Xml.SubElement(root, "text", where).text = text
