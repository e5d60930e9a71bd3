"""What the native engine is to reach, and whether it does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from .catalogue import KERNELS, Kind
from .results import HOST, INTERPRETER, NATIVE, QEMU, STEPS, Outcome, Results
from .statistics import geometric_mean

COMPUTE: Final = Kind.COMPUTE.value
_QEMU_MEAN, _QEMU_LEAST, _HOST_MOST = 1.5, 0.8, 4.0
_INTERPRETER_LEAST = 300e6
_READ_LEAST, _BLOCKS_MOST = 5.0, 3.0
_EVENTS_LEAST: Final = {"hcall_python": 150_000.0, "mmio": 150_000.0, STEPS: 200_000.0}
_THREADS_LEAST: Final = 300e6
_EVENT_TITLES: Final = {
    "hcall_python": "hcalls answered in Python /s",
    "mmio": "MMIO loads answered in Python /s",
    STEPS: "single steps through the server's loop /s",
}


def outcomes(results: Results, arch: str) -> list[Outcome]:
    """All targets of an architecture, in the order of the requirement."""
    return [
        *_against_qemu(results, arch),
        _against_host(results, arch),
        _interpreter_tier(results, arch),
        *_rates(results, arch),
        *_threads(results, arch),
        _distinct_blocks(results, arch),
    ]


def _against_qemu(results: Results, arch: str) -> Iterator[Outcome]:
    ratios = results.ratios(arch, COMPUTE, NATIVE, QEMU)
    least = min(ratios, key=lambda kernel: ratios[kernel], default=None)
    mean = geometric_mean(ratios.values())
    others = geometric_mean(ratio for kernel, ratio in ratios.items() if kernel != least)
    detail = "" if others is None else f"{others:.2f} without {least}"
    yield Outcome(arch, "speed, × QEMU: geometric mean", _QEMU_MEAN, False, mean, "x", detail)
    slowest = None if least is None else ratios[least]
    yield Outcome(arch, "speed, × QEMU: slowest kernel", _QEMU_LEAST, False, slowest, "x", least or "")


def _against_host(results: Results, arch: str) -> Outcome:
    ratios = results.ratios(arch, COMPUTE, HOST, NATIVE)
    mean = geometric_mean(ratios.values())
    most = max(ratios, key=lambda kernel: ratios[kernel], default=None)
    others = geometric_mean(ratio for kernel, ratio in ratios.items() if kernel != most)
    detail = "" if others is None else f"{others:.2f} without {most}"
    return Outcome(arch, "time, × native C: geometric mean", _HOST_MOST, True, mean, "x", detail)


def _interpreter_tier(results: Results, arch: str) -> Outcome:
    """Every compute kernel is to reach it; the mean stands beside."""
    rates: dict[str, float] = {}
    for kernel in results.kernels(arch, COMPUTE):
        one = results.find(arch, kernel, INTERPRETER)
        rate = None if one is None else one.instructions_per_second
        if rate is not None:
            rates[kernel] = rate
    least = min(rates, key=lambda kernel: rates[kernel], default=None)
    mean = geometric_mean(rates.values())
    detail = "" if mean is None else f"{least}; geometric mean {mean / 1e6:,.0f} M/s"
    value = None if least is None else rates[least]
    title = "interpreter tier, instructions/s: slowest kernel"
    return Outcome(arch, title, _INTERPRETER_LEAST, False, value, "/s", detail)


def _rates(results: Results, arch: str) -> Iterator[Outcome]:
    if arch == "power":
        ratio = results.ratio(arch, "hcall_read", NATIVE, QEMU)
        yield Outcome(arch, "H_READ, × QEMU", _READ_LEAST, False, ratio, "x", "")
    for kernel, least in _EVENTS_LEAST.items():
        if kernel == "hcall_python" and arch != "power":
            continue
        one = results.find(arch, kernel, NATIVE)
        yield Outcome(
            arch, _EVENT_TITLES[kernel], least, False, None if one is None else one.events_per_second, "/s", ""
        )


def _threads(results: Results, arch: str) -> Iterator[Outcome]:
    """Of those kernels that several threads run, all together."""
    for kernel in (one for one in KERNELS if one.vcpus > 1 and arch in one.arches):
        found = results.find(arch, kernel.name, NATIVE)
        rate = None if found is None else found.instructions_per_second
        title = f"{kernel.vcpus} threads that prod and cede, instructions/s in sum"
        yield Outcome(arch, title, _THREADS_LEAST, False, rate, "/s", "")


def _distinct_blocks(results: Results, arch: str) -> Outcome:
    ratio = results.ratio(arch, "blocks", QEMU, NATIVE)
    return Outcome(arch, "time for 20,000 distinct blocks, × QEMU", _BLOCKS_MOST, True, ratio, "x", "")
