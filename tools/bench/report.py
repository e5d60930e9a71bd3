"""The results as tables in the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from .catalogue import KERNELS, Kind
from .results import HOST, INTERPRETER, NATIVE, QEMU, REFERENCE, STEPS, UNICORN, Measurement, Outcome, Results
from .statistics import geometric_mean

_RATES = {
    NATIVE: "Trapline",
    INTERPRETER: "interpreter",
    QEMU: "QEMU",
    UNICORN: "Unicorn",
    REFERENCE: "reference",
}
_TITLES = {kernel.name: kernel.title for kernel in KERNELS} | {STEPS: "single steps through the server's loop"}


def show(results: Results, targets: Sequence[Outcome], console: Console) -> None:
    """Prints everything."""
    for arch in dict.fromkeys(one.arch for one in results.measurements):
        console.print(_table(results, arch))
        if any(one.arch == arch and one.events for one in results.measurements):
            console.print(_events(results, arch))
    if targets:
        console.print(_target_table(targets))
    for one in results.missing:
        console.print(f"[yellow]missing[/] {one.arch}: {one.peer}: {escape(one.reason)}", highlight=False)
    for bad in results.failures:
        text = f"{bad.arch}: {bad.kernel} on {bad.peer}: {escape(bad.message)}"
        console.print(f"[bold red]failed[/] {text}", highlight=False)
    place = ", ".join(f"{name} {value}" for name, value in results.machine.items())
    console.print(f"Trapline {results.version}, {results.clock} time; {escape(place)}", style="dim", highlight=False)


def new_table(title: str) -> Table:
    """A table of the kind that is printed here."""
    return Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)


def _table(results: Results, arch: str) -> Table:
    """A row a kernel; rates are in millions of guest instructions a second."""
    measured = {one.peer for one in results.measurements if one.arch == arch}
    shown = [peer for peer in _RATES if peer in measured]
    table = new_table(f"{arch}: millions of guest instructions a second, median ± median deviation")
    table.add_column("kernel")
    table.add_column("form")
    table.add_column("length", justify="right")
    for peer in shown:
        table.add_column(_RATES[peer], justify="right", no_wrap=True)
    table.add_column("× QEMU", justify="right")
    table.add_column("÷ C", justify="right")
    for kind in Kind:
        kernels = [kernel for kernel in results.kernels(arch, kind.value) if kernel != STEPS]
        for kernel in kernels:
            table.add_row(*_cells(results, arch, kernel, shown))
        if kernels and kind is Kind.COMPUTE:
            _mean_row(results, arch, table, shown)
    return table


def _cells(results: Results, arch: str, kernel: str, shown: Sequence[str]) -> Iterator[str]:
    there = [one for peer in shown if (one := results.find(arch, kernel, peer)) is not None]
    yield kernel
    yield there[0].form if there else ""
    yield f"{there[0].instructions:,}" if there and there[0].instructions else ""
    for peer in shown:
        yield _rate(results.find(arch, kernel, peer))
    yield _ratio(results.ratio(arch, kernel, NATIVE, QEMU))
    yield _ratio(results.ratio(arch, kernel, HOST, NATIVE))


def _mean_row(results: Results, arch: str, table: Table, shown: Sequence[str]) -> None:
    compute = Kind.COMPUTE.value
    rates = []
    for peer in shown:
        found = [results.find(arch, kernel, peer) for kernel in results.kernels(arch, compute)]
        known = [rate for one in found if one is not None and (rate := one.instructions_per_second) is not None]
        mean = geometric_mean(known)
        rates.append("" if mean is None else _millions(mean))
    table.add_section()
    table.add_row(
        "geometric mean",
        "",
        "",
        *rates,
        _ratio(geometric_mean(results.ratios(arch, compute, NATIVE, QEMU).values())),
        _ratio(geometric_mean(results.ratios(arch, compute, HOST, NATIVE).values())),
        style="bold",
        end_section=True,
    )


def _events(results: Results, arch: str) -> Table:
    """What the system kernels are about, as events a second."""
    table = new_table(f"{arch}: events a second")
    table.add_column("what")
    table.add_column("on")
    table.add_column("a second", justify="right")
    for one in results.measurements:
        rate = one.events_per_second
        if one.arch == arch and rate is not None:
            table.add_row(_TITLES[one.kernel], one.peer, f"{rate:,.0f}{_spread(one)}")
    return table


def _target_table(targets: Sequence[Outcome]) -> Table:
    table = new_table("targets")
    table.add_column("")
    table.add_column("arch")
    table.add_column("what")
    table.add_column("wanted", justify="right")
    table.add_column("measured", justify="right")
    table.add_column("")
    for one in targets:
        mark = {True: "[green]✓[/]", False: "[red]✗[/]", None: "?"}[one.met]
        relation = "≤" if one.at_most else "≥"
        measured = "not measured" if one.value is None else _with_unit(one.value, one.unit)
        table.add_row(mark, one.arch, one.title, f"{relation} {_with_unit(one.wanted, one.unit)}", measured, one.detail)
    return table


def _with_unit(value: float, unit: str) -> str:
    return f"{value:.2f} ×" if unit == "x" else f"{value:,.0f}"


def _rate(one: Measurement | None) -> str:
    rate = None if one is None else one.instructions_per_second
    if one is None or rate is None:
        return ""
    return f"{_millions(rate)}{_spread(one)}"


def _spread(one: Measurement) -> str:
    """Of a single sample there is none."""
    return f" ±{100 * one.time.spread:.0f} %" if len(one.seconds) > 1 else ""


def _millions(rate: float) -> str:
    return f"{rate / 1e6:,.0f}" if rate >= 1e7 else f"{rate / 1e6:.2f}"


def _ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
